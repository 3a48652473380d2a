"""Scores -> waveforms: a small choir in a large room, by additive synthesis."""

import numpy as np

from gru_apps.applications.music.scores import checked_score

# Soprano, alto, tenor, bass: the formants in Hz of a sung "ah", and the vibrato in Hz,
# of another rate in each voice, or all would swing as one.
FORMANTS = ((800, 1150, 2900), (800, 1150, 2800), (650, 1080, 2650), (600, 1040, 2250))
VIBRATO_RATES = (5.6, 5.3, 5.0, 4.7)
VIBRATO_DEPTH = 0.002  # of the frequency, either way: a thirtieth of a semitone
HIGHEST_PARTIAL = 4000  # Hz; higher ones would be too faint to hear

ATTACK = 0.04  # seconds
RELEASE = 0.12
REVERBERATION = 1.5  # until it is 60 dB down
WETNESS = 0.3  # amplitude of the room to that of the voices
PEAK = 0.9
MAX_SAMPLES = 2**25  # 25 minutes at 22,050 Hz, in two gigabytes of memory


def synthesize(
    pitches, starts, *, tempo: float = 80, sample_rate: int = 22050
) -> np.ndarray:
    """Sings a score: float32 `(samples,)`, 0.9 at its peak, or all 0 if nothing sounds.

    `pitches` are MIDI numbers `(steps, 4)`, 0 for a rest, and `starts` is True where a
    note or a rest begins; a step is a sixteenth at `tempo` quarter notes per minute.
    The room sounds on for 1.5 seconds after the last step. Raises `ValueError` for what
    is no score, a tempo outside 1..60,000, a rate outside 1,000..1,000,000 Hz, and more
    than 33,554,432 samples.

    >>> synthesize(np.full([8, 4], 60), np.eye(8, 4), tempo=60).shape
    (77175,)
    """
    pitches, starts = checked_score(pitches, starts)
    if not 1 <= tempo <= 60_000:
        raise ValueError(f"`tempo` must be 1 to 60000. Received: tempo={tempo}")
    if not 1_000 <= sample_rate <= 1_000_000:
        raise ValueError(
            "`sample_rate` must be 1000 to 1000000 Hz. "
            f"Received: sample_rate={sample_rate}"
        )
    starts[:1] = True  # what is held from before begins here
    samples_per_step = sample_rate * 15 / tempo
    tail = round(REVERBERATION * sample_rate)
    number = round(len(pitches) * samples_per_step) + tail
    if number > MAX_SAMPLES:
        raise ValueError(
            f"A score must sound for at most {MAX_SAMPLES / sample_rate:.0f} seconds "
            f"at {sample_rate} Hz. Received: {number / sample_rate:.0f} seconds"
        )
    dry = np.zeros(number, np.float32)
    for voice in range(len(FORMANTS)):
        begins = np.flatnonzero(starts[:, voice])
        edges = np.append(begins, len(pitches)) * samples_per_step
        edges = np.round(edges).astype(int)
        spans = zip(pitches[begins, voice], edges[:-1], edges[1:], strict=True)
        for pitch, begin, end in spans:
            if pitch > 0:
                note = _note(voice, pitch, end - begin, sample_rate)
                dry[begin : begin + len(note)] += note
    wet = dry + WETNESS * _reverberation(dry, sample_rate)
    return wet * np.float32(PEAK / (np.abs(wet).max(initial=0) or 1))


def _note(voice, pitch, held, sample_rate):
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    seconds = np.arange(held + round(RELEASE * sample_rate)) / sample_rate
    swing = 2 * np.pi * VIBRATO_RATES[voice]
    warped = seconds + VIBRATO_DEPTH / swing * np.sin(swing * seconds)
    turn = np.exp(2j * np.pi * frequency * warped).astype(np.complex64)
    # Partial n turns n times as fast: Horner's rule adds them all for the price of one
    # exponential.
    tone = np.zeros_like(turn)
    for level in _partial_levels(voice, frequency, sample_rate)[::-1]:
        tone += level
        tone *= turn
    rise = np.clip(seconds / ATTACK, 0, 1)
    fall = np.clip((seconds - held / sample_rate) / RELEASE, 0, 1)
    return tone.imag * (np.sin(np.pi / 2 * rise) * np.cos(np.pi / 2 * fall)) ** 2


def _partial_levels(voice, frequency, sample_rate):
    highest = min(HIGHEST_PARTIAL, sample_rate / 2 / (1 + VIBRATO_DEPTH))
    numbers = np.arange(1, int(highest / frequency) + 1)
    distances = numbers[:, np.newaxis] * frequency - FORMANTS[voice]
    resonance = np.exp(-((distances / 200) ** 2)).sum(axis=1)
    levels = (1 + resonance) / numbers**1.5
    return (levels / np.linalg.norm(levels)).astype(np.float32)


def _reverberation(waveform, sample_rate):
    samples = round(REVERBERATION * sample_rate)
    seconds = np.arange(samples) / sample_rate
    noise = np.random.default_rng(0).normal(size=samples)
    noise *= 10 ** (-3 * seconds / REVERBERATION)
    size = 1 << (len(waveform) + samples).bit_length()
    room = np.fft.rfft(noise / np.linalg.norm(noise), size)
    # walls swallow the treble
    room /= 1 + (np.fft.rfftfreq(size, 1 / sample_rate) / 2000) ** 2
    echoes = np.fft.irfft(np.fft.rfft(waveform, size) * room, size)
    return echoes[: len(waveform)].astype(np.float32)
