"""Baselines learn from training clips, and intervals behave as intervals do."""

import numpy as np
import pytest

from gru_apps.applications.speech import comparisons


def _clips(number, seed):
    """Clips of digits 0 and 1: one grows louder, the other grows quieter."""
    generator = np.random.default_rng(seed)
    clips = []
    for index in range(number):
        digit, frames = index % 2, generator.integers(3, 30)
        slope = np.linspace(-1, 1, frames) * (1 if digit else -1)
        noise = generator.normal(scale=0.1, size=(frames, 13))
        clips.append(((slope[:, np.newaxis] + noise).astype("float32"), digit))
    return clips


def test_the_most_frequent_digit_is_that_of_training():
    train = [(np.ones((2, 13)), digit) for digit in [3, 7, 7]]
    test = [(np.ones((2, 13)), digit) for digit in [3, 3, 3, 7]]
    assert comparisons.most_frequent(train, test).tolist() == [7] * 4


def test_the_svm_tells_clips_apart_by_the_order_of_their_frames():
    test = _clips(20, seed=1)
    answers = comparisons.svm_on_pieces(_clips(60, seed=0), test)
    assert answers.tolist() == [digit for _, digit in test]


@pytest.mark.parametrize("frames", [1, 3, 10, 25])
def test_pieces_hold_the_means_of_tenths_of_any_clip(frames):
    mfcc = np.repeat(np.arange(frames, dtype="float32")[:, np.newaxis], 13, axis=1)
    pieces = comparisons.mean_pieces(mfcc).reshape(10, 13)
    assert (pieces == pieces[:, :1]).all()
    assert (np.diff(pieces[:, 0]) >= 0).all()
    assert pieces[0, 0] >= 0 and pieces[-1, 0] <= frames - 1


def test_an_interval_holds_its_share_and_narrows_with_more_clips():
    for share in [0.0, 0.1, 0.5, 0.997, 1.0]:
        value, low, high = comparisons.interval(share, 300)
        assert value == share and -1e-9 < low < share + 1e-9 < high + 2e-9 < 1 + 1e-6
        _, narrow, wide = comparisons.interval(share, 3000)
        assert wide - narrow < high - low


def test_the_unknown_speaker_is_averaged_in_the_metrics():
    baselines = {"GRU": 0.8, "most frequent digit": 0.1, "SVM on ten pieces": 0.7}
    accuracies, unknown = {"as it is": 0.9, "in a hall": 0.6}, {"ada": 0.25, "bo": 0.75}
    metrics = comparisons.metrics(accuracies, baselines, unknown)
    assert metrics["held_out_speaker_accuracy"] == 0.5
    assert metrics["test_accuracy"] == 0.9


def test_a_speaker_who_is_left_out_is_in_the_test_of_unknown_voices_alone():
    voices = {
        split: {name: [f"{split} {name}"] for name in ["ada", "bo", "cy"]}
        for split in ["train", "validation", "test"]
    }
    parts = comparisons.without_speaker(voices, "bo")
    assert parts["train"] == ["train ada", "train cy"]
    assert parts["validation"] == ["validation ada", "validation cy"]
    assert parts["known"] == ["test ada", "test cy"]
    assert parts["unknown"] == ["train bo", "validation bo", "test bo"]
    assert len(parts) == 4


@pytest.mark.corpus
def test_each_speaker_has_as_many_clips_in_each_split():
    voices = comparisons.clips_by_speaker()
    sizes = {name: {len(v) for v in part.values()} for name, part in voices.items()}
    assert sizes == {"train": {400}, "validation": {50}, "test": {50}}
