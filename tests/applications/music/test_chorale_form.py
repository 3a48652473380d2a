import numpy as np

from gru_apps.applications.music import chorale_form

MAJOR = np.array([60, 62, 64, 65, 67, 69, 71])


def test_a_scale_is_found_in_every_key():
    for tonic in range(12):
        assert chorale_form.scale_of([MAJOR + tonic]) == tonic


def test_one_scale_at_both_ends_does_not_ask_for_the_middle():
    there_and_back = np.concatenate([MAJOR, MAJOR + 6, MAJOR + 12])[:, None]
    away = np.concatenate([MAJOR, MAJOR, MAJOR + 7])[:, None]
    ask = chorale_form.begins_and_ends_in_one_scale
    assert ask(there_and_back, steps=7) and not ask(away, steps=7)


def test_an_end_is_in_the_bass():
    pitches = [[72, 67, 64, 48], [71, 67, 62, 55]]
    assert chorale_form.ends_on_tonic(pitches, key=7)
    assert chorale_form.ends_on_tonic(pitches, key=19)
    assert not chorale_form.ends_on_tonic(pitches, key=0)
    assert not chorale_form.ends_on_tonic([[72, 67, 64, 0]], key=0)


def test_the_longest_hold_is_that_of_one_note_and_no_rest():
    pitches = np.array([[60, 0], [60, 0], [60, 0], [60, 0], [62, 50]])
    starts = np.array([[1, 1], [0, 0], [1, 0], [0, 0], [1, 1]])
    assert chorale_form.longest_hold(pitches, starts) == 2
    starts[2, 0] = starts[0, 0] = False  # held from before, and on
    assert chorale_form.longest_hold(pitches, starts) == 4
    assert chorale_form.longest_hold(np.zeros([3, 2]), np.zeros([3, 2])) == 0
