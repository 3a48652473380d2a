"""What is drawn differs from draw to draw, and only in what should not matter."""

import numpy as np
import pytest

from gru_apps.applications.speech import conditions, variations


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def _word(frames=12, digit=0):
    time = np.linspace(-1, 1, frames)[:, np.newaxis]
    shape = np.sin(np.arange(13) * (digit + 1)) * 40
    shape[0] = 0
    return (shape - 400 * time**2 * np.eye(1, 13)).astype("float32")


CLIPS = [(_word(digit=digit), digit) for digit in range(10)]


def test_a_word_differs_from_draw_to_draw_and_stays_a_clip_of_frames(generator):
    drawn = [variations.draw_word(_word(), generator) for _ in range(60)]
    as_it_is = sum(np.array_equal(mfcc, _word()) for mfcc in drawn)
    assert 4 <= as_it_is <= 18
    lengths = {len(mfcc) for mfcc in drawn}
    assert min(lengths) >= 8 and max(lengths) <= 17 + 2 * variations.LONGEST_PAUSE
    assert len(lengths) > 10
    assert all(mfcc.shape[1] == 13 and np.isfinite(mfcc).all() for mfcc in drawn)
    levels = [mfcc[:, 0].max() / 128**0.5 for mfcc in drawn]
    assert np.ptp(levels) > 30  # dB


def test_several_are_longer_than_one_and_noises_have_any_length(generator):
    three = [_word() for _ in range(3)]
    assert all(len(variations.draw_several(three, generator)) >= 30 for _ in range(20))
    noises = [variations.draw_nothing(generator) for _ in range(40)]
    assert all(np.isfinite(mfcc).all() for mfcc in noises)
    assert min(map(len, noises)) < 20 and max(map(len, noises)) > 60


def test_five_in_six_examples_are_a_digit(generator):
    answers = [variations.draw_example(CLIPS, generator)[1] for _ in range(600)]
    counts = np.bincount(answers, minlength=variations.ANSWERS)
    assert counts[:10].sum() == pytest.approx(500, abs=40)
    assert counts[:10].min() > 20 and counts[10:].min() > 25


def test_examples_are_the_same_for_the_same_seed_and_no_two_are_alike():
    some, answers = variations.draw_examples(CLIPS[:1], 30, seed=1)
    again, same = variations.draw_examples(CLIPS[:1], 30, seed=1)
    assert answers == same
    assert all(map(np.array_equal, some, again))
    words = [m for m, a in zip(some, answers, strict=True) if a == 0]
    assert 12 < len({m.tobytes() for m in words}) <= len(words)


@pytest.mark.parametrize("name", conditions.CONDITIONS)
def test_a_condition_changes_a_clip_and_is_the_same_for_the_same_chance(name):
    condition = conditions.CONDITIONS[name]
    some, other = (condition(_word(), np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(some, other)
    same = some.shape == (12, 13) and np.allclose(some, _word(), atol=1)
    assert same == (name == "as it is")


def test_more_noise_changes_more():
    def distance(ratio):
        made = conditions.within_a_room(
            _word(), np.random.default_rng(0), ratio=ratio, around=0
        )
        return np.abs(made - _word()).mean()

    assert distance(50) < distance(30) < distance(10)


def test_noises_and_pairs_are_as_many_as_asked_for():
    assert len(conditions.noises(7)) == 7
    made = conditions.pairs([mfcc for mfcc, _ in CLIPS], 5)
    assert len(made) == 5 and min(map(len, made)) >= 24 + 20
