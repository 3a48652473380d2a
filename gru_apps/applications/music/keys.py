"""The key of a piece: from its notes, from its name, and back.

A key is a number: 0 to 11 for C major to B major, 12 to 23 for C minor to B minor, and
-1 where it is not known.
"""

import re

import numpy as np
import tensorflow as tf

OCTAVE = 12
NUM_KEYS = 24
UNKNOWN = -1
LAST_NOTE = 0.3  # what an end on the tonic counts, in units of correlation
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ACCIDENTALS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
NAME = r"([A-Ga-g])[ -]?(#|♯|b|♭|(?i:sharp|flat))?[ -]?((?i:major|minor)|m)?"

# how well each note of the octave fits a key, by ear, from its tonic upwards
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def _profiles():
    """Returns the fits of 12 notes to 24 keys, each with mean 0 and length 1."""
    turns = [np.roll(mode, tonic) for mode in (MAJOR, MINOR) for tonic in range(OCTAVE)]
    profiles = np.stack(turns) - np.mean(turns, axis=1, keepdims=True)
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True)
    return profiles.astype("float32")


def key_of(pitches, *, is_whole: bool = True) -> tf.Tensor:
    """Returns the int32 key `(batch,)` of pieces `(batch, steps, 4)`.

    `pitches` are MIDI numbers, and 0 where nothing sounds or is known. The key is the
    one whose profile correlates best with the time that each note of the octave
    sounds. A piece that `is_whole` is likely to end on its tonic, in the bass, or else
    in the soprano: that counts as 0.3 of correlation. Where nothing sounds, it is -1.

    Reference: Krumhansl, Cognitive Foundations of Musical Pitch, 1990, chapter 4; the
    profiles are those of Krumhansl and Kessler, 1982, doi:10.1037/0033-295X.89.4.334.

    >>> key_of([[[72, 67, 64, 48], [74, 71, 65, 43], [72, 67, 64, 48]]]).numpy()
    array([0], dtype=int32)
    """
    pitches = tf.cast(pitches, tf.int32)
    notes = tf.where(pitches > 0, pitches % OCTAVE, -1)  # no row of -1
    times = tf.reduce_sum(tf.one_hot(notes, OCTAVE), axis=[1, 2])
    times -= tf.reduce_mean(times, axis=1, keepdims=True)
    fits = tf.math.l2_normalize(times, axis=1) @ _profiles().T
    if is_whole:
        soprano, bass = _last_pitch(pitches[:, :, 0]), _last_pitch(pitches[:, :, 3])
        last = tf.where(bass > 0, bass, soprano)
        ends = tf.one_hot(tf.where(last > 0, last % OCTAVE, -1), OCTAVE)
        fits += LAST_NOTE * tf.concat([ends, ends], axis=1)
    keys = tf.argmax(fits, axis=1, output_type=tf.int32)
    return tf.where(tf.reduce_any(pitches > 0, axis=[1, 2]), keys, UNKNOWN)


def _last_pitch(pitches):
    """Returns the last pitch that sounds in a voice `(batch, steps)`, or 0."""
    places = 128 * tf.range(tf.shape(pitches)[1])
    return tf.reduce_max(tf.where(pitches > 0, places + pitches, 0), axis=1) % 128


def key_name(key: int) -> str:
    """Names a key; -1 is "unknown".

    >>> key_name(19)
    'G minor'
    """
    if key == UNKNOWN:
        return "unknown"
    return f"{TONICS[key % OCTAVE]} {'minor' if key >= OCTAVE else 'major'}"


def key_from_name(name: str) -> int:
    """Returns the key of that name; one without a mode is major.

    Raises `ValueError` for a name that is none.

    >>> key_from_name("B flat"), key_from_name("g minor"), key_from_name("F#m")
    (10, 19, 18)
    """
    parts = re.fullmatch(NAME, name.strip())
    if not parts:
        raise ValueError(
            f"A key is called as in C, F# minor or B flat major. Received: key={name!r}"
        )
    letter, accidental, mode = ((part or "").lower() for part in parts.groups())
    tonic = (LETTERS[letter.upper()] + ACCIDENTALS.get(accidental, 0)) % OCTAVE
    return tonic + OCTAVE * (mode in ("m", "minor"))


def transpose_key(key, semitones: int):
    """Moves keys, numbers or arrays of them, and leaves -1.

    >>> transpose_key(19, 6)  # G minor
    13
    """
    moved = (key + semitones) % OCTAVE + key // OCTAVE * OCTAVE
    return np.where(key < 0, key, moved) if np.ndim(key) else moved if key >= 0 else key
