"""Connected digits: recordings of single ones, joined into spoken numbers.

The corpus holds frames and no sound, so frames are joined as if the sounds had been
played one after another, by the smooth spectrum that thirteen coefficients keep: see
`encoding.augmentation`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gru_apps.applications.recognition.variations import (
    heard_elsewhere,
    hiss,
    said_anew,
)
from gru_apps.encoding import augmentation
from gru_apps.encoding.audio import NUM_MFCC
from gru_apps.encoding.augmentation import FLOOR

Voices = Mapping[int, Sequence[tuple[np.ndarray, int]]]


class Number(NamedTuple):
    """A spoken number: its frames, its digits, and where each of them is heard.

    `mfcc` is float32 `(frames, 13)`, a frame every 25 ms; `digits` are int32
    `(digits,)`, and `bounds`, int32 `(digits, 2)`, the first frame of each and the one
    after its last.
    """

    mfcc: np.ndarray
    digits: np.ndarray
    bounds: np.ndarray


def join(
    clips: Sequence[np.ndarray],
    *,
    gains: Sequence[float],
    pauses: Sequence[int],
    floor: float = FLOOR,
    hiss: np.ndarray | None = None,
) -> np.ndarray:
    """Joins clips `(frames, 13)` into one, float32 `(frames, 13)`.

    `gains` are the changes of level in dB, one for each clip; `pauses` are frames of
    silence, the first before all clips, then one after each: `n` frames between two
    clips stand for `n + 1` steps of 25 ms, as the frames at their ends reach half into
    it. `hiss` is the power spectrum of a background in dB, of a shape that broadcasts
    to `(frames, 128)`. What thirteen coefficients leave out of a spectrum is lost where
    sounds overlap and at the floor, so joining frames comes near to joining sounds,
    and is exact inside of clips that need neither.

    >>> clip = np.zeros((4, 13))
    >>> join([clip, clip], gains=[0.0, -6.0], pauses=[1, 2, 0]).shape
    (11, 13)
    """
    levels = [augmentation.levels_of(clip) for clip in clips]
    levels = _join_levels(levels, gains, pauses, hiss)
    return augmentation.mfcc_of(levels, floor=floor)


def _join_levels(levels, gains, pauses, hiss):
    louder = [clip + np.float32(g) for clip, g in zip(levels, gains, strict=True)]
    levels = augmentation.joined(louder, pauses)
    return levels if hiss is None else augmentation.add_powers(levels, hiss)


def voices_of(recordings: tf.data.Dataset) -> dict[int, list[tuple[np.ndarray, int]]]:
    """Sorts recordings of `spoken_digits` by speaker: `(mfcc, digit)` of each."""
    voices = {}
    for recording in recordings.as_numpy_iterator():
        clips = voices.setdefault(int(recording["speaker"]), [])
        clips.append((recording["mfcc"], int(recording["digit"])))
    return voices


def draw_number(
    voices: Voices, count: int, generator: np.random.Generator, *, varied: bool = False
) -> Number:
    """Draws `count` recordings of one speaker and joins them.

    `voices` hold, for each speaker, recordings `(mfcc, digit)`. Digits differ in level
    (a standard deviation of 4 dB), pauses last up to half a second, and a hiss lies 40
    to 90 dB below the peak. With `varied`, which is for training, the number is also
    changed in all that `variations` says should not matter.
    """
    voice = voices[generator.choice(sorted(voices))]
    drawn = [voice[index] for index in generator.integers(len(voice), size=count)]
    clips = [mfcc for mfcc, _ in drawn]
    if varied:
        levels = said_anew(clips, generator)
    else:
        levels = [augmentation.levels_of(clip) for clip in clips]
    gains = generator.normal(scale=4, size=count)
    pauses = np.floor(20 * generator.uniform(size=count + 1) ** 2).astype(int)
    lengths = np.array([len(clip) for clip in levels])
    ends = pauses[0] + np.cumsum(lengths + pauses[1:]) - pauses[1:]
    floor = generator.uniform(60, 80)
    # the mean level of the loudest frame
    peak = max(clip.mean(axis=1).max() for clip in levels)
    background = hiss(sum(lengths) + sum(pauses), generator, peak=peak)
    levels = _join_levels(levels, gains, pauses, background)
    if varied:
        levels = heard_elsewhere(levels, generator)
    return Number(
        augmentation.mfcc_of(levels, floor=floor),
        np.array([digit for _, digit in drawn], np.int32),
        np.stack([ends - lengths, ends], axis=1).astype(np.int32),
    )


def draw_numbers(voices: Voices, size: int, *, seed: int) -> list[Number]:
    """Draws `size` numbers of three to eight digits, a fixed set for each seed."""
    generator = np.random.default_rng(seed)
    counts = generator.integers(3, 9, size)
    return [draw_number(voices, count, generator) for count in counts]


def examples_of(numbers: Sequence[Number]) -> tf.data.Dataset:
    """Makes examples of numbers, frames and labels as in `fresh_batches`, unbatched."""
    signature = tf.TensorSpec([None, NUM_MFCC]), tf.TensorSpec([None], tf.int32)
    return tf.data.Dataset.from_generator(
        lambda: ((number.mfcc, number.digits + 1) for number in numbers),
        output_signature=signature,
    )


def fresh_batches(
    voices: Voices, batch_size: int, *, steps: int, seed: int, varied: bool = True
) -> tf.data.Dataset:
    """Makes `steps` batches of numbers, varied or not, other ones in each epoch.

    Yields what CTC learns from: frames `(batch, frames, 13)`, padded with frames of
    zeros, and labels, int32 `(batch, digits)`, where digit `d` is `d + 1`, since 0 is
    the blank. All numbers of a batch have as many digits, one to eight; from short ones
    CTC learns soonest. A dataset made anew with the same seed goes through the same
    epochs.
    """

    def batch(batch_seed):
        generator = np.random.default_rng(batch_seed)
        count = generator.integers(1, 9)
        numbers = [
            draw_number(voices, count, generator, varied=varied)
            for _ in range(batch_size)
        ]
        longest = max(len(number.mfcc) for number in numbers)
        missing = [longest - len(number.mfcc) for number in numbers]
        mfcc = [
            np.pad(number.mfcc, [(0, rest), (0, 0)])
            for number, rest in zip(numbers, missing, strict=True)
        ]
        return np.stack(mfcc), np.stack([number.digits + 1 for number in numbers])

    def in_graph(batch_seed):
        mfcc, labels = tf.numpy_function(batch, [batch_seed], [tf.float32, tf.int32])
        shape = [batch_size, None]
        return tf.ensure_shape(mfcc, [*shape, NUM_MFCC]), tf.ensure_shape(labels, shape)

    seeds = tf.data.Dataset.random(seed, rerandomize_each_iteration=True).take(steps)
    return seeds.map(in_graph).prefetch(tf.data.AUTOTUNE)
