"""What should not matter in a recording, as changes of its frames.

Thirteen coefficients are turned back into the smooth spectrum that they keep: levels,
in dB, of 128 mel bands, float32 `(frames, 128)`, a frame every 25 ms. There a louder
recording is an addition, a noise adds its power, a telephone takes bands away, and a
longer vocal tract moves them. What thirteen coefficients leave out is lost, so changing
frames comes near to changing sounds.
"""

import functools

import numpy as np

from gru_apps.encoding.audio import NUM_MEL, NUM_MFCC, SAMPLE_RATE, mel_filters
from gru_apps.encoding.noises import hum, sound_levels, white_noise, window

__all__ = [
    "add_noise",
    "add_powers",
    "at_speed",
    "band_pass",
    "clipped",
    "echo",
    "hum",
    "joined",
    "levels_of",
    "loudness",
    "mfcc_of",
    "random_colour",
    "sound_levels",
    "white_noise",
    "without_bands",
]
SILENCE = -100.0  # dB; what `audio.mfcc` makes of samples of 0, before the floor
FLOOR = 70.0  # dB; it is 80 below the peak, and the peak some 10 above the smooth one
PEAKS = 6.0  # dB; of its loudness, so much of speech is in peaks that are smoothed away
FRAMES_A_SECOND = 40
EDGE = 10 * np.log10(0.5)  # dB; half of the frame at an end of a clip is silence


def levels_of(mfcc, *, tract: float = 1.0) -> np.ndarray:
    """Turns coefficients `(frames, 13)` into levels `(frames, 128)`.

    `tract` is the length of the speaker's vocal tract by what it was: at 1.1 resonances
    lie at frequencies 1.1 times lower. The highest 15 % of frequencies make room.

    Reference: Jaitly and Hinton, 2013, "Vocal tract length perturbation".

    >>> levels_of(np.zeros((40, 13))).shape
    (40, 128)
    """
    waves = _dct() if tract == 1 else _cosines(_bands_of(_hertz() * tract, tract))
    return np.asarray(mfcc, np.float32) @ waves


def mfcc_of(levels, *, floor: float = FLOOR) -> np.ndarray:
    """Turns levels `(frames, 128)` into coefficients, float32 `(frames, 13)`.

    Levels of more than `floor` dB below the highest are lifted to there.

    >>> clip = np.random.default_rng(0).normal(size=(40, 13)).astype("float32")
    >>> bool(np.allclose(mfcc_of(levels_of(clip)), clip, atol=1e-4))
    True
    """
    levels = np.asarray(levels, np.float32)
    levels = np.maximum(levels, levels.max(initial=SILENCE) - floor)
    return levels @ _dct().T


def at_speed(frames, speed: float, *, start: float = 0.0) -> np.ndarray:
    """Plays frames `(frames, dim)` faster, from between two of them: `start`, 0..1.

    At least one frame is left. Pitch is in none of them, and so it stays.

    >>> at_speed(np.zeros((41, 13)), 2.0).shape
    (21, 13)
    """
    frames = np.asarray(frames)
    if frames.dtype.kind != "f":  # between two integers are others
        frames = frames.astype("float32")
    last = len(frames) - 1
    places = np.minimum(np.arange(start, max(last, start) + 1e-6, speed), last)
    below = places.astype(int)
    share = (places - below).astype(frames.dtype)[:, np.newaxis]
    return (1 - share) * frames[below] + share * frames[np.minimum(below + 1, last)]


def joined(clips, pauses) -> np.ndarray:
    """Joins levels of clips, with silence before, between and after them.

    `pauses` are frames, one more than clips: `n` frames between two clips stand for `n
    + 1` steps of 25 ms, as the frames at their ends reach half into it.

    >>> joined([np.zeros((4, 128)), np.zeros((5, 128))], pauses=[20, 3, 20]).shape
    (52, 128)
    """
    parts = [np.full((pauses[0], NUM_MEL), SILENCE, np.float32)]
    for clip, pause in zip(clips, pauses[1:], strict=True):
        clip = np.array(clip, np.float32)
        clip[[0, -1]] += EDGE
        parts += [clip, np.full((pause, NUM_MEL), SILENCE, np.float32)]
    return np.concatenate(parts)


def loudness(levels) -> float:
    """Returns the mean power of the sound that has these levels, in dB.

    0 dB is that of samples of variance 1, as of a square wave between -1 and 1. The
    smooth levels of speech are some 6 dB less loud than the speech was: `PEAKS`.
    """
    density = np.mean(10 ** (np.asarray(levels, np.float64) / 10), axis=0) / _white()
    return 10 * np.log10(np.average(density, weights=_widths()))


def add_noise(levels, noise, decibels: float) -> np.ndarray:
    """Adds noise to speech, so many dB below it: the ratio of their powers.

    Both are levels of one shape, those of the speech smooth. Where silence counts in
    the power of `levels`, the noise is that much softer.
    """
    gain = loudness(levels) + PEAKS - loudness(noise) - decibels
    return add_powers(levels, noise + np.float32(gain))


