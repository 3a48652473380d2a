"""Recognizers without a GRU, and how many digits any recognizer gets wrong."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers, ops

from gru_apps.applications.recognition.connected_digits import Number
from gru_apps.encoding.audio import NUM_MEL, NUM_MFCC
from gru_apps.models.layers import MASKED, FrameNormalization

THRESHOLDS = [20, 25, 30, 35]  # dB
GAPS = [1, 3, 5]  # frames
PLACES = 10  # frames of a piece that the SVM sees


class PauseCutter(NamedTuple):
    """Cuts numbers at their pauses, and asks a support vector machine for each piece.

    A number is cut where its level is `threshold` dB below its peak for longer than
    `gap` frames. `error_rate` is that of the validation numbers.
    """

    threshold: float
    gap: int
    machine: Any
    error_rate: float

    def read(self, numbers: Sequence[Number]) -> list[str]:
        """Returns the digits of each number, with spaces between."""
        return _read(self.machine, numbers, self.threshold, self.gap)


def fit_pause_cutter(
    train: Sequence[Number], validation: Sequence[Number]
) -> PauseCutter:
    """Fits a machine for each of twelve ways to cut, and keeps the best of validation.

    The machine learns from the digits of `train`, cut where they begin and end, which
    nobody tells it of `validation`.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    truths = [" ".join(map(str, number.digits)) for number in validation]
    digits = np.concatenate([number.digits for number in train])
    cutters = []
    for threshold, gap in itertools.product(THRESHOLDS, GAPS):
        pieces = [
            cut_at_pauses(number.mfcc[start:end], threshold, len(number.mfcc))[0]
            for number in train
            for start, end in number.bounds
        ]
        machine = make_pipeline(StandardScaler(), SVC(C=10)).fit(pieces, digits)
        found = _read(machine, validation, threshold, gap)
        rate = count_errors(truths, found).sum() / sum(map(len, map(str.split, truths)))
        cutters.append(PauseCutter(threshold, gap, machine, float(rate)))
    return min(cutters, key=lambda cutter: cutter.error_rate)


def cut_at_pauses(mfcc: np.ndarray, threshold: float, gap: int) -> list[np.ndarray]:
    """Cuts frames `(frames, 13)` where they are quiet for longer than `gap` frames.

    Quiet is `threshold` dB below the loudest frame. Of each piece, ten frames at equal
    distances are joined into one vector `(130,)`.

    >>> level = np.array([0, 300, 300, 0, 0, 300.0])
    >>> mfcc = np.pad(level[:, np.newaxis], [(0, 0), (0, 12)])
    >>> len(cut_at_pauses(mfcc, 20, 1)), len(cut_at_pauses(mfcc, 20, 3))
    (2, 1)
    """
    level = mfcc[:, 0] / NUM_MEL**0.5  # dB
    loud = np.flatnonzero(level > level.max() - threshold)
    breaks = np.flatnonzero(np.diff(loud) > gap) + 1
    pieces = [mfcc[part[0] : part[-1] + 1] for part in np.split(loud, breaks)]
    places = [np.linspace(0, len(piece) - 1, PLACES).round() for piece in pieces]
    return [p[i.astype(int)].ravel() for p, i in zip(pieces, places, strict=True)]


def build_convolution(num_labels: int, *, filters: int = 72) -> keras.Model:
    """Builds five convolutions over frames, for one answer for each frame.

    Each answer depends on ten frames to each side and on nothing further. Inputs and
    outputs are those of `models.build_frame_classifier`: frames `(batch, frames, 13)`
    with frames of zeros for padding, which are certainly blank, and logits `(batch,
    frames, 1 + num_labels)`, the blank's first. `normalization` is to `adapt`.

    >>> build_convolution(10).output_shape
    (None, None, 11)
    """
    features = keras.Input((None, NUM_MFCC), name="features")
    mask = ops.cast(ops.any(features != 0, axis=-1, keepdims=True), "float32")
    x = FrameNormalization(name="normalization")(features)
    for _ in range(5):
        # before each layer padding is zeros again, or it would leak into the clip
        x = layers.Conv1D(filters, 5, padding="same")(x * mask)
        x = layers.ReLU()(layers.LayerNormalization()(x))
    x = layers.Dense(1 + num_labels)(layers.Dropout(0.2)(x))
    labels = ops.where(mask > 0, x[:, :, 1:], MASKED)
    x = ops.concatenate([x[:, :, :1], labels], axis=-1)
    return keras.Model(features, x, name="convolution")


