"""The committed model of spoken digits, as it is asked by those who have no gru_apps.

Where the corpus holds frames alone, recordings are made of them: a whisper says its
digit, too. Raw recordings, `DIGIT_SPEAKER_TAKE.wav`, are used where the environment
names their folder, `SPOKEN_DIGIT_RECORDINGS`.
"""

import functools
import os
import pathlib

import numpy as np
import pytest
import tensorflow as tf
from asking import BAD_SOUND, answer, ask, metrics, split_for_test, step_by_step

from gru_apps.applications.speech import conditions
from gru_apps.encoding import audio, sound_files

SILENCE = {"digit": -1, "probability": 1, "reason": b"nobody spoke"}
LEAST = {
    "as it is": 0.985,
    "20 dB quieter": 0.985,
    "hiss around, 50 dB below": 0.97,
    "hiss around, 40 dB below": 0.97,
    "the same, 20 dB quieter": 0.96,
    "hiss around, 30 dB below": 0.96,
    "white noise, 20 dB below": 0.93,
    "white noise, 10 dB below": 0.8,
    "hum of mains, 20 dB below": 0.95,
    "clipped by 12 dB": 0.8,
    "by telephone": 0.95,
    "in a hall": 0.9,
}


def _padded(clips):
    longest = max(map(len, clips))
    rest = [(0, 0)] * (clips[0].ndim - 1)
    return np.array([np.pad(clip, [(0, longest - len(clip)), *rest]) for clip in clips])


def _heard(waveforms, rate=8000):
    """Answers to waveforms of any lengths, asked in one batch."""
    return answer("speech", waveform=_padded(waveforms), sample_rate=rate)


@functools.cache
def _clips():
    rows = split_for_test("spoken_digits")
    return [row["mfcc"] for row in rows], np.array([row["digit"] for row in rows])


@functools.cache
def _whispers():
    """A hundred test clips as sounds, ten of each digit, and which digits they are."""
    clips, digits = _clips()
    chosen = np.concatenate([np.flatnonzero(digits == d)[:10] for d in range(10)])
    sounds = [audio.whisper(clips[place], seed=place) for place in chosen]
    return [s / np.abs(s).max() / 3 for s in sounds], digits[chosen]


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(tmp_path):
    clips, digits = _clips()
    found = ask("speech", [_padded(clips)], "features", "digit", tmp_path)[0]
    accuracy = np.mean(found == digits)
    assert accuracy == pytest.approx(metrics("speech")["test_accuracy"], abs=0.004)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("speech")
    bounds = [
        (0.985, m["test_accuracy"]),
        (0.72, m["held_out_speaker_accuracy"]),
        (0.95, m["nobody_spoke"]),
        (max(m["calibration_error"].values()), 0.05),
    ]
    assert not [(less, more) for less, more in bounds if less > more]


@pytest.mark.corpus
@pytest.mark.parametrize("name", conditions.CONDITIONS)
def test_it_holds_under_everyday_conditions(name):
    clips, digits = _clips()
    generator = np.random.default_rng(1)
    heard = [conditions.CONDITIONS[name](mfcc, generator) for mfcc in clips]
    found = answer("speech", "features", mfcc=_padded(heard))["digit"]
    assert np.mean(found == digits) >= LEAST[name]


@pytest.mark.corpus
def test_neither_level_nor_offset_of_a_sound_changes_its_digit():
    sounds, _ = _whispers()
    whole = _heard(sounds)
    for changed in ([s * 0.01 for s in sounds], [s + 0.05 for s in sounds]):
        assert np.mean(_heard(changed)["digit"] == whole["digit"]) >= 0.98


def _noise(kind, generator):
    """A sound of up to two seconds in which nobody speaks."""
    samples = int(generator.integers(2000, 16_000))
    time, noise = np.arange(samples) / 8000, generator.normal(size=samples)
    harmonics = np.arange(1, 6)[:, np.newaxis]
    low = generator.uniform(80, 600)
    knocks = np.zeros(samples)
    knocks[generator.integers(samples, size=3)] = 1
    decay = generator.normal(size=800) * np.exp(-np.arange(800) / 150)
    sound = {
        "hiss": noise,
        "rumble": np.convolve(noise, np.ones(30) / 30, "same"),
        "sharp hiss": np.diff(noise, prepend=0),
        "hum": np.sum(np.sin(2 * np.pi * 50 * harmonics * time) / harmonics, axis=0),
        "knocks": np.convolve(knocks, decay, "same") + 1e-3 * noise,
        "beep": np.sin(2 * np.pi * 5 * low * time) + 1e-3 * noise,
        "buzz": np.sum(np.sin(2 * np.pi * low * harmonics * time) / harmonics, axis=0),
        "swelling hiss": noise * (1 + np.sin(2 * np.pi * time * low / 200)),
        "fading tone": np.sin(2 * np.pi * low * time) * np.exp(-4 * time),
        "quantized hiss": np.round(0.6 * noise),
    }[kind]
    return sound / np.abs(sound).max() * 10 ** -generator.uniform(0, 2.5)