def add_powers(levels, more) -> np.ndarray:
    """Returns the levels of two sounds together, which know nothing of each other."""
    return (10 / np.log(10)) * np.logaddexp(
        levels * np.float32(np.log(10) / 10), more * np.float32(np.log(10) / 10)
    )


def random_colour(generator: np.random.Generator, spread: float = 6.0) -> np.ndarray:
    """Draws what a microphone does to a spectrum: dB `(128,)`, smooth, of mean 0.

    `spread` is the standard deviation, in dB, of five waves, the slower the higher.
    """
    shares = 1 / np.arange(1, 6)
    waves = generator.normal(scale=np.sqrt(NUM_MEL * shares / shares.sum()))
    return spread * (waves @ _dct()[1:6]).astype(np.float32)


def band_pass(low: float, high: float, *, slope: float = 24.0) -> np.ndarray:
    """Returns what a band from `low` to `high`, in Hz, lets through: dB `(128,)`.

    Beyond them it falls by `slope` dB an octave. A telephone has 300 to 3400 Hz.

    >>> telephone = band_pass(300, 3400)
    >>> bool(telephone.max() == 0), bool(telephone[0] < -24)
    (True, True)
    """
    frequencies = _hertz()
    below = np.log2(np.maximum(low / frequencies, 1))
    above = np.log2(np.maximum(frequencies / high, 1))
    return (-slope * (below + above)).astype(np.float32)


def echo(levels, seconds: float, *, strength: float = 0.0) -> np.ndarray:
    """Adds the echo of a room in which a sound falls by 60 dB in so many `seconds`.

    `strength` is the power of all echoes, in dB of the sound itself.

    Reference: Polack, 1988, for noise that decays exponentially.
    """
    rate = 10 ** (-6 / FRAMES_A_SECOND / seconds)  # what a frame leaves of its power
    power = 10 ** (np.asarray(levels, np.float32) / 10)
    late = np.zeros_like(power)
    for frame in range(1, len(power)):
        late[frame] = rate * late[frame - 1] + power[frame - 1]
    gain = 10 ** (strength / 10) / np.sum(rate ** np.arange(max(1, len(power) - 1)))
    return 10 * np.log10(power + np.float32(gain) * late)


def clipped(levels, decibels: float) -> np.ndarray:
    """Records levels too loud for a device by so many dB: what is above is cut off.

    A loud frame loses a little less than half of its surplus, and gets a noise in all
    bands that grows with it: both were read off recordings of digits, clipped by 6 to
    18 dB.
    """
    power = 10 * np.log10(np.mean(10 ** (levels / 10), axis=1, keepdims=True))
    surplus = np.maximum(power - power.max() + decibels, 0)
    less = 0.45 * surplus
    noise = power - less - 6 - 20 * np.exp(-surplus / 4)
    return add_powers(levels - less, np.where(surplus > 0, noise, SILENCE))


def without_bands(levels, first: int, number: int) -> np.ndarray:
    """Takes away what happens in `number` bands: they get their mean level.

    Reference: Park et al., 2019, arXiv:1904.08779 ("SpecAugment").
    """
    levels = np.array(levels)
    bands = slice(first, first + number)
    levels[:, bands] = levels[:, bands].mean(axis=0)
    return levels


@functools.cache
def _white():
    """The mean power of white noise of variance 1 in each band."""
    return np.sum(window() ** 2) * mel_filters().sum(axis=0)


@functools.cache
def _hertz():
    """The middle of each band, in Hz."""
    top = 2595 * np.log10(1 + SAMPLE_RATE / 2 / 700)
    mels = np.arange(1, NUM_MEL + 1) * top / (NUM_MEL + 1)
    return 700 * (10 ** (mels / 2595) - 1)


@functools.cache
def _widths():
    """The width of each band, in Hz."""
    return np.gradient(_hertz())


def _bands_of(frequencies, tract):
    """Places of frequencies among the bands; above a bend, they end where they did."""
    top = SAMPLE_RATE / 2
    bend = 0.85 * top / max(tract, 1)  # of what was there
    rest = top - (top - bend * tract) * (top - _hertz()) / (top - bend)
    frequencies = np.where(_hertz() <= bend, frequencies, rest)
    mels = 2595 * np.log10(1 + frequencies / 700)
    return mels * (NUM_MEL + 1) / (2595 * np.log10(1 + top / 700)) - 1


@functools.cache
def _dct():
    return _cosines(np.arange(NUM_MEL))


def _cosines(bands):
    """The first rows of the orthonormal DCT-II at places among bands, `(13, bands)`."""
    rows = np.cos(np.arange(NUM_MFCC)[:, np.newaxis] * np.pi / NUM_MEL * (bands + 0.5))
    rows *= np.sqrt(2 / NUM_MEL)
    rows[0] /= np.sqrt(2)
    return rows.astype(np.float32)