def count_errors(truths: Sequence[str], answers: Sequence[str]) -> np.ndarray:
    """Returns the words that are wrong in each answer, integers `(answers,)`.

    Wrong are substituted, deleted and inserted words, as few as explain the answer.

    >>> count_errors(["3 1 4", "7"], ["3 4", "7 7"])
    array([1, 1])
    """
    import jiwer

    counts = [
        jiwer.process_words(truth, answer)
        for truth, answer in zip(truths, answers, strict=True)
    ]
    return np.array([c.substitutions + c.deletions + c.insertions for c in counts])


def error_interval(
    truths: Sequence[str], answers: Sequence[str], *, seed: int = 0, draws: int = 2000
) -> tuple[float, float, float]:
    """Returns the word error rate, and a 95 % interval: rate, lower and upper end.

    The interval holds for other drawings of texts: as many are drawn with replacement,
    `draws` times, and between its ends lie 95 % of their rates.

    Reference: Bisani and Ney, 2004, doi:10.1109/ICASSP.2004.1326009.
    """
    return _interval(count_errors(truths, answers), truths, seed, draws)


def difference_interval(
    truths: Sequence[str],
    answers: Sequence[str],
    others: Sequence[str],
    *,
    seed: int = 0,
    draws: int = 2000,
) -> tuple[float, float, float]:
    """Returns by how much the error rate of `answers` is above that of `others`.

    Difference, lower and upper end of its 95 % interval, as in `error_interval`. Both
    are asked for the same texts: what is hard in a text is hard for both, so that the
    difference is known better than either rate.
    """
    errors = count_errors(truths, answers) - count_errors(truths, others)
    return _interval(errors, truths, seed, draws)


def metrics(rates: Mapping, changed: Mapping, unknown: Mapping) -> dict:
    """Names the word error rates as the manifest does.

    `rates` are intervals by recognizer, `changed` are those of whispers by condition,
    and `unknown` those of each speaker who was left out.
    """
    recognizers = {
        "": "GRU, both directions, beam",
        "_streaming": "GRU, streaming, beam",
        "_best_path": "GRU, both directions, best path",
        "_convolution": "convolution, beam",
        "_baseline_svm": "cut + SVM",
        "_baseline_trivial": "zeros",
    }
    names = {c: f"word_error_rate_whispers_{c.replace(' ', '_')}" for c in changed}
    return {
        **{f"test_word_error_rate{k}": rates[n][0] for k, n in recognizers.items()},
        **{names[condition]: rate for condition, rate in changed.items()},
        "held_out_word_error_rate": float(np.mean(list(unknown.values()))),
        "held_out_speakers": dict(unknown),
    }


def _read(machine, numbers, threshold, gap):
    pieces = [cut_at_pauses(number.mfcc, threshold, gap) for number in numbers]
    return [" ".join(map(str, machine.predict(piece))) for piece in pieces]


def _interval(errors, truths, seed, draws):
    words = np.array([len(truth.split()) for truth in truths])
    drawn = np.random.default_rng(seed).integers(len(words), size=(draws, len(words)))
    rates = errors[drawn].sum(axis=1) / words[drawn].sum(axis=1)
    low, high = np.quantile(rates, [0.025, 0.975])
    return float(errors.sum() / words.sum()), float(low), float(high)
