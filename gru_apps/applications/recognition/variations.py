"""What should not matter in a spoken number, drawn anew for each that trains.

Each change is one that a person, a room or a device makes. They are made to levels, dB
`(frames, 128)`, as `encoding.augmentation` has them.
"""

import numpy as np

from gru_apps.encoding import augmentation as change
from gru_apps.encoding import noises
from gru_apps.encoding.audio import NUM_MEL, NUM_MFCC

SHARE = 0.15  # of numbers that each of the changes below is made to


def said_anew(clips, generator: np.random.Generator) -> list[np.ndarray]:
    """Says clips `(frames, 13)` anew; returns their levels, `(frames, 128)` each.

    The voice has a vocal tract up to 12 % longer or shorter; each clip is up to a
    quarter faster or slower, and begins between two frames.
    """
    tract, pace = generator.uniform([0.89, 0.88], [1.12, 1.14])
    said = [
        change.at_speed(clip, pace * generator.uniform(0.9, 1.1), start=start)
        for clip, start in zip(clips, generator.uniform(size=len(clips)), strict=True)
    ]
    levels = change.levels_of(np.concatenate(said), tract=tract)
    return np.split(levels, np.cumsum([len(clip) for clip in said[:-1]]))


def heard_elsewhere(levels, generator: np.random.Generator) -> np.ndarray:
    """Changes room, line, background and device of a number, by chance.

    A share of the numbers has an echo, a telephone's band, a hiss of 10 to 40 dB below
    the peak, a hum of mains, or is clipped; any of them may meet. Each has a microphone
    of its own, six dB away in each of twelve coefficients, and is up to 45 dB softer
    and 10 dB louder.
    """
    colour = generator.normal(scale=6, size=NUM_MFCC - 1)
    levels = levels + change.levels_of(np.append(0, colour)[np.newaxis])
    changes = [_with_echo, _by_telephone, _with_hiss, _with_hum, _too_loud]
    for made, each in zip(generator.uniform(size=5) < SHARE, changes, strict=True):
        levels = each(levels, generator) if made else levels
    return levels + np.float32(generator.uniform(-45, 10))


def _with_echo(levels, generator):
    seconds, strength = generator.uniform([0.15, -15], [0.6, 0])
    return change.echo(levels, seconds, strength=strength)


def _by_telephone(levels, generator):
    low, high, slope = generator.uniform([150, 2800, 12], [400, 3800, 36])
    return levels + change.band_pass(low, high, slope=slope)


def _with_hiss(levels, generator):
    peak = levels.mean(axis=1).max()
    noise = hiss(len(levels), generator, peak=peak, below=(10, 40))
    return change.add_powers(levels, noise)


def _with_hum(levels, generator):
    frequency = generator.choice([50.0, 60.0])
    hum = noises.hum(len(levels), generator, frequency=frequency)
    return change.add_noise(levels, hum, generator.uniform(-5, 40))


def _too_loud(levels, generator):
    return change.clipped(levels, generator.uniform(3, 20))


def hiss(
    frames: int, generator: np.random.Generator, *, peak: float, below=(40.0, 90.0)
) -> np.ndarray:
    """Makes a background that sounds even: levels `(frames, 128)`.

    They lie `below` the `peak`, in dB: that much at least and at most, by chance. The
    colour is drawn, too. The power is another in each frame and band.
    """
    colour = generator.normal(scale=[0.0] + [30.0, 15.0, 10.0], size=4)
    colour = change.levels_of(np.pad(colour, [0, NUM_MFCC - 4])[np.newaxis])
    level = np.float32(peak - generator.uniform(*below))
    power = generator.standard_exponential((frames, NUM_MEL), np.float32)
    power = np.maximum(power, np.finfo(np.float32).tiny)  # some are 0
    return 10 * np.log10(power) + (level + colour)
