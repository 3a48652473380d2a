import numpy as np
import pytest
import tensorflow as tf
from asking import BAD_SOUND, answer, ask, metrics, split_for_test, step_by_step

SILENCE = {"digit": -1, "probability": 0}


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(tmp_path):
    figures = metrics("speech")
    rows = split_for_test("spoken_digits")
    longest = max(len(row["mfcc"]) for row in rows)
    mfcc = [np.pad(r["mfcc"], [(0, longest - len(r["mfcc"])), (0, 0)]) for r in rows]
    digits = ask("speech", [np.array(mfcc)], "features", "digit", tmp_path)[0]
    accuracy = np.mean(digits == [row["digit"] for row in rows])
    assert accuracy == pytest.approx(figures["test_accuracy"], abs=0.004)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("speech")
    bounds = [(0.985, m["test_accuracy"])]
    assert not [(less, more) for less, more in bounds if less > more]


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
def teststep_by_step_speech_ends_at_what_it_says_of_the_whole_clip():
    clips = [row["mfcc"] for row in split_for_test("spoken_digits")[:16]]
    longest = max(map(len, clips))
    mfcc = np.stack([np.pad(c, [(0, longest - len(c)), (0, 0)]) for c in clips])
    whole = answer("speech", "features", mfcc=mfcc)
    steps = list(step_by_step("speech", mfcc))
    for row, clip in enumerate(clips):
        last = steps[len(clip) - 1]
        assert last["digit"][row] == whole["digit"][row]
        probability = pytest.approx(whole["probability"][row], abs=1e-4)
        assert last["probability"][row] == probability
