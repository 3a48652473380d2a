"""CTC, against the enumeration of all paths over a small alphabet.

Each path says labels: repeats are merged, then blanks are left out.
"""

import itertools
from functools import partial

import numpy as np
import pytest
import tensorflow as tf

from gru_apps import models
from gru_apps.cli.exporting.asking import labels as asking_labels
from gru_apps.decoding.ctc import (
    best_path,
    likeliest_labels,
    likeliest_path,
    prefix_beam_search,
)
from gru_apps.decoding.shortlist import log_softmax
from gru_apps.training import CTC

FRAMES, LABELS = 5, 2


def random_logits(seed, batch=1):
    logits = np.random.default_rng(seed).normal(size=(batch, FRAMES, 1 + LABELS))
    return (2 * logits).astype("float32")


def all_readings(logits):
    """The probability of every sequence of labels, by adding up that of its paths."""
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    readings = {}
    for path in itertools.product(range(logits.shape[-1]), repeat=len(logits)):
        labels = tuple(label for label, _ in itertools.groupby(path) if label)
        likely = np.prod(
            [row[label] for row, label in zip(probabilities, path, strict=True)]
        )
        readings[labels] = readings.get(labels, 0) + likely
    return readings


def certain_blanks(logits, frames):
    """Pads with what `build_frame_classifier` says of padding."""
    labels = np.full([len(logits), frames, LABELS], -1e4)
    blanks = np.concatenate([np.zeros([len(logits), frames, 1]), labels], axis=2)
    return np.concatenate([logits, blanks], axis=1).astype("float32")


def as_tuples(ids):
    return [tuple(int(label) for label in row if label) for row in np.asarray(ids)]


@pytest.mark.parametrize("labels", [(), (1,), (1, 1), (1, 2), (2, 1, 2), (1, 1, 1)])
@pytest.mark.parametrize("padding", [0, 3])
def test_the_loss_is_the_negative_log_probability_of_all_paths(labels, padding):
    logits = random_logits(0)
    targets = [list(labels) + [0] * (4 - len(labels))]
    loss = CTC()(np.array(targets), certain_blanks(logits, padding))
    np.testing.assert_allclose(loss, -np.log(all_readings(logits[0])[labels]), 1e-5)


def by_operations(logits, width, n_best):
    return likeliest_labels(log_softmax(logits), width, n_best)


@pytest.mark.parametrize("search", [prefix_beam_search, by_operations])
@pytest.mark.parametrize("seed", range(8))
def test_a_beam_as_wide_as_the_search_space_finds_the_likeliest_labels(seed, search):
    logits = random_logits(seed)
    readings = all_readings(logits[0])
    best = sorted(readings, key=readings.get, reverse=True)[:3]
    found = search(logits, width=len(readings), n_best=3)
    assert as_tuples(found.ids[0]) == best
    np.testing.assert_allclose(
        np.exp(found.scores[0]), [readings[labels] for labels in best], rtol=1e-4
    )


@pytest.mark.parametrize("seed", range(8))
def test_the_best_path_is_the_likeliest_of_all_paths(seed):
    logits = random_logits(seed)
    found = best_path(logits)
    path = logits[0].argmax(axis=1)
    expected = tuple(label for label, _ in itertools.groupby(path) if label)
    assert as_tuples(found.ids[0]) == [expected]
    likely = np.log(np.exp(logits[0]) / np.exp(logits[0]).sum(-1, keepdims=True))
    np.testing.assert_allclose(found.scores[0], [likely.max(-1).sum()], rtol=1e-4)


def test_a_beam_can_find_what_the_best_path_misses():
    logits = np.log([[[0.6, 0.4], [0.6, 0.4]]]).astype("float32")
    assert as_tuples(best_path(logits).ids[0]) == [()]
    found = prefix_beam_search(logits, width=2)
    assert as_tuples(found.ids[0]) == [(1,)]
    np.testing.assert_allclose(np.exp(found.scores), [[0.64]], rtol=1e-5)


@pytest.mark.parametrize(
    "decode", [best_path, lambda logits: prefix_beam_search(logits, width=9, n_best=2)]
)
def test_a_padded_batch_is_decoded_as_one_clip_at_a_time(decode):
    short, long = random_logits(1)[:, :3], random_logits(2)
    together = decode(
        np.concatenate([certain_blanks(short, 4), certain_blanks(long, 2)])
    )
    for index, alone in enumerate([decode(short), decode(long)]):
        assert as_tuples(together.ids[index]) == as_tuples(alone.ids[0])
        np.testing.assert_allclose(together.scores[index], alone.scores[0], rtol=1e-4)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_padded_batch_has_the_loss_and_the_answers_of_one_clip_at_a_time(
    bidirectional,
):
    model = models.build_frame_classifier(2, 3, units=4, bidirectional=bidirectional)
    clips = [random_logits(seed)[0, :frames, :2] for seed, frames in [(3, 4), (4, 5)]]
    labels = [[2, 2], [3]]
    padded = np.stack([np.pad(clip, [(0, 9 - len(clip)), (0, 0)]) for clip in clips])
    logits = model(padded)
    losses, found = [], prefix_beam_search(logits, width=9, n_best=2)
    for index, (clip, target) in enumerate(zip(clips, labels, strict=True)):
        alone = model(clip[None])
        losses.append(float(CTC()(np.array([target]), alone)))
        expected = prefix_beam_search(alone, width=9, n_best=2)
        assert as_tuples(found.ids[index]) == as_tuples(expected.ids[0])
        np.testing.assert_allclose(found.scores[index], expected.scores[0], rtol=1e-4)
    together = CTC(reduction=None)(np.array([[2, 2], [3, 0]]), logits)
    np.testing.assert_allclose(together, losses, rtol=1e-5)


