import itertools

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from asking import BAD_SOUND, answer, ask, metrics, step_by_step

from gru_apps.applications.recognition import connected_digits

SILENCE = {"digits": b"", "probability": 1}


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
        (m["test_word_error_rate"], 0.03),
        (m["test_word_error_rate_streaming"], 0.05),
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
