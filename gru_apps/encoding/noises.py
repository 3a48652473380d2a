"""Noises as levels, dB of 128 mel bands: float32 `(frames, 128)`, one every 25 ms."""

import functools

import numpy as np

from gru_apps.encoding.audio import FRAME_LENGTH, NUM_MEL, SAMPLE_RATE, mel_filters


def sound_levels(waveform) -> np.ndarray:
    """Returns the levels of a sound, float32 `(samples // 200 - 1, 128)`.

    `waveform` is floats `(samples,)` at 8 kHz, integers are a `ValueError`; no frame
    reaches beyond its ends, and nothing is smooth here: a noise has other levels in
    each frame and band.

    >>> sound_levels(np.zeros(8400)).shape
    (41, 128)
    """
    if np.asarray(waveform).dtype.kind != "f":  # 16-bit ones would be 90 dB too loud
        raise ValueError("`waveform` must be floats. Received: integers")
    frames = np.lib.stride_tricks.sliding_window_view(waveform, FRAME_LENGTH)
    spectrum = np.fft.rfft(frames[:: FRAME_LENGTH // 2] * window())
    power = (np.abs(spectrum) ** 2).astype(np.float32) @ _filters()
    return 10 * np.log10(np.maximum(power, 1e-10))


def white_noise(frames: int, generator: np.random.Generator) -> np.ndarray:
    """Makes levels `(frames, 128)` of a hiss, of loudness 0 dB but for chance."""
    samples = (frames + 1) * FRAME_LENGTH // 2
    return sound_levels(generator.standard_normal(samples, np.float32))


def hum(
    frames: int, generator: np.random.Generator, *, frequency: float = 50.0
) -> np.ndarray:
    """Makes levels `(frames, 128)` of the hum of mains, of loudness 0 dB.

    It has ten harmonics of `frequency`, in Hz, the higher the weaker, by chance. After
    four frames it begins anew, as a hum of 50 or 60 Hz does.
    """
    time = np.arange(5 * FRAME_LENGTH // 2) / SAMPLE_RATE
    sound = np.zeros_like(time)
    for harmonic in range(1, 11):
        amplitude = generator.uniform() / harmonic
        phase = generator.uniform(0, 2 * np.pi)
        sound += amplitude * np.sin(2 * np.pi * harmonic * frequency * time + phase)
    return np.resize(sound_levels(sound / np.std(sound)), (frames, NUM_MEL))


@functools.cache
def _filters():
    return mel_filters().astype(np.float32)


@functools.cache
def window():
    """Returns the window of a frame, `(400,)`, after von Hann."""
    phase = 2 * np.pi * np.arange(FRAME_LENGTH) / FRAME_LENGTH
    return ((1 - np.cos(phase)) / 2).astype(np.float32)
