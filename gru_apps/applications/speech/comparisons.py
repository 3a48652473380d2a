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


def clips_by_speaker(share: str = "") -> dict[str, dict[str, list]]:
    """Returns pairs of frames and digit by split and speaker.

    Splits are those of takes: "test", 0 to 4, "validation", 5 to 9, and "train", the
    others. `share` cuts them, "[:15%]" for one.
    """
    import tensorflow_datasets as tfds

    builder = tfds.builder("spoken_digits/takes")
    names, clips = builder.info.features["speaker"].names, {}
    for split in ["train", "validation", "test"]:
        clips[split] = {name: [] for name in names}
        for clip in tfds.as_numpy(builder.as_dataset(split=split + share)):
            pair = clip["mfcc"], int(clip["digit"])
            clips[split][names[clip["speaker"]]].append(pair)
    return clips


def without_speaker(voices: Mapping, speaker: str) -> dict[str, list]:
    """Returns pairs for a model that never hears one speaker, of `clips_by_speaker`.

    "train" and "validation" are of the others, "known" is their test takes, and
    "unknown" all clips of the speaker.
    """
    others = {
        split: [pair for name in by_name if name != speaker for pair in by_name[name]]
        for split, by_name in voices.items()
    }
    unknown = [pair for by_name in voices.values() for pair in by_name[speaker]]
    others["known"] = others.pop("test")
    return others | {"unknown": unknown}


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


def metrics(
    accuracies: Mapping[str, float], baselines: Mapping[str, float], unknown: Mapping
) -> dict:
    """Names the figures as the manifest does.

    `accuracies` are those of the model by condition, `baselines` those of others on the
    clips as they are, and `unknown` are accuracies by speaker.
    """
    return {
        "test_accuracy": accuracies["as it is"],
        "test_accuracy_by_condition": dict(accuracies),
        "test_accuracy_trained_on_clips_as_they_are": baselines["GRU"],
        "test_accuracy_baseline_trivial": baselines["most frequent digit"],
        "test_accuracy_baseline_svm": baselines["SVM on ten pieces"],
        "held_out_speaker_accuracy": float(np.mean(list(unknown.values()))),
        "held_out_speakers": dict(unknown),
    }