NOISES = ["hiss", "rumble", "sharp hiss", "hum", "knocks", "beep", "buzz"]
NOISES += ["swelling hiss", "fading tone", "quantized hiss"]


def test_where_nobody_speaks_it_says_so():
    generator = np.random.default_rng(0)
    sounds = [_noise(kind, generator) for kind in NOISES for _ in range(10)]
    heard = _heard(sounds)
    silent = heard["reason"] == b"nobody spoke"
    assert (heard["digit"][silent] == -1).all()
    assert silent.sum() >= 95, silent.reshape(10, 10).sum(axis=1)


@pytest.mark.corpus
def test_more_than_one_digit_is_told_from_one():
    clips, _ = _clips()
    pairs = conditions.pairs(clips, 100, seed=1)
    heard = answer("speech", "features", mfcc=_padded(pairs))
    assert np.mean(heard["reason"] == b"more than one digit") >= 0.95
    one = answer("speech", "features", mfcc=_padded(clips))
    assert np.mean(one["reason"] == b"") >= 0.98


def _as_a_person_records(sound, generator):
    """At 44.1 kHz, half a second around, a hiss 40 dB below, mixed to one channel."""
    around = np.pad(sound, 4000)
    places = np.arange(0, len(around), 8000 / 44_100)
    recorded = np.interp(places, np.arange(len(around)), around)
    level = np.sqrt(np.mean(sound**2)) / 100
    return recorded + generator.normal(scale=level, size=len(recorded))


@pytest.fixture
def raw():
    folder = os.environ.get("SPOKEN_DIGIT_RECORDINGS")
    if not folder:
        pytest.skip("SPOKEN_DIGIT_RECORDINGS names no folder of recordings.")
    paths = sorted(pathlib.Path(folder).glob("*.wav"))
    sounds = [sound_files.read_sound(path)[0] for path in paths]
    return sounds, np.array([int(path.name[0]) for path in paths])


@pytest.mark.parametrize(
    ("change", "rate", "least"),
    [
        (lambda s, g: s, 8000, 0.98),
        (_as_a_person_records, 44_100, 0.96),
        (lambda s, g: 0.1 * _as_a_person_records(s, g), 44_100, 0.96),
        (lambda s, g: s + g.normal(scale=s.std() / 10, size=len(s)), 8000, 0.93),
        (
            lambda s, g: np.clip(s, *(np.abs(s).max() * np.array([-1, 1]) / 4)),
            8000,
            0.8,
        ),
        (lambda s, g: s + 0.05, 8000, 0.98),
    ],
    ids=["as it is", "as recorded", "20 dB quieter", "20 dB", "clipped", "offset"],
)
def test_it_holds_for_raw_recordings(raw, change, rate, least):
    sounds, digits = raw
    generator = np.random.default_rng(0)
    changed = [change(sound, generator) for sound in sounds]
    found = np.concatenate(
        [_heard(changed[n : n + 50], rate)["digit"] for n in range(0, len(changed), 50)]
    )
    assert np.mean(found == digits) >= least


def test_a_clip_without_sound_is_silence_and_any_other_gets_a_probability():
    for silence in ([], [0.0], [0.0] * 4000):
        heard = answer("speech", waveform=[silence], sample_rate=8000)
        assert {key: value[0] for key, value in heard.items()} == SILENCE
    heard = answer("speech", waveform=[[0.5]], sample_rate=8000)
    assert 0 < heard["probability"][0] <= 1


@pytest.mark.parametrize("samples, rate, message", BAD_SOUND.values(), ids=BAD_SOUND)
def test_sound_that_cannot_be_is_refused_with_what_was_wrong(samples, rate, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        answer("speech", waveform=[samples], sample_rate=rate)


@pytest.mark.corpus
def test_step_by_step_speech_ends_at_what_it_says_of_the_whole_clip():
    clips = _clips()[0][:16]
    mfcc = _padded(clips)
    whole = answer("speech", "features", mfcc=mfcc)
    steps = list(step_by_step("speech", mfcc))
    for row, clip in enumerate(clips):
        last = steps[len(clip) - 1]
        assert last["digit"][row] == whole["digit"][row]
        assert last["reason"][row] == whole["reason"][row]
        probability = pytest.approx(whole["probability"][row], abs=1e-4)
        assert last["probability"][row] == probability
