"""Everyday conditions of a recording: what a recognizer is tested under.

Each maps a waveform, floats `(samples,)` at 8 kHz within -1..1, and a generator of
chance to a waveform. Training never sees them: it draws other ones, of frames, see
`variations`.
"""

from collections.abc import Callable

import numpy as np

from gru_apps.encoding.audio import SAMPLE_RATE

PEAK = 0.7  # of the waveform, before anything is done to it


def quieter(waveform, decibels: float) -> np.ndarray:
    """Makes a waveform softer, and keeps 16 bits of it, as a file does.

    >>> quieter(np.array([0.5, 0.001]), 40).tolist()
    [0.0050048828125, 0.0]
    """
    return np.round(waveform * 10 ** (-decibels / 20) * 32768) / 32768


def with_hum(waveform, level: float = -40.0) -> np.ndarray:
    """Adds the hum of mains: 50 Hz and six overtones, `level` dB below full scale."""
    phases = 2 * np.pi * 50 * np.arange(len(waveform)) / SAMPLE_RATE
    harmonics = np.arange(1, 8)[:, np.newaxis]
    hum = np.sum(np.sin(harmonics * phases + harmonics) / harmonics, axis=0)
    return waveform + 10 ** (level / 20) * hum / np.std(hum)


def too_loud(waveform, decibels: float) -> np.ndarray:
    """Cuts off what is above a level so many dB below the highest sample."""
    limit = np.abs(waveform).max() * 10 ** (-decibels / 20)
    return np.clip(waveform, -limit, limit)


def with_hiss(waveform, ratio: float, generator: np.random.Generator) -> np.ndarray:
    """Adds white noise, `ratio` dB below the waveform where that is loud."""
    frames = waveform[: len(waveform) // 200 * 200].reshape(-1, 200)
    power = np.mean(frames**2, axis=1)
    loud = np.mean(power[power > power.max() / 1000])
    noise = generator.normal(size=len(waveform))
    return waveform + np.sqrt(loud) * 10 ** (-ratio / 20) * noise


def by_telephone(waveform) -> np.ndarray:
    """Keeps 300 to 3400 Hz, less and less beyond."""
    spectrum = np.fft.rfft(waveform)
    frequencies = np.fft.rfftfreq(len(waveform), 1 / SAMPLE_RATE)
    below = np.minimum(1, frequencies / 300) ** 4
    above = np.minimum(1, 3400 / np.maximum(frequencies, 1)) ** 12
    return np.fft.irfft(spectrum * below * above, len(waveform))


def in_a_room(waveform, generator: np.random.Generator) -> np.ndarray:
    """Adds an echo, 6 dB below, that falls by 60 dB in 0.4 seconds."""
    time = np.arange(int(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    echo = generator.normal(size=len(time)) * 10 ** (-3 * time / 0.4)
    echo *= 0.5 / np.sqrt(np.sum(echo**2))
    echo[0] = 1  # the sound itself
    return np.convolve(waveform, echo)


CONDITIONS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "as it is": lambda waveform, _: waveform,
    "40 dB quieter": lambda waveform, _: quieter(waveform, 40),
    "hum of mains": lambda waveform, _: with_hum(waveform),
    "clipped by 12 dB": lambda waveform, _: too_loud(waveform, 12),
    "offset": lambda waveform, _: waveform + 0.05,
    "white noise": lambda waveform, chance: with_hiss(waveform, 20, chance),
    "telephone": lambda waveform, _: by_telephone(waveform),
    "echo": in_a_room,
}


def sound_under(name: str, waveform, seed: int = 0) -> np.ndarray:
    """Returns a waveform, float32, under one of `CONDITIONS`, its peak at 0.7 before.

    >>> sound_under("offset", np.sin(np.arange(99))).shape
    (99,)
    """
    waveform = np.asarray(waveform, np.float64)
    waveform = waveform * (PEAK / np.abs(waveform).max())
    changed = CONDITIONS[name](waveform, np.random.default_rng(seed))
    return changed.astype(np.float32)
