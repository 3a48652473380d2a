"""Connected digits: recordings of single ones, joined into spoken numbers.

The corpus holds frames and no sound, so frames are joined as if the sounds had been
played one after another. Thirteen coefficients make a smooth spectrum again; there a
level is an addition, a hiss adds its power, and silence lies at a floor.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

NUM_MEL = 128
NUM_MFCC = 13
SILENCE = -100.0  # dB; what `audio.mfcc` makes of a sample of 0, before the floor
FLOOR = 70.0  # dB; it is 80 below the peak, and the peak some 10 above the smooth one
HALF = 10 * np.log10(0.5)  # dB; half of the frame at an end of a clip is silence

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
    basis = _cosines()  # single precision throughout: it is most of the time
    parts = [np.full((pauses[0], NUM_MEL), SILENCE, np.float32)]
    for clip, gain, pause in zip(clips, gains, pauses[1:], strict=True):
        levels = clip @ basis + np.float32(gain)
        levels[[0, -1]] += HALF
        parts += [levels, np.full((pause, NUM_MEL), SILENCE, np.float32)]
    levels = np.concatenate(parts)
    if hiss is not None:
        levels = 10 * np.log10(10 ** (levels / 10) + 10 ** (hiss / 10))
    levels = np.maximum(levels, levels.max() - floor)
    return (levels @ basis.T).astype(np.float32)


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
    to 90 dB below the peak. With `varied`, which is for training, each recording is
    also played up to a quarter faster or slower, from between two frames on,
    and the number heard at another level and through another microphone.
    """
    voice = voices[generator.choice(sorted(voices))]
    drawn = [voice[index] for index in generator.integers(len(voice), size=count)]
    clips = [mfcc for mfcc, _ in drawn]
    if varied:
        clips = [_at_another_speed(clip, generator) for clip in clips]
        spread = np.array([60.0] + [6.0] * (NUM_MFCC - 1))  # 60 of the first: 5 dB
        colour = spread * generator.normal(size=NUM_MFCC)
        clips = [clip + colour for clip in clips]
    gains = generator.normal(scale=4, size=count)
    pauses = np.floor(20 * generator.uniform(size=count + 1) ** 2).astype(int)
    lengths = np.array([len(clip) for clip in clips])
    ends = pauses[0] + np.cumsum(lengths + pauses[1:]) - pauses[1:]
    floor = generator.uniform(60, 80)
    peak = max(clip[:, 0].max() for clip in clips) / NUM_MEL**0.5
    hiss = _hiss(peak, lengths.sum() + pauses.sum(), generator)
    return Number(
        join(clips, gains=gains, pauses=pauses, floor=floor, hiss=hiss),
        np.array([digit for _, digit in drawn], np.int32),
        np.stack([ends - lengths, ends], axis=1).astype(np.int32),
    )


def draw_numbers(
    voices: Voices, size: int, *, seed: int, digits: tuple[int, int] = (3, 8)
) -> list[Number]:
    """Draws `size` numbers of a fixed set, of `digits` at least and at most."""
    generator = np.random.default_rng(seed)
    counts = generator.integers(digits[0], digits[1] + 1, size)
    return [draw_number(voices, count, generator) for count in counts]


def examples_of(numbers: Sequence[Number]) -> tf.data.Dataset:
    """Makes examples of numbers, frames and labels as in `fresh_batches`, unbatched."""
    signature = tf.TensorSpec([None, NUM_MFCC]), tf.TensorSpec([None], tf.int32)
    return tf.data.Dataset.from_generator(
        lambda: ((number.mfcc, number.digits + 1) for number in numbers),
        output_signature=signature,
    )


def fresh_batches(
    voices: Voices,
    batch_size: int,
    *,
    steps: int,
    seed: int,
    digits: tuple[int, int] = (1, 8),
) -> tf.data.Dataset:
    """Makes `steps` batches of varied numbers, other ones in each epoch.

    Yields what CTC learns from: frames `(batch, frames, 13)`, padded with frames of
    zeros, and labels, int32 `(batch, digits)`, where digit `d` is `d + 1`, since 0 is
    the blank. All numbers of a batch have as many digits; from short ones CTC learns
    soonest. A dataset made anew with the same seed goes through the same epochs.
    """

    def batch(batch_seed):
        generator = np.random.default_rng(batch_seed)
        count = generator.integers(digits[0], digits[1] + 1)
        numbers = [
            draw_number(voices, count, generator, varied=True)
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


def _cosines():
    """The first rows of the orthonormal DCT-II, `(13, 128)`."""
    places = np.pi / NUM_MEL * (np.arange(NUM_MEL) + 0.5)
    rows = np.cos(np.arange(NUM_MFCC)[:, np.newaxis] * places)
    rows *= np.sqrt(2 / NUM_MEL)
    rows[0] /= np.sqrt(2)
    return rows.astype(np.float32)


def _at_another_speed(mfcc, generator):
    speed = generator.uniform(0.8, 1.25)
    places = np.arange(generator.uniform(), len(mfcc) - 1, speed)
    below = places.astype(int)
    share = (places - below)[:, np.newaxis]
    return (1 - share) * mfcc[below] + share * mfcc[below + 1]


def _hiss(peak, frames, generator):
    """A background that sounds even, its power in each band another in each frame."""
    colour = generator.normal(scale=[0.0] + [30.0, 15.0, 10.0], size=4) @ _cosines()[:4]
    level = peak - generator.uniform(40, 90)
    power = generator.standard_exponential((frames, NUM_MEL), np.float32)
    power = np.maximum(power, np.finfo(np.float32).tiny)  # some are 0
    return 10 * np.log10(power) + np.float32(level + colour)
