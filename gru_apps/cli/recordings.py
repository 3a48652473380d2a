"""Asks a SavedModel that hears: a digit, or several."""

import os

import tensorflow as tf

from gru_apps.cli.questions import in_groups
from gru_apps.encoding import sound_files
from gru_apps.serving.answers import rows

LEAST = 8_000  # samples a second: below, the networks miss what tells words apart
MOST = 4_000_000  # samples that are asked at once, with their padding: 16 MB


def answers(ask, inputs, asked) -> list[dict]:
    """Answers sound files, a list of paths in bytes."""
    paths = [os.fsdecode(name) for name in inputs]
    heard = []
    recordings = map(_read, paths)
    for group in in_groups(recordings, lambda read: len(read[0]), MOST):
        clips, rates = zip(*group, strict=True)
        longest = max(map(len, clips))
        padded = [tf.pad(clip, [[0, longest - len(clip)]]) for clip in clips]
        rates = tf.constant(rates, tf.int32)
        heard += rows(ask(waveform=tf.stack(padded), sample_rate=rates))
    return [row | {"path": path} for row, path in zip(heard, paths, strict=True)]


def _read(path):
    waveform, rate = sound_files.read_sound(path)
    if rate < LEAST:
        raise ValueError(
            f"{path} must have at least {LEAST} samples a second. Received: {rate}"
        )
    return waveform, rate


def line(answer: dict) -> str:
    """Writes what was heard, or why it is no digit, its probability, and the path."""
    heard = answer["digits"] if "digits" in answer else answer["digit"]
    heard = answer.get("reason") or heard
    return f"{heard}  {answer['probability']:.3f}  {' '.join(answer['path'].split())}"
