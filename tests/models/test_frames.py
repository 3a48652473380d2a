"""Classifiers of frames: pooling, masks as an input, plain answers, scales."""

import numpy as np
import pytest

from gru_apps import models

FRAMES = np.random.default_rng(0).normal(2, 3, (3, 6, 4)).astype("float32")


@pytest.mark.parametrize("pooling", [False, True])
def test_a_streaming_step_comes_to_the_answer_of_the_whole(pooling):
    model = models.build_feature_classifier(4, 3, units=5, pooling=pooling)
    step = models.build_streaming_step(model)
    size = step.output["state"].shape[1]
    state = np.zeros((3, size), "float32")
    for t in range(6):
        answer = step({"features": FRAMES[:, t], "state": state})
        state = answer["state"].numpy()
        whole = model(FRAMES[:, : t + 1])
        np.testing.assert_allclose(answer["logits"], whole, atol=1e-5)


@pytest.mark.parametrize("pooling", [False, True])
def test_with_a_mask_as_input_a_frame_of_zeros_counts(pooling):
    model = models.build_feature_classifier(4, 3, pooling=pooling, mask_input=True)
    silent = FRAMES.copy()
    silent[:, 2] = 0
    mask = np.ones((3, 6), bool)
    mask[:, 4:] = False
    whole = model({"features": silent[:, :4], "mask": mask[:, :4]})
    silent[:, 4:] = np.nan  # changes nothing at padding
    padded = model({"features": silent, "mask": mask})
    np.testing.assert_allclose(padded, whole, atol=1e-6)
    without = np.delete(silent[:, :4], 2, axis=1)
    other = model({"features": without, "mask": mask[:, :3]})
    assert np.abs(other - whole).max() > 1e-4


def test_frames_without_a_blank_have_plain_answers_that_are_0_at_padding():
    model = models.build_frame_classifier(4, 7, blank=False, mask_input=True)
    mask = np.array([[True] * 6, [True] * 3 + [False] * 3, [False] * 6])
    answer = model({"features": FRAMES, "mask": mask}).numpy()
    assert answer.shape == (3, 6, 7)
    assert not answer[~mask].any()
    assert answer[mask].any(axis=-1).all()


@pytest.mark.parametrize(
    "data", [list(FRAMES), FRAMES, np.concatenate(FRAMES), iter(FRAMES)]
)
def test_a_scale_is_that_of_all_frames(data):
    layer = models.FrameNormalization()
    layer.adapt(data)
    scaled = np.concatenate(layer(FRAMES))
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-4)


def test_padding_has_no_share_in_a_scale():
    layer, padded = models.FrameNormalization(), models.FrameNormalization()
    layer.adapt(FRAMES[0])
    padded.adapt(np.pad(FRAMES[:1], [(0, 0), (0, 5), (0, 0)]))
    np.testing.assert_allclose(padded(FRAMES), layer(FRAMES), rtol=1e-5)
    masked = models.FrameNormalization()
    masked.adapt(FRAMES, mask=np.array([[True] * 6, [False] * 6, [False] * 6]))
    np.testing.assert_allclose(masked(FRAMES), layer(FRAMES), rtol=1e-5)


@pytest.mark.parametrize("value", [0.0, 0.1, 12345.6])
def test_a_feature_that_never_changed_keeps_its_unit(value):
    layer, frames = models.FrameNormalization(), FRAMES.copy()
    frames[..., 1] = value
    layer.adapt(frames)
    frames[..., 1] += 0.5
    np.testing.assert_allclose(layer(frames)[..., 1], 0.5, atol=1e-2)


@pytest.mark.parametrize(
    "data", [[], np.zeros((2, 3, 4)), np.ones(3), FRAMES * np.nan, [["a"]]]
)
def test_what_gives_no_scale_is_refused(data):
    with pytest.raises(ValueError, match="`data` must"):
        models.FrameNormalization().adapt(data)
