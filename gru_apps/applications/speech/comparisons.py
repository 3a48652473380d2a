"""What a classifier of spoken digits is compared with, and on which voices.

Clips are pairs of MFCC frames, float32 `(frames, 13)`, and a digit.
"""

from collections.abc import Mapping, Sequence

import numpy as np

PIECES = 10


def most_frequent(train: Sequence, test: Sequence) -> np.ndarray:
    """Answers each test clip with the most frequent digit of the training clips.

    Returns integers `(clips,)`; of equally frequent digits it is the smallest.
    """
    digits = np.bincount([digit for _, digit in train])
    return np.full(len(test), digits.argmax())


def svm_on_pieces(train: Sequence, test: Sequence) -> np.ndarray:
    """Answers each test clip by a support vector machine; returns integers `(clips,)`.

    It is given the mean frames of ten equal pieces of each clip, one after the other,
    brought to one scale by the training clips.
    """
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    machine = make_pipeline(StandardScaler(), SVC(C=10))
    machine.fit([mean_pieces(mfcc) for mfcc, _ in train], [digit for _, digit in train])
    return machine.predict([mean_pieces(mfcc) for mfcc, _ in test])


def mean_pieces(mfcc) -> np.ndarray:
    """Returns the mean frame of each tenth of a clip, end to end, `(130,)`.

    A piece of a clip that is shorter than ten frames has at least one frame.
    """
    bounds = np.linspace(0, len(mfcc), PIECES + 1)
    starts, ends = bounds[:-1].astype(int), np.ceil(bounds[1:]).astype(int)
    pairs = zip(starts, ends, strict=True)
    return np.concatenate([mfcc[start:end].mean(axis=0) for start, end in pairs])


def without_speaker(speaker: str, share: str = "") -> dict:
    """Returns datasets of pairs for a model that never hears one speaker.

    "train" and "validation" are of the other five, "known" is their test takes, 0 to 4,
    and "unknown" all clips of the speaker. `share` cuts them, "[:15%]" for one.
    """
    import tensorflow_datasets as tfds

    splits = [name + share for name in ["train", "validation", "test"]]
    others, validation, unknown = tfds.load(f"spoken_digits/{speaker}", split=splits)
    parts = {
        "train": others.filter(lambda clip: clip["take"] >= 5),
        "validation": validation,
        "known": others.filter(lambda clip: clip["take"] < 5),
        "unknown": unknown,
    }
    pair = lambda clip: (clip["mfcc"], clip["digit"])  # noqa: E731
    return {name: part.map(pair) for name, part in parts.items()}


def interval(share: float, number: int) -> tuple[float, float, float]:
    """Returns an accuracy and its 95 % interval, for so many clips.

    Reference: Wilson, 1927, doi:10.1080/01621459.1927.10502953.

    >>> tuple(round(bound, 3) for bound in interval(0.5, 100))
    (0.5, 0.404, 0.596)
    """
    z = 1.96
    centre = (share + z**2 / (2 * number)) / (1 + z**2 / number)
    spread = share * (1 - share) / number + z**2 / (4 * number**2)
    half = z / (1 + z**2 / number) * spread**0.5
    return share, centre - half, centre + half


def metrics(results: Mapping[str, float], unknown: Mapping[str, float]) -> dict:
    """Names the figures as the manifest does; `unknown` are accuracies by speaker."""
    return {
        "test_accuracy": results["GRU, streaming"],
        "test_accuracy_bidirectional": results["GRU, both directions"],
        "test_accuracy_baseline_trivial": results["most frequent digit"],
        "test_accuracy_baseline_svm": results["SVM on ten pieces"],
        "held_out_speaker_accuracy": float(np.mean(list(unknown.values()))),
        "held_out_speakers": dict(unknown),
    }
