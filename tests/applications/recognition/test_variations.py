import numpy as np
import pytest

from gru_apps.applications.recognition import variations
from gru_apps.encoding import audio, augmentation

CLIPS = [np.full((frames, 13), 30.0, "float32") for frames in (80, 120, 90)]


def speech(seconds=1.0, pitch=120):
    """A hum of harmonics that swells and falls, four times a second."""
    time = np.arange(int(8000 * seconds)) / 8000
    harmonics = np.arange(1, 3900 // pitch)[:, np.newaxis]
    waves = (0.8**harmonics * np.sin(2 * np.pi * pitch * harmonics * time)).sum(axis=0)
    return waves * np.abs(np.sin(4 * np.pi * time)) ** 2 / np.abs(waves).max()


def test_clips_said_anew_stay_as_many_at_one_pace_within_a_quarter():
    generator = np.random.default_rng(0)
    paces = []
    for _ in range(40):
        said = variations.said_anew(CLIPS, generator)
        assert len(said) == len(CLIPS)
        assert all(levels.shape[1] == 128 for levels in said)
        paces.append(sum(map(len, said)) / sum(map(len, CLIPS)))
    assert 0.75 < min(paces) < 0.95 and 1.05 < max(paces) < 1.35


def test_another_tract_moves_a_resonance():
    generator = np.random.default_rng(1)
    levels = -((np.arange(128) - 60.0) ** 2)[np.newaxis] / 50
    clip = np.repeat(augmentation.mfcc_of(levels), 9, axis=0)
    peaks = [variations.said_anew([clip], generator)[0][3].argmax() for _ in range(40)]
    assert min(peaks) < 57 and max(peaks) > 62


def test_a_number_is_heard_at_levels_of_fifty_decibels_and_keeps_its_length():
    generator = np.random.default_rng(0)
    levels = augmentation.levels_of(audio.mfcc(speech()).numpy())
    heard = [variations.heard_elsewhere(levels, generator) for _ in range(60)]
    assert {h.shape for h in heard} == {levels.shape}
    assert all(np.isfinite(h).all() for h in heard)
    changes = [h.max() - levels.max() for h in heard]
    assert min(changes) < -30 and max(changes) > 0
    assert not np.array_equal(heard[0], heard[1])


@pytest.mark.parametrize("decibels", [6, 12, 18])
def test_clipped_frames_come_near_to_those_of_a_clipped_sound(decibels):
    waveform = speech()
    limit = np.abs(waveform).max() * 10 ** (-decibels / 20)
    clean, loud = (
        augmentation.levels_of(audio.mfcc(sound).numpy())
        for sound in (waveform, np.clip(waveform, -limit, limit))
    )
    found = augmentation.clipped(clean, decibels)
    power = clean.mean(axis=1)
    often = power > power.max() - 15

    def error(one, other):
        return np.abs(one - other)[often].mean()

    assert error(found, loud) < 0.8 * error(clean, loud)
    quiet = power < power.max() - decibels - 25
    np.testing.assert_allclose(found[quiet], clean[quiet], atol=0.1)


def test_a_hiss_lies_as_far_below_the_peak_as_it_is_told():
    generator = np.random.default_rng(0)
    levels = [
        variations.hiss(200, generator, peak=-10.0, below=(40, 50)) for _ in range(20)
    ]
    power = [10 * np.log10(np.mean(10 ** (each / 10))) for each in levels]
    assert min(power) > -65 and max(power) < -40
    assert np.ptp(levels[0][:, 5]) > 10  # another in each frame
