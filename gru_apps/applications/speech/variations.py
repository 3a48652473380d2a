"""A digit as anyone may say and record it, and what is said or heard beside digits.

Clips are frames, float32 `(frames, 13)`. Answers are the digits 0 to 9, `NOTHING` where
nobody speaks, and `SEVERAL` for more than one digit.
"""

from collections.abc import Sequence

import numpy as np

from gru_apps.encoding import augmentation
from gru_apps.serving.speech import NOBODY

NOTHING, SEVERAL, ANSWERS = 10, 11, 12
REASONS = (NOBODY, "more than one digit")  # why an answer is none of ten
LONGEST_PAUSE = 32  # frames before and after a word, 0.8 seconds

Clips = Sequence[tuple[np.ndarray, int]]


def draw_word(mfcc, generator: np.random.Generator) -> np.ndarray:
    """Draws one way to hear a recording: another voice, microphone, room and level.

    One in three is as it is, and one in six cut at the word and without a background.
    """
    kind = generator.uniform()
    if kind < 1 / 3:
        return np.asarray(mfcc, np.float32)
    levels = _spoken_anew(mfcc, generator)
    if kind < 1 / 2:
        return augmentation.mfcc_of(levels, floor=generator.uniform(55, 80))
    pauses = _pauses(2, LONGEST_PAUSE, generator) * (generator.uniform() < 0.7)
    return _recorded(augmentation.joined([levels], pauses), levels, generator)


