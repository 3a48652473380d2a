import time

import numpy as np
import pytest

from gru_apps.applications.music.synthesizer import synthesize


def one_note(pitch, steps=8, voice=0):
    pitches, starts = np.zeros((steps, 4), "int32"), np.zeros((steps, 4), bool)
    pitches[:, voice] = pitch
    starts[0] = True
    return pitches, starts


def power(waveform, sample_rate=22050):
    spectrum = np.fft.rfft(waveform * np.hanning(len(waveform)))
    return np.fft.rfftfreq(len(waveform), 1 / sample_rate), np.abs(spectrum) ** 2


def random_chords(steps=64):
    random = np.random.default_rng(0)
    pitches = np.repeat(random.integers(40, 80, size=(steps // 2, 4)), 2, axis=0)
    return pitches, np.tile([[True] * 4, [False] * 4], [steps // 2, 1])


@pytest.mark.parametrize("voice", range(4))
@pytest.mark.parametrize(("pitch", "frequency"), [(69, 440), (60, 261.63), (45, 110)])
def test_a_pitch_is_heard_at_its_frequency(pitch, frequency, voice):
    frequencies, levels = power(synthesize(*one_note(pitch, voice=voice)))
    assert abs(frequencies[levels.argmax()] - frequency) < 1


def test_a_waveform_is_as_long_as_the_score_and_the_sound_of_the_room():
    waveform = synthesize(*one_note(60, steps=16), tempo=60, sample_rate=8000)
    assert waveform.shape == (4 * 8000 + 12000,) and waveform.dtype == np.float32
    assert np.abs(waveform).max() == pytest.approx(0.9)


def test_rests_are_silent_before_the_music_and_die_away_after_it():
    pitches, starts = one_note(60, steps=24)
    pitches[:8] = pitches[9:] = 0
    starts[8] = starts[9] = True
    waveform = np.abs(synthesize(pitches, starts, tempo=60))
    note = 8 * 22050 // 4
    assert waveform[: note - 1].max() < 1e-6
    assert waveform[note : note + 5000].max() > 0.5
    assert waveform[-5000:].max() < 1e-3


def test_a_score_of_rests_or_of_no_steps_is_silence():
    assert not synthesize(*one_note(0)).any()
    assert not synthesize(np.zeros((0, 4)), np.zeros((0, 4))).any()


def test_notes_begin_and_end_without_a_click():
    pitches, starts = random_chords()
    waveform = synthesize(pitches, starts)
    frequencies, levels = power(waveform)
    # partials stop at 4 kHz: above lies what jumps, which has all frequencies
    assert levels[frequencies > 5000].sum() < 1e-8 * levels.sum()
    assert np.abs(np.diff(waveform)).max() < 0.5
    assert abs(waveform[0]) < 1e-6 and abs(waveform[-1]) < 1e-3


def test_partials_beyond_half_the_sample_rate_are_left_out():
    # A partial too high would be heard at the sample rate minus its frequency, far
    # from the multiples of 1975.5 Hz.
    waveform = synthesize(*one_note(95, steps=16), sample_rate=7000)
    frequencies, levels = power(waveform, 7000)
    near = np.abs(frequencies - 1975.5) < 100
    assert levels[~near].sum() < 1e-4 * levels.sum()


def test_a_repeated_note_is_heard_anew():
    pitches, starts = one_note(60)
    held = synthesize(pitches, starts)
    starts[4] = True
    assert np.abs(held - synthesize(pitches, starts)).max() > 0.1


def test_a_note_held_from_before_the_first_step_sounds():
    pitches, starts = one_note(60)
    held = np.zeros_like(starts)
    np.testing.assert_array_equal(
        synthesize(pitches, held), synthesize(pitches, starts)
    )


def test_the_same_score_sounds_the_same():
    score = random_chords()
    np.testing.assert_array_equal(synthesize(*score), synthesize(*score))


def test_a_minute_of_music_takes_seconds():
    score = random_chords(steps=320)
    start = time.process_time()  # of this process, whatever else the machine does
    synthesize(*score)
    assert time.process_time() - start < 4


@pytest.mark.parametrize("tempo", [0, -1, 0.5, 1e9, float("nan")])
def test_a_tempo_that_cannot_be_sung_is_refused(tempo):
    with pytest.raises(ValueError, match=f"Received: tempo={tempo}$"):
        synthesize(*one_note(60), tempo=tempo)


@pytest.mark.parametrize("rate", [0, -8000, 999, 1_000_001, float("nan")])
def test_a_sample_rate_that_cannot_be_sung_at_is_refused(rate):
    with pytest.raises(ValueError, match=f"Received: sample_rate={rate}$"):
        synthesize(*one_note(60), sample_rate=rate)


def test_a_score_that_would_fill_the_memory_is_refused():
    with pytest.raises(ValueError, match="at most 34 seconds .*Received: 1002 seconds"):
        synthesize(*one_note(60, steps=4000), tempo=60, sample_rate=1_000_000)
