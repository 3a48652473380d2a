import numpy as np
import pytest

from gru_apps.applications.music.chorale_statistics import (
    dissonance,
    in_key,
    longest_copy,
    melodic_intervals,
    parallel_fifths_and_octaves,
    repetition,
    statistics,
    voice_crossings,
)

C_MAJOR = [72, 67, 64, 48]
D_MAJOR = [74, 69, 66, 50]
RANDOM = np.random.default_rng(0)


def struck(pitches):
    """The score in which every step of every voice starts anew."""
    return pitches, np.ones(np.shape(pitches), bool)


def test_root_position_chords_a_step_apart_have_a_parallel_fifth_and_octave():
    assert parallel_fifths_and_octaves([C_MAJOR, D_MAJOR]) == (100, 100)
    # two changes of chord, one of them a fault
    fifths_and_octaves = parallel_fifths_and_octaves(
        [C_MAJOR, D_MAJOR, [74, 69, 65, 50]]
    )
    assert fifths_and_octaves == (50, 50)


@pytest.mark.parametrize(
    ("pitches", "expected"),
    [
        ([[67, 60], [69, 62]], (100, 0)),
        ([[67, 60], [57, 50]], (100, 0)),  # down
        ([[67, 48], [69, 50]], (100, 0)),  # a twelfth
        ([[60, 67], [62, 69]], (100, 0)),  # crossed
        ([[60, 60], [62, 62]], (0, 100)),
        ([[67, 60], [67, 60]], (0, 0)),  # repeated
        ([[67, 60], [72, 53]], (0, 0)),  # fifth to twelfth by contrary motion
        ([[67, 60], [68, 62]], (0, 0)),  # fifth to tritone
        ([[64, 60], [69, 62]], (0, 0)),  # into a fifth, from a third
        ([[67, 60], [0, 0], [69, 62]], (0, 0)),  # a rest between
        ([[60, 60], [0, 0], [62, 62]], (0, 0)),
        ([[67, 60]], (0, 0)),
    ],
)
def test_parallels_are_counted_by_their_definition(pitches, expected):
    assert parallel_fifths_and_octaves(pitches) == expected


def test_a_change_of_one_voice_alone_counts_as_a_change_of_chord():
    pitches = [[67, 60], [69, 62], [71, 62], [71, 62]]
    assert parallel_fifths_and_octaves(pitches) == (50, 0)


@pytest.mark.parametrize("tonic", [60, 61, 66, 71])
@pytest.mark.parametrize("scale", [[0, 2, 4, 5, 7, 9, 11], [0, 2, 3, 5, 7, 8, 11]])
def test_a_scale_lies_in_its_key_and_a_foreign_note_does_not(tonic, scale):
    notes = tonic + np.array(scale)
    assert in_key(notes[:, np.newaxis]) == 1
    foreign = [tonic + 1] * 3  # the scale stays the best fit, by 7 notes to 3
    assert in_key(np.array([*notes, *foreign, 0])[:, np.newaxis]) < 1


def test_all_twelve_pitch_classes_lie_by_seven_twelfths_in_a_key():
    assert in_key(np.arange(60, 72)[:, np.newaxis]) == pytest.approx(7 / 12)


@pytest.mark.parametrize("interval", range(25))
def test_seconds_sevenths_and_tritones_are_dissonant(interval):
    expected = interval % 12 in (1, 2, 6, 10, 11)
    assert dissonance([[80, 80 - interval]]) == expected


def test_pairs_with_a_rest_are_no_dissonance():
    assert dissonance([[61, 60, 0], [61, 0, 0], [67, 60, 0]]) == 0.5


def test_melodic_intervals_are_counted_per_voice_up_and_down_and_over_rests():
    pitches = [[60, 48], [60, 48], [67, 0], [60, 65], [60, 65]]
    starts = [[1, 1], [0, 1], [1, 1], [1, 1], [1, 0]]
    expected = np.zeros((2, 14), int)
    expected[0, [0, 7]] = [1, 2]
    expected[1, [0, 13]] = 1
    np.testing.assert_array_equal(melodic_intervals(pitches, starts), expected)