def draw_several(recordings: Sequence[np.ndarray], generator) -> np.ndarray:
    """Draws one way to hear several recordings in a row.

    One in three is without a background: silence lies between the words.
    """
    tract, colour = _tract(generator), augmentation.random_colour(generator)
    parts = [_spoken_anew(m, generator, tract, colour) for m in recordings]
    pauses = _pauses(len(parts) + 1, 2 * LONGEST_PAUSE // 3, generator)
    pauses[1:-1] += generator.integers(0, 4, len(parts) - 1)
    levels = augmentation.joined(parts, pauses)
    if generator.uniform() < 1 / 3:
        return augmentation.mfcc_of(levels, floor=generator.uniform(55, 80))
    return _recorded(levels, parts[0], generator)


def draw_nothing(generator) -> np.ndarray:
    """Draws noises without speech: hiss, hum, tones, knocks and rustling."""
    frames = int(generator.integers(4, 110))
    levels = _background(frames, generator)
    for _ in range(generator.integers(4)):
        event = generator.choice([knock, rustle, tone])
        ratio = generator.uniform(-40, 20)
        more = event(frames, generator)
        more = more - more.max() + levels.max() - ratio
        levels = augmentation.add_powers(levels, more)
    return augmentation.mfcc_of(
        levels + generator.uniform(-60, 20), floor=generator.uniform(55, 80)
    )


def knock(frames: int, generator) -> np.ndarray:
    """Makes levels of a short sound that dies away, at any time."""
    start, decay = generator.integers(frames), generator.uniform(3, 25)
    time = np.arange(frames) - start
    envelope = np.where(time < 0, -100, -decay * time)
    return _coloured(frames, generator) + envelope[:, np.newaxis]


def rustle(frames: int, generator) -> np.ndarray:
    """Makes levels of a noise that swells and falls, once or several times."""
    phase = generator.uniform(0, 2 * np.pi)
    period = generator.uniform(8, 80)
    depth = generator.uniform(5, 25)
    swell = depth * np.sin(2 * np.pi * np.arange(frames) / period + phase)
    return _coloured(frames, generator) + swell[:, np.newaxis]


def tone(frames: int, generator) -> np.ndarray:
    """Makes levels of a whistle or beep, with overtones, that may glide and fade."""
    time = np.arange((frames + 1) * 200) / 8000
    low = np.exp(generator.uniform(np.log(80), np.log(2500)))
    glide = 1 + generator.normal(scale=0.2) * time / time[-1]
    sound = np.zeros_like(time)
    for harmonic in range(1, 1 + generator.integers(1, 6)):
        swing = generator.uniform(0.1, 1) * np.sin(
            2 * np.pi * low * harmonic * glide * time
        )
        sound += swing * (low * harmonic * 1.3 < 4000)
    fade = np.exp(-generator.exponential(2) * time)
    return augmentation.sound_levels(sound * fade + 1e-5)


def draw_examples(
    clips: Clips, number: int, *, seed: int
) -> tuple[list[np.ndarray], list[int]]:
    """Draws a fixed set of examples: a list of clips, and a list of their answers.

    `clips` are pairs of frames and digit; each is drawn about as often as the others.
    """
    generator = np.random.default_rng(seed)
    examples = [draw_example(clips, generator) for _ in range(number)]
    return [mfcc for mfcc, _ in examples], [int(answer) for _, answer in examples]


def draw_example(clips: Clips, generator) -> tuple[np.ndarray, int]:
    """Draws a clip and its answer: one digit in five of six, else none, or several."""
    kind = generator.uniform()
    if kind < 1 / 12:
        return draw_nothing(generator), NOTHING
    if kind < 1 / 6:
        number = generator.integers(2, 4)
        drawn = [clips[n][0] for n in generator.integers(len(clips), size=number)]
        return draw_several(drawn, generator), SEVERAL
    mfcc, digit = clips[generator.integers(len(clips))]
    return draw_word(mfcc, generator), digit


def _tract(generator):
    return np.exp(generator.uniform(-0.22, 0.22))


def _spoken_anew(mfcc, generator, tract=None, colour=None):
    """Levels of a recording by another voice, at another speed, through another mic."""
    speed, start = np.exp(generator.uniform(-0.3, 0.3)), generator.uniform()
    frames = augmentation.at_speed(mfcc, speed, start=start)
    tract = _tract(generator) if tract is None else tract
    levels = augmentation.levels_of(frames, tract=tract)
    if generator.uniform() < 0.3:
        number = generator.integers(5, 30)
        first = generator.integers(augmentation.NUM_MEL - number)
        levels = augmentation.without_bands(levels, first, number)
    colour = augmentation.random_colour(generator) if colour is None else colour
    return levels + np.float32(colour + generator.normal(scale=3))


def _recorded(levels, speech, generator):
    """Frames of a recording: an echo, a background, a telephone, a level."""
    if generator.uniform() < 0.3:
        seconds, strength = generator.uniform(0.1, 0.8), generator.uniform(-20, 0)
        levels = augmentation.echo(levels, seconds, strength=strength)
    ratio = generator.uniform(5, 70)
    noise = _background(len(levels), generator)
    noise += augmentation.loudness(speech) + augmentation.PEAKS - ratio
    levels = augmentation.add_powers(levels, noise)
    if generator.uniform() < 0.15:
        event = generator.choice([knock, rustle])(len(levels), generator)
        event += levels.max() - event.max() - generator.uniform(10, 40)
        levels = augmentation.add_powers(levels, event)
    if generator.uniform() < 0.1:
        levels = augmentation.clipped(levels, generator.uniform(3, 18))
    if generator.uniform() < 0.15:
        low, high = generator.uniform(100, 400), generator.uniform(2500, 3900)
        levels = levels + augmentation.band_pass(low, high)
    floor = generator.uniform(55, 80)
    return augmentation.mfcc_of(levels + generator.uniform(-45, 10), floor=floor)


def _background(frames, generator):
    """Levels of loudness 0 dB: a hiss, white or not, with a hum or not."""
    kind = generator.uniform()
    if kind < 0.35:
        return augmentation.white_noise(frames, generator)
    levels = _coloured(frames, generator)
    levels -= augmentation.loudness(levels)
    if kind > 0.75:
        hum = augmentation.hum(frames, generator, frequency=generator.choice([50, 60]))
        levels = augmentation.add_powers(levels - generator.uniform(0, 40), hum)
        levels -= augmentation.loudness(levels)
    return levels


def _coloured(frames, generator):
    colour = augmentation.random_colour(generator, spread=generator.uniform(3, 20))
    return augmentation.white_noise(frames, generator) + np.float32(colour)


def _pauses(number, most, generator):
    return np.floor((most + 1) * generator.uniform(size=number) ** 2).astype(int)
