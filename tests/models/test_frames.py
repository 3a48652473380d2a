"""Classifiers of frames: pooling, masks as an input, plain answers, scales."""

import keras
import numpy as np
import pytest

from gru_apps import models
from gru_apps.models import differences

FRAMES = np.random.default_rng(0).normal(2, 3, (3, 6, 4)).astype("float32")


@pytest.mark.parametrize("before", [None, 0, [0, 2, 3, 0.5]])
@pytest.mark.parametrize("pooling", [False, True])
def test_a_streaming_step_comes_to_the_answer_of_the_whole(pooling, before):
    differences = {"differences": before is not None}
    model = models.build_feature_classifier(
        4, 3, units=5, pooling=pooling, **differences
    )
    typical = {} if before is None else {"before": before}
    model.get_layer("normalization").adapt(FRAMES, **typical)
    step = models.build_streaming_step(model)
    size = step.output["state"].shape[1]
    state = np.zeros((3, size), "float32")
    for t in range(6):
        answer = step({"features": FRAMES[:, t], "state": state})
        state = answer["state"].numpy()
        whole = model(FRAMES[:, : t + 1])
        np.testing.assert_allclose(answer["logits"], whole, atol=1e-5)


def test_a_step_that_was_built_before_its_classifier_adapted_follows_it():
    model = models.build_feature_classifier(4, 3, units=5, differences=True)
    step = models.build_streaming_step(model)
    model.get_layer("normalization").adapt(FRAMES, before=3)
    state = np.zeros((3, step.output["state"].shape[1]), "float32")
    answer = step({"features": FRAMES[:, 0], "state": state})
    np.testing.assert_allclose(answer["logits"], model(FRAMES[:, :1]), atol=1e-5)


def test_with_differences_it_does_not_matter_what_is_added_to_all_frames():
    model = models.build_feature_classifier(4, 3, units=5, differences=True)
    model.get_layer("normalization").adapt(FRAMES)
    padded = np.pad(FRAMES, [(0, 0), (0, 2), (0, 0)])
    moved = np.pad(FRAMES + [40, -3, 0.5, 7], [(0, 0), (0, 2), (0, 0)])
    np.testing.assert_allclose(model(padded), model(moved), atol=1e-4)
    plain = models.build_feature_classifier(4, 3, units=5)
    assert np.abs(plain(padded) - plain(moved)).max() > 1e-3


def test_differences_are_those_from_the_mean_so_far_and_from_the_last_frame():
    layer, mask = models.FrameDifferences(), np.ones((3, 6), bool)
    layer.adapt(list(FRAMES))
    mean = FRAMES.cumsum(axis=1) / np.arange(1, 7)[:, None]
    change = np.diff(FRAMES, axis=1, prepend=FRAMES[:, :1])
    both = np.concatenate([FRAMES - mean, change], axis=-1)
    expected = (both - both.mean(axis=(0, 1))) / both.std(axis=(0, 1))
    np.testing.assert_allclose(layer(FRAMES, mask), expected, atol=1e-4)
    padded = models.FrameDifferences()
    padded.adapt(np.pad(FRAMES, [(0, 0), (0, 5), (0, 0)]))
    for found, wanted in zip(padded.get_weights(), layer.get_weights(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_typical_frames_before_the_first_count_in_the_mean():
    layer, before = models.FrameDifferences(), np.array([0, 1, 2.5, 6], "float32")
    layer.adapt(list(FRAMES), before=before)
    typical = FRAMES.mean(axis=(0, 1))
    numbers = np.arange(1, 7)[:, None] + before
    mean = (FRAMES.cumsum(axis=1) + before * typical) / numbers
    change = np.diff(FRAMES, axis=1, prepend=FRAMES[:, :1])
    both = np.concatenate([FRAMES - mean, change], axis=-1)
    expected = (both - both.mean(axis=(0, 1))) / both.std(axis=(0, 1))
    found = layer(FRAMES, np.ones((3, 6), bool))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_is_added_to_a_feature_with_typical_frames_fades():
    layer, mask = models.FrameDifferences(), np.ones((1, 300), bool)
    long = np.random.default_rng(0).normal(size=(1, 300, 2)).astype("float32")
    layer.adapt(long, before=[0, 6])
    moved = np.abs(layer(long + 5, mask) - layer(long, mask))[0]
    assert moved[:, 0].max() < 1e-4
    assert moved[0, 1] > 1 and moved[-1, 1] < moved[0, 1] / 40


@pytest.mark.parametrize("before", [-1, [1, 2], np.nan, [[1, 2, 3, 4]]])
def test_what_no_number_of_frames_is_is_refused(before):
    layer = models.FrameDifferences()
    with pytest.raises(ValueError, match="`before` must be"):
        layer.adapt(FRAMES, before=before)
    with pytest.raises(ValueError, match="must have frames"):
        layer.adapt([])


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


def test_a_model_of_differences_is_saved_with_its_scale(tmp_path):
    model = models.build_feature_classifier(4, 3, units=5, differences=True)
    model.get_layer("normalization").adapt(FRAMES, before=3)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(FRAMES), model(FRAMES), atol=1e-6)
    loaded.get_layer("normalization").adapt(FRAMES * 3)
    assert np.abs(loaded(FRAMES) - model(FRAMES)).max() > 1e-4


@pytest.mark.parametrize("dtype", ["uint8", "bool", "int16"])
def test_differences_of_whole_numbers_do_not_wrap(dtype):
    clip = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    layers = [differences.FrameDifferences() for _ in range(2)]
    for layer, kind in zip(layers, [dtype, "float32"], strict=True):
        layer.adapt([clip.astype(kind)])
    found = [keras.ops.convert_to_numpy(layer.scale.variance) for layer in layers]
    np.testing.assert_allclose(*found)
