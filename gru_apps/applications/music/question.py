"""Asks the SavedModel to compose: alone, on from a MIDI file, or around its voices."""

import errno
import os

import numpy as np
import tensorflow as tf

from gru_apps.applications.music import keys, midi, scores, synthesizer
from gru_apps.encoding import sound_files

SAMPLE_RATE = 22050  # Hz, of what is sung
TEMPO = 80  # quarter notes a minute, where no file has another
CANDIDATES = 16  # pieces that are composed side by side, of which one is kept
LEFT_OUT = "none"  # in the place of a voice: that part of the file


def answers(ask, inputs, asked) -> list[dict]:
    """Composes once, as the options have it, and writes the file of `--out`."""
    for name in ("harmonize", "voices", "primer", "out"):
        if getattr(asked, name) == "":  # as of a variable of the shell that is not set
            raise ValueError(f"--{name} must not be empty.")
    if asked.out is not None:
        _check(asked.out, [asked.primer, asked.harmonize])
    drawing = {
        "key": keys.UNKNOWN if asked.key is None else keys.key_from_name(asked.key),
        "candidates": CANDIDATES,
        "temperature": 1.0 if asked.temperature is None else asked.temperature,
        "seed": asked.seed or 0,
    }
    compose = _harmonized if asked.harmonize is not None else _composed
    score, key, tempo = compose(ask, asked, drawing)
    if asked.out is not None:
        _write(asked.out, score, tempo)
    lists = zip(("pitches", "starts"), (part.tolist() for part in score), strict=True)
    answer = dict(lists) | {"key": keys.key_name(key)}
    return [answer | ({} if asked.out is None else {"out": asked.out})]


def _composed(ask, asked, drawing):
    if asked.voices is not None:
        raise ValueError("--voices are those of a file: name it by --harmonize.")
    before = [np.zeros([0, 4], "int32"), np.zeros([0, 4], bool)]
    tempo = TEMPO
    if asked.primer is not None:
        *before, tempo = midi.read_song(asked.primer)
    drawing["primer"] = scores.cells_from_score(*before)[None]
    drawing["steps"] = 128 if asked.steps is None else asked.steps
    after, key = _asked(ask, drawing, asked)
    score = [np.concatenate(parts) for parts in zip(before, after, strict=True)]
    return score, key, tempo


def _harmonized(ask, asked, drawing):
    for name in ("primer", "steps"):
        if getattr(asked, name) is not None:
            raise ValueError(f"--harmonize and --{name} do not go together.")
    signatures = getattr(getattr(ask, "loaded", None), "signatures", {})
    if "harmonize" not in signatures:
        raise ValueError(f"{asked.model} cannot harmonize.")
    pitches, starts, tempo = midi.read_song(asked.harmonize, of_any_number=True)
    cells = np.full([len(pitches), len(scores.VOICES)], scores.PAD, "int32")
    parts = scores.cells_from_score(pitches, starts).numpy()
    voices = _voices(asked, parts.shape[1])
    for voice, part in zip(voices, parts.T, strict=True):
        if voice != LEFT_OUT:
            cells[:, scores.VOICES.index(voice)] = part
    drawing["voices"] = cells[None]
    drawing["fermata"] = np.zeros([1, len(cells)], bool)
    return *_asked(signatures["harmonize"], drawing, asked), tempo


def _voices(asked, number):
    """Returns which voice each part of a file is; one alone is the soprano."""
    voices = (asked.voices or scores.VOICES[0]).replace(" ", "").lower().split(",")
    if number == 0:
        raise ValueError(f"{asked.harmonize} has no note, drums left out.")
    if len(voices) != number:
        words = "1 part. Name its voice, as in --voices bass."
        if number > 1:
            words = (
                f"{number} parts. Name the voice of each, or {LEFT_OUT} to leave it "
                f"out, as in --voices soprano,{LEFT_OUT},bass."
            )
        received = "" if asked.voices is None else f" Received: {asked.voices}"
        raise ValueError(f"{asked.harmonize} has {words}{received}")
    known = [voice for voice in voices if voice != LEFT_OUT]
    if not known or len({*known}) < len(known) or not {*known} <= {*scores.VOICES}:
        raise ValueError(
            f"--voices must be different ones of {', '.join(scores.VOICES)}, and "
            f"{LEFT_OUT} for a part to leave out. Received: {asked.voices}"
        )
    return voices


def _asked(ask, inputs, asked):
    """Returns pitches, starts and the key; a model that knows no keys has none."""
    takes = ask.structured_input_signature[1]
    if asked.key is not None and "key" not in takes:
        raise ValueError(f"{asked.model} takes no --key.")
    answer = ask(
        **{name: tf.constant(inputs[name], takes[name].dtype) for name in takes}
    )
    key = int(answer["key"][0]) if "key" in answer else keys.UNKNOWN
    return [answer[name][0].numpy() for name in ("pitches", "starts")], key


def _check(path, read):
    """Refuses a file that could not be written, before the music takes its time.

    And one that is `read`, whose voices would be lost.
    """
    if not path.lower().endswith((".mid", ".wav")):
        raise ValueError(f"--out must end in .mid or .wav. Received: {path}")
    if not os.path.isdir(folder := os.path.dirname(path) or "."):
        raise FileNotFoundError(errno.ENOENT, "No such folder", folder)
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, "It is a folder", path)
    if not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise PermissionError(errno.EACCES, "It cannot be written", path)
    for other in filter(None, read):
        both = os.path.exists(path) and os.path.exists(other)
        if both and os.path.samefile(path, other):
            raise ValueError(
                f"--out must be another file than is read. Received: {path}"
            )


def _write(path, score, tempo):
    if path.lower().endswith(".mid"):
        return midi.write_midi(path, *score, tempo=tempo)
    waveform = synthesizer.synthesize(*score, tempo=tempo, sample_rate=SAMPLE_RATE)
    return sound_files.write_wav(path, waveform, SAMPLE_RATE)


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