def test_voice_crossings_are_shares_of_steps():
    pitches = [C_MAJOR, [72, 64, 67, 48], [64, 72, 48, 67], [72, 0, 74, 48]]
    assert voice_crossings(pitches) == 0.5


def test_repetition_is_the_share_of_windows_that_came_before():
    theme = RANDOM.integers(40, 80, size=(32, 4))
    assert repetition(theme) == 0
    # 49 windows, of which the 17 of the theme come back whole
    assert repetition(np.concatenate([theme, theme])) == pytest.approx(17 / 49)
    assert repetition(np.full((20, 4), -1)) == pytest.approx(4 / 5)
    assert repetition(theme[:15]) == 0
    moved = theme + [0, 0, 0, 1]
    assert repetition(np.concatenate([theme, moved])) == 0


def copied_steps_by_definition(cells, corpus, voices):
    """Grows every pair of places and every shift, cell by cell."""
    longest = 0
    cells = np.array(cells)[:, voices]
    for shift in range(-12, 13):
        moved = np.where(cells > 0, cells + shift, cells)
        for piece in corpus:
            equal = (moved[:, np.newaxis] == piece[:, voices]).all(axis=-1)
            for first, second in np.argwhere(equal):
                diagonal = equal[first:, second:].diagonal()
                ends = np.flatnonzero(~np.append(diagonal, False))
                longest = max(longest, ends[0])
    return longest


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("voices", [[0, 1], [0], [1]])
def test_the_longest_copy_is_found_as_by_definition(seed, voices):
    random = np.random.default_rng(seed)
    corpus = [
        random.choice([-1, 0, 60, 62, 65], size=(length, 2)) for length in [30, 9, 1]
    ]
    cells = random.choice([-1, 0, 62, 64], size=(12, 2))
    expected = copied_steps_by_definition(cells, corpus, voices)
    assert longest_copy(cells, corpus, voices=voices) == expected > 0


def test_a_transposed_copy_is_found_in_all_voices_and_in_the_melody():
    corpus = [RANDOM.integers(40, 80, size=(length, 4)) for length in (50, 60, 70)]
    cells = RANDOM.integers(40, 80, size=(64, 4))
    cells[10:30] = corpus[1][25:45] + 5
    cells[30:34, 0] = corpus[1][45:49, 0] + 5
    assert longest_copy(cells, corpus) == 20
    assert longest_copy(cells, corpus, voices=[0]) >= 24
    assert longest_copy(corpus[2] - 3, corpus) == 70


def test_a_copy_does_not_run_from_one_piece_into_the_next():
    cells = RANDOM.integers(40, 80, size=(20, 4))
    assert longest_copy(cells, [cells[:12], cells[12:]]) == 12


def test_a_voice_moved_alone_is_no_copy():
    cells = RANDOM.integers(40, 80, size=(20, 4))
    assert longest_copy(cells + [0, 0, 0, 5], [cells]) == 0


def test_a_score_in_which_nothing_sounds_has_statistics_all_the_same():
    for steps in (0, 1, 20):
        silence = statistics(*struck(np.zeros((steps, 4), int)))
        assert np.isfinite(list(silence.values())).all()


def test_statistics_gather_their_numbers_under_their_names():
    numbers = statistics(*struck([C_MAJOR, D_MAJOR, [88, 69, 70, 50]]))
    expected = {
        "in_key": 11 / 12,
        "dissonance": 3 / 18,
        "parallel_fifths": 50,
        "parallel_octaves": 50,
        "voice_crossings": 1 / 3,
        "steps": 4 / 8,
        "leaps_over_an_octave": 1 / 8,
        "repetition": 0,
    }
    assert numbers == pytest.approx(expected)
    assert all(type(number) is float for number in numbers.values())
