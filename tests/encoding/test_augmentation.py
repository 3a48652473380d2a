import numpy as np
import pytest

from gru_apps.encoding import audio, augmentation


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def _word(generator, frames=30):
    """Frames as those of a word: loud in the middle, no two of one shape."""
    spread = np.array([60.0] + [15.0] * 4 + [6.0] * 8)
    mfcc = spread * generator.normal(size=(frames, 13)).cumsum(axis=0) / 4
    mfcc[:, 0] -= 300 * np.linspace(-1, 1, frames) ** 2
    return mfcc.astype("float32")


def _distance(some, others):
    return np.sqrt(np.mean((np.asarray(some) - np.asarray(others)) ** 2))


def _hertz_of(band):
    filters = audio.mel_filters()
    return 20 * np.average(np.arange(201), weights=filters[:, band])


def test_levels_are_those_of_the_sound_but_at_its_ends(generator):
    sound = generator.normal(size=4000)
    found = augmentation.mfcc_of(augmentation.sound_levels(sound), floor=200)
    np.testing.assert_allclose(found, audio.mfcc(sound)[1:-1], atol=0.01)


def test_noise_added_to_frames_is_as_noise_added_to_sound(generator):
    frames = _word(generator)
    sound = audio.whisper(frames)
    noise = generator.normal(size=len(sound)) * np.sqrt(np.mean(sound**2) / 10)
    noisy = audio.mfcc(sound + noise)[1:-1]
    clean = audio.mfcc(sound).numpy()[1:-1]
    levels = augmentation.levels_of(clean)
    hiss = augmentation.white_noise(len(levels), generator)
    made = augmentation.mfcc_of(
        augmentation.add_powers(levels, hiss + 10 * np.log10(np.var(noise)))
    )
    assert _distance(made, noisy) < 0.35 * _distance(clean, noisy)


def test_the_ratio_to_a_noise_is_counted_from_the_loudness_of_the_speech(generator):
    levels = augmentation.levels_of(_word(generator))
    hiss = augmentation.white_noise(len(levels), generator)
    quiet = augmentation.add_noise(levels, hiss, 40)
    loud = augmentation.add_noise(levels, hiss, -40)
    assert np.abs(quiet - levels).max() > 1  # in its pauses
    ratio = augmentation.loudness(loud) - augmentation.loudness(levels)
    assert ratio == pytest.approx(40 + augmentation.PEAKS, abs=0.1)


def test_white_noise_of_variance_one_is_0_db_loud_and_so_is_a_hum(generator):
    loudness = augmentation.loudness(augmentation.white_noise(400, generator))
    assert loudness == pytest.approx(0, abs=0.3)
    loudness = augmentation.loudness(augmentation.hum(40, generator))
    assert loudness == pytest.approx(0, abs=1)


@pytest.mark.parametrize("frequency", [50, 60])
def test_a_hum_is_loudest_at_low_frequencies(generator, frequency):
    levels = augmentation.hum(40, generator, frequency=frequency).mean(axis=0)
    assert _hertz_of(levels.argmax()) < 10 * frequency + 20
    assert levels[-40:].max() < levels.max() - 30


def test_a_longer_tract_has_its_resonance_lower():
    bump = np.exp(-(((np.arange(128) - 60) / 12) ** 2)) * 30
    frames = augmentation.mfcc_of(np.tile(bump, (2, 1)))
    longer = augmentation.levels_of(frames, tract=1.2)[0].argmax()
    assert _hertz_of(60) / _hertz_of(longer) == pytest.approx(1.2, abs=0.03)


@pytest.mark.parametrize("tract", [0.8, 0.95, 1.05, 1.25])
def test_a_tract_keeps_the_order_and_the_ends_of_frequencies(tract):
    bands = augmentation._bands_of(augmentation._hertz() * tract, tract)
    assert (np.diff(bands) > 0).all()
    np.testing.assert_allclose(bands[[0, -1]], [0, 127], atol=2.5)


def test_faster_frames_are_fewer_and_lie_between_those_that_were():
    frames = np.arange(9.0)[:, None]
    faster = augmentation.at_speed(frames, 1.5, start=0.5)[:, 0]
    assert faster.tolist() == [0.5, 2, 3.5, 5, 6.5, 8]
    assert augmentation.at_speed(frames[:1], 1.5, start=0.9).tolist() == [[0]]
    np.testing.assert_array_equal(augmentation.at_speed(frames, 1.0), frames)


def test_between_two_integers_are_others():
    frames = np.array([[0], [10], [20]])
    assert augmentation.at_speed(frames, 0.5).ravel().tolist() == [0, 5, 10, 15, 20]


def test_joined_frames_are_near_to_those_of_joined_sounds(generator):
    parts = [_word(generator, 12) for _ in range(2)]
    sounds = [audio.whisper(part, seed=n) for n, part in enumerate(parts)]
    gap = np.zeros(1000)
    sound = np.concatenate([gap, sounds[0], gap, sounds[1], gap])
    clips = [augmentation.levels_of(audio.mfcc(sound)) for sound in sounds]
    made = augmentation.mfcc_of(augmentation.joined(clips, [5, 4, 5]))
    heard = audio.mfcc(sound).numpy()
    assert made.shape == heard.shape
    inside = [*range(6, 16), *range(22, 32)]
    assert np.abs(made - heard)[inside].mean() < 4


def test_an_echo_falls_by_60_db_in_its_time_and_is_as_strong_as_said():
    levels = np.full((60, 128), -200, "float32")
    levels[0] = 0
    heard = augmentation.echo(levels, 0.5, strength=-6)[:, 0]
    assert heard[0] == pytest.approx(0, abs=1e-3)
    assert heard[1] - heard[21] == pytest.approx(60, abs=0.1)
    assert 10 * np.log10(np.sum(10 ** (heard[1:] / 10))) == pytest.approx(-6, abs=0.1)


def test_a_telephone_lets_the_middle_through():
    telephone = augmentation.band_pass(300, 3400, slope=24)
    hertz = np.array([_hertz_of(band) for band in range(128)])
    assert not telephone[(hertz > 320) & (hertz < 3350)].any()
    octave_below = np.abs(hertz - 150).argmin()
    assert telephone[octave_below] == pytest.approx(-24, abs=2)
    assert telephone[-1] < -2


def test_bands_taken_away_do_not_change_any_more(generator):
    levels = augmentation.levels_of(_word(generator))
    without = augmentation.without_bands(levels, 20, 30)
    assert np.ptp(without[:, 20:50], axis=0).max() == 0
    np.testing.assert_array_equal(without[:, :20], levels[:, :20])
    np.testing.assert_array_equal(without[:, 50:], levels[:, 50:])


def test_a_colour_is_smooth_and_moves_no_level_as_a_whole(generator):
    colours = np.array([augmentation.random_colour(generator) for _ in range(200)])
    assert np.abs(colours.mean(axis=1)).max() < 1e-3
    assert np.abs(np.diff(colours, axis=1)).max() < 4
    assert colours.std() == pytest.approx(6, abs=0.5)


def test_clipping_takes_from_loud_frames_alone_and_adds_to_their_quiet_bands():
    levels = np.full((3, 128), -60, "float32")
    levels[:, 10:30] = [[0], [-10], [-40]]
    heard = augmentation.clipped(levels, 12)
    np.testing.assert_allclose(heard[2], levels[2], atol=0.1)
    assert heard[0, 20] == pytest.approx(-5.4, abs=0.5)
    assert (heard[:2, 100] > levels[:2, 100] + 5).all()
    assert heard[0, 100] > heard[1, 100]
