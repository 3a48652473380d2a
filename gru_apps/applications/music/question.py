"""Asks the SavedModel to compose, alone or on from a MIDI file."""

import errno
import os

import tensorflow as tf

from gru_apps.applications.music import midi, scores, synthesizer
from gru_apps.encoding import wav

SAMPLE_RATE = 22050  # Hz, of what is sung


def answers(ask, inputs, asked) -> list[dict]:
    """Composes once, as the options have it, and writes the file of `--out`."""
    if asked.out:
        _check(asked.out)
    before = [tf.zeros([0, 4], tf.int32), tf.zeros([0, 4], tf.bool)]
    if asked.primer:
        before = [tf.constant(part) for part in midi.read_midi(asked.primer)]
    after = ask(
        primer=scores.cells_from_score(*before)[None],
        steps=tf.constant(128 if asked.steps is None else asked.steps, tf.int32),
        temperature=tf.constant(
            1.0 if asked.temperature is None else asked.temperature, tf.float32
        ),
        seed=tf.constant(asked.seed or 0, tf.int32),
    )
    after = [after["pitches"][0], after["starts"][0]]
    score = [tf.concat(parts, 0).numpy() for parts in zip(before, after, strict=True)]
    if asked.out:
        _write(asked.out, score)
    lists = zip(("pitches", "starts"), (part.tolist() for part in score), strict=True)
    return [dict(lists) | ({"out": asked.out} if asked.out else {})]


def _check(path):
    """Refuses a file that could not be written, before the music takes its time."""
    if not path.endswith((".mid", ".wav")):
        raise ValueError(f"--out must end in .mid or .wav. Received: {path}")
    if not os.path.isdir(folder := os.path.dirname(path) or "."):
        raise FileNotFoundError(errno.ENOENT, "No such folder", folder)


def _write(path, score):
    if path.endswith(".mid"):
        return midi.write_midi(path, *score)
    waveform = synthesizer.synthesize(*score, sample_rate=SAMPLE_RATE)
    return wav.write_wav(path, waveform, SAMPLE_RATE)


def line(answer: dict) -> str | None:
    """Writes a row for each sixteenth, unless the music went into a file."""
    if "out" in answer:
        return None
    steps = map(_step, answer["pitches"], answer["starts"])
    widths = [max(7, len(voice)) for voice in scores.VOICES]
    rows = [scores.VOICES, *steps]
    return "\n".join(
        "  ".join(
            cell.ljust(width) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )


def _step(pitches, starts):
    """Writes a row of MIDI numbers, `-` for a rest and `.` for what is held."""
    said = zip(pitches, starts, strict=True)
    return [(str(pitch or "-") if start else ".") for pitch, start in said]
