import numpy as np
import pytest
import tensorflow as tf

from gru_apps.applications import music
from gru_apps.applications.music import chorale_statistics, completing


def test_parallels_are_those_of_the_statistics():
    random = np.random.default_rng(0)
    pitches = random.choice([0, 48, 50, 55, 57, 60, 62, 67], [200, 4])
    found = completing.parallels(pitches[:-1], pitches[1:]).numpy()
    per_change = chorale_statistics.parallel_fifths_and_octaves(pitches)
    sounding = (pitches[1:] > 0) & (pitches[:-1] > 0)
    changes = ((np.diff(pitches, axis=0) != 0) & sounding).any(axis=1).sum()
    assert found.sum() > 20
    assert found.sum() == pytest.approx(sum(per_change) * changes / 100)


def test_before_the_first_note_nothing_is_parallel():
    assert completing.parallels([[-1] * 4], [[72, 60, 67, 48]]).numpy() == [0]


def test_without_faults_each_candidate_goes_on_once():
    for seed in range(5):
        rows = completing.survivors(tf.ones([3, 7]), [seed, 0])
        assert rows.numpy().tolist() == list(range(21))


def test_candidates_with_faults_give_way_to_copies_in_their_own_piece():
    faults = tf.constant([[0.0, 5, 5, 5], [5, 5, 0, 0]])
    rows = completing.survivors(faults, [0, 0]).numpy()
    assert rows.tolist() == [0, 0, 0, 0, 6, 6, 7, 7]


def test_candidates_go_on_as_often_as_their_weights_say():
    faults = tf.constant([[0.0, 0.25, 0, 0.5]])
    rows = [completing.survivors(faults, [seed, 0]) for seed in range(400)]
    shares = np.bincount(np.ravel(rows), minlength=4) / 1600
    expected = tf.nn.softmax(-completing.PENALTY * faults)[0]
    np.testing.assert_allclose(shares, expected, atol=0.02)


def test_only_what_sounds_is_held_and_not_for_ever():
    held = music.FIRST_HELD_TOKEN
    pitches = [-1, 0, music.LOWEST, music.HIGHEST, music.LOWEST]
    ages = [0, 1, 1, 1, completing.LONGEST_HOLD]
    may_come = completing.allowed(tf.constant(pitches), tf.constant(ages)).numpy()
    assert not may_come[:, : music.START_TOKEN + 1].any()
    assert may_come[:, music.REST_TOKEN : held].all()
    holds = [np.flatnonzero(row[held:]).tolist() for row in may_come]
    assert holds == [[], [0], [1], [music.HIGHEST - music.LOWEST + 1], []]


def _rows(pitches, ages):
    pitches, ages = tf.constant(pitches), tf.constant(ages)
    return completing.Candidates(None, None, pitches, ages)


def test_notes_that_begin_outside_the_scale_are_parts_of_a_fault():
    # C, E flat and F sharp; in the order of naming: soprano, bass, alto, tenor
    rows = _rows([[72, 48, 63, 54]] * 4, [[1, 1, 1, 1]] * 3 + [[1, 1, 5, 5]])
    ids = [[0, 1, 0, 0], [0, 13, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]]
    found = completing.strangers(rows, tf.constant(ids)).numpy()
    part = completing.STRANGE  # C major, C minor, no key, and both held
    np.testing.assert_allclose(found, [2 * part, part, 0, 0])


def test_a_last_bass_beside_the_tonic_is_a_fault_and_a_rest_is_no_strange_note():
    rows = _rows([[72, 55, 64, 60], [72, 48, 64, 0], [72, 55, 64, 60]], [[1] * 4] * 3)
    ids = [[0, 1, 0, 1], [0, 1, 0, 1], [0, 1, 0, 2]]
    assert completing.strangers(rows, tf.constant(ids)).numpy().tolist() == [1, 0, 0]
