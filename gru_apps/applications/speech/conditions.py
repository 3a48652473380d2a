"""Everyday conditions, each the same for every clip: what a model is tested under.

A condition maps frames `(frames, 13)` and a generator of chance to frames. What trains
draws from a wider range, in `variations`; here each has a name and a number.
"""

from collections.abc import Callable, Sequence

import numpy as np

from gru_apps.applications.speech import variations
from gru_apps.encoding import augmentation

HALF_A_SECOND = 20  # frames

Condition = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def within_a_room(
    mfcc, generator, *, ratio: float = 40.0, around: int = HALF_A_SECOND, gain=0.0
) -> np.ndarray:
    """Puts a clip into white noise, `ratio` dB below it, that begins and ends with it.

    `around` are frames before and after; `gain` changes the level of all, in dB.
    """
    levels = augmentation.levels_of(mfcc)
    noise = augmentation.loudness(levels) + augmentation.PEAKS - ratio
    if around:
        levels = augmentation.joined([levels], [around, around])
    noise = augmentation.white_noise(len(levels), generator) + np.float32(noise)
    return augmentation.mfcc_of(augmentation.add_powers(levels, noise) + gain)


def with_hum(mfcc, generator, *, ratio: float = 20.0) -> np.ndarray:
    """Adds the hum of 50 Hz mains, `ratio` dB below the clip."""
    levels = augmentation.levels_of(mfcc)
    hum = augmentation.hum(len(levels), generator)
    return augmentation.mfcc_of(augmentation.add_noise(levels, hum, ratio))


def by_telephone(mfcc, generator) -> np.ndarray:
    """Lets through what a telephone does, 300 to 3400 Hz."""
    levels = augmentation.levels_of(mfcc) + augmentation.band_pass(300, 3400)
    return augmentation.mfcc_of(levels)


def too_loud(mfcc, generator, *, decibels: float = 12.0) -> np.ndarray:
    """Records too loud, so that the highest samples are cut off."""
    levels = augmentation.clipped(augmentation.levels_of(mfcc), decibels)
    return augmentation.mfcc_of(levels)


def in_a_hall(mfcc, generator, *, seconds: float = 0.5) -> np.ndarray:
    """Adds an echo as strong as the voice, and the time in which it dies away."""
    levels = augmentation.levels_of(mfcc)
    levels = augmentation.joined([levels], [0, HALF_A_SECOND])
    return augmentation.mfcc_of(augmentation.echo(levels, seconds))


CONDITIONS: dict[str, Condition] = {
    "as it is": lambda mfcc, generator: mfcc,
    "20 dB quieter": lambda m, g: m - 20 * np.eye(1, 13, dtype="float32") * 128**0.5,
    "hiss around, 50 dB below": lambda m, g: within_a_room(m, g, ratio=50),
    "hiss around, 40 dB below": lambda m, g: within_a_room(m, g, ratio=40),
    "the same, 20 dB quieter": lambda m, g: within_a_room(m, g, gain=-20),
    "hiss around, 30 dB below": lambda m, g: within_a_room(m, g, ratio=30),
    "white noise, 20 dB below": lambda m, g: within_a_room(m, g, ratio=20, around=0),
    "white noise, 10 dB below": lambda m, g: within_a_room(m, g, ratio=10, around=0),
    "hum of mains, 20 dB below": with_hum,
    "clipped by 12 dB": too_loud,
    "by telephone": by_telephone,
    "in a hall": in_a_hall,
}


def noises(number: int, *, seed: int = 0) -> list[np.ndarray]:
    """Draws clips in which nobody speaks: hiss, hum, tones, knocks and rustling."""
    generator = np.random.default_rng(seed)
    return [variations.draw_nothing(generator) for _ in range(number)]


def pairs(clips: Sequence[np.ndarray], number: int, *, seed: int = 0) -> list:
    """Joins two clips in a room, 0.1 to 0.5 seconds apart: more than one digit."""
    generator = np.random.default_rng(seed)
    made = []
    for _ in range(number):
        two = [clips[n] for n in generator.integers(len(clips), size=2)]
        levels = [augmentation.levels_of(mfcc) for mfcc in two]
        joined = augmentation.joined(levels, [10, generator.integers(4, 20), 10])
        made.append(within_a_room(augmentation.mfcc_of(joined), generator, around=0))
    return made
