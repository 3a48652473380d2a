import itertools

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from asking import BAD_SOUND, answer, ask, metrics, step_by_step

from gru_apps.applications.recognition import conditions, connected_digits
from gru_apps.encoding import audio, sound_files

SILENCE = {"digits": b"", "probability": 1}
# the word error rate that a hundred whispered numbers may have
BOUNDS = {
    "as it is": 0.03,
    "40 dB quieter": 0.03,
    "hum of mains": 0.03,
    "clipped by 12 dB": 0.05,
    "offset": 0.03,
    "white noise": 0.05,
    "telephone": 0.05,
    "echo": 0.05,
}


@pytest.fixture(scope="module")
def whispers():
    """A hundred of the test numbers as sounds, and what they say."""
    voices = connected_digits.voices_of(tfds.load("spoken_digits", split="test"))
    figures = metrics("recognition")
    numbers = connected_digits.draw_numbers(
        voices, figures["test_numbers"], seed=figures["test_seed"]
    )[:100]
    sounds = [audio.whisper(n.mfcc, seed=n.digits[0]) for n in numbers]
    return sounds, [" ".join(map(str, number.digits)) for number in numbers]


def _rate(said, sounds, rate=8000):
    import jiwer

    longest = max(map(len, sounds))
    padded = np.stack([np.pad(sound, (0, longest - len(sound))) for sound in sounds])
    heard = answer("recognition", waveform=padded, sample_rate=rate)["digits"]
    return jiwer.wer(said, [digits.decode() for digits in heard])


@pytest.mark.corpus
@pytest.mark.parametrize("condition", conditions.CONDITIONS)
def test_everyday_conditions_do_not_break_it(condition, whispers):
    whispered, said = whispers
    sounds = [conditions.sound_under(condition, sound) for sound in whispered]
    rate = _rate(said, sounds)
    name = f"word_error_rate_whispers_{condition.replace(' ', '_')}"
    assert rate == pytest.approx(metrics("recognition")[name], abs=0.005)
    assert rate <= BOUNDS[condition]


@pytest.mark.corpus
def test_a_recording_of_minutes_is_read_in_pieces_without_a_loss(whispers):
    sounds, said = whispers
    sounds, said = sounds[:60], said[:60]
    whole = np.concatenate([np.pad(sound, (0, 2000)) for sound in sounds])
    assert len(whole) > 120 * 8000
    assert _rate([" ".join(said)], [whole]) <= _rate(said, sounds) + 0.02


@pytest.mark.corpus
def test_a_file_as_a_person_records_it_is_heard_as_well(whispers, tmp_path):
    import librosa
    import soundfile

    sounds, said = (each[:20] for each in whispers)
    read = []
    for sound in sounds:
        sound = librosa.resample(
            0.7 * sound / np.abs(sound).max(), orig_sr=8000, target_sr=44100
        )
        path = tmp_path / "number.flac"
        soundfile.write(path, np.stack([sound, 0.5 * sound], axis=1), 44100)
        waveform, rate = sound_files.read_sound(path)
        assert rate == 44100
        read.append(waveform)
    assert _rate(said, read, 44100) <= _rate(said, sounds) + 0.02


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(tmp_path):
    figures = metrics("recognition")
    import jiwer

    voices = connected_digits.voices_of(tfds.load("spoken_digits", split="test"))
    size, seed = figures["test_numbers"], figures["test_seed"]
    numbers = connected_digits.draw_numbers(voices, size, seed=seed)
    examples = connected_digits.examples_of(numbers).padded_batch(size)
    mfcc = next(examples.as_numpy_iterator())[0]
    answers = ask("recognition", [mfcc], "features", "digits", tmp_path)[0]
    said = [" ".join(map(str, number.digits)) for number in numbers]
    rate = jiwer.wer(said, [answer.decode() for answer in answers])
    assert rate == pytest.approx(figures["test_word_error_rate"], abs=0.001)
    # the best path, which is not quite what the beam of the figure finds
    frames = np.stack([a["digit"] for a in step_by_step("recognition", mfcc)], 1)
    spoken = [
        " ".join(digit.decode() for digit, _ in itertools.groupby(row) if digit)
        for row in (row[: len(n.mfcc)] for row, n in zip(frames, numbers, strict=True))
    ]
    expected = figures["test_word_error_rate_streaming"]
    assert jiwer.wer(said, spoken) == pytest.approx(expected, abs=0.003)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("recognition")
    bounds = [
        (m["test_word_error_rate"], 0.025),
        (m["test_word_error_rate_streaming"], 0.016),
    ]
    assert not [(less, more) for less, more in bounds if less > more]


def test_a_clip_without_sound_is_silence_and_any_other_gets_a_probability():
    for silence in ([], [0.0], [0.0] * 4000):
        heard = answer("recognition", waveform=[silence], sample_rate=8000)
        assert {key: value[0] for key, value in heard.items()} == SILENCE
    heard = answer("recognition", waveform=[[0.5]], sample_rate=8000)
    assert 0 < heard["probability"][0] <= 1


@pytest.mark.parametrize("samples, rate, message", BAD_SOUND.values(), ids=BAD_SOUND)
def test_sound_that_cannot_be_is_refused_with_what_was_wrong(samples, rate, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        answer("recognition", waveform=[samples], sample_rate=rate)