@pytest.mark.parametrize("shape", [(0, 4, 3), (2, 0, 3)])
def test_nothing_heard_has_no_labels(shape):
    decode = tf.function(lambda logits: prefix_beam_search(logits, width=4, n_best=2))
    for found in [best_path(np.zeros(shape)), decode(tf.zeros(shape))]:
        assert len(found.ids) == shape[0]
        assert as_tuples(found.ids[:, 0]) == [()] * shape[0]
        np.testing.assert_allclose(found.scores[:, 0], 0, atol=1e-6)


@pytest.mark.parametrize("width, n_best", [(2, 3), (9, 4), (4, 0)])
def test_more_answers_than_one_frame_can_give_are_refused(width, n_best):
    with pytest.raises(ValueError, match=f"Received: n_best={n_best}"):
        prefix_beam_search(random_logits(0), width=width, n_best=n_best)


@pytest.mark.parametrize("width", [0, -1, 2.5, True])
def test_a_width_that_is_no_number_of_beginnings_is_refused(width):
    with pytest.raises(ValueError, match=f"Received: width={width}"):
        prefix_beam_search(random_logits(0), width=width)


@pytest.mark.parametrize("shape", [(3, 2), (1, 3, 2, 2), (1, 2, 0)])
def test_logits_of_another_shape_are_refused(shape):
    for decode in [best_path, lambda logits: prefix_beam_search(logits, width=2)]:
        with pytest.raises(ValueError, match="Received: shape="):
            decode(np.zeros(shape))


def test_logits_may_be_lists():
    found = prefix_beam_search([[[0.0, 9.0], [9.0, 0.0]]], width=2)
    assert as_tuples(found.ids[0]) == [(1,)]


@pytest.mark.parametrize("decode", [best_path, partial(prefix_beam_search, width=3)])
@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_logits_without_a_softmax_are_refused(bad, decode):
    logits = np.zeros((2, 3, 4), "float32")
    logits[1, 2, 3] = float(bad)
    with pytest.raises(tf.errors.InvalidArgumentError, match="must have a softmax"):
        decode(logits)


def noisy_logits(frames):
    """Some with blanks as often as a network has them, and some with padding."""
    logits = np.random.default_rng(frames).normal(size=(6, frames, 4))
    logits[:3, :, 0] += 2
    logits[3:, frames // 2 :, 1:] = -1e4
    return logits.astype("float32")


@pytest.mark.parametrize("frames", [1, 12, 30])
def test_operations_of_keras_find_what_the_kernels_find(frames):
    logits = noisy_logits(frames)
    logs = log_softmax(logits)
    wide = {"width": 60, "n_best": 3}
    for found, expected in [
        (likeliest_path(logs), best_path(logits)),
        (likeliest_labels(logs, **wide), prefix_beam_search(logits, **wide)),
    ]:
        possible = expected.scores > -1e3
        np.testing.assert_array_equal(found.scores > -1e3, possible)
        assert as_tuples(found.ids[possible]) == as_tuples(expected.ids[possible])
        np.testing.assert_allclose(
            found.scores[possible], expected.scores[possible], rtol=1e-4
        )


@pytest.mark.parametrize("width", [1, 2, 4, 8])
@pytest.mark.parametrize("frames", [1, 12, 30])
def test_operations_of_keras_find_what_the_example_in_python_finds(frames, width):
    logits = noisy_logits(frames)
    found = likeliest_labels(log_softmax(logits), width, 1)
    for clip, ids, scores in zip(logits, found.ids, found.scores, strict=True):
        labels, nats = asking_labels.prefix_beam_search(clip.astype("float64"), width)
        assert as_tuples(ids) == [labels]
        np.testing.assert_allclose(scores, [nats], rtol=1e-4)


def test_impossible_labels_are_never_found():
    logs = np.full((1, 3, 3), -np.inf, "float32")
    logs[:, :, 1] = 0
    found = likeliest_labels(tf.constant(logs), 2, 2)
    assert as_tuples(found.ids[0]) == [(1,), ()]
    np.testing.assert_array_equal(found.scores, [[0, -np.inf]])
