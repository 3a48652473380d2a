"""Asks a SavedModel that hears: a digit, or several."""

import os

import tensorflow as tf

from gru_apps.encoding import wav
from gru_apps.serving.answers import rows


def answers(ask, inputs, asked) -> list[dict]:
    """Answers WAV files, a list of paths in bytes."""
    paths = [os.fsdecode(name) for name in inputs]
    clips, rates = zip(*map(wav.read_wav, paths), strict=True)
    longest = max(map(len, clips))
    waveform = tf.stack([tf.pad(clip, [[0, longest - len(clip)]]) for clip in clips])
    heard = rows(ask(waveform=waveform, sample_rate=tf.constant(rates, tf.int32)))
    return [row | {"path": path} for row, path in zip(heard, paths, strict=True)]


def line(answer: dict) -> str:
    """Writes what was heard, its probability, and the path."""
    heard = answer["digits"] if "digits" in answer else answer["digit"]
    return f"{heard}  {answer['probability']:.3f}  {' '.join(answer['path'].split())}"
