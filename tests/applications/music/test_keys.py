import numpy as np
import pytest

from gru_apps.applications import music
from gru_apps.applications.music import keys

CHORDS = [[72, 67, 64, 48], [72, 69, 65, 53], [71, 67, 62, 55], [72, 67, 64, 48]]


@pytest.mark.parametrize("shift", range(-5, 7))
def test_a_cadence_is_in_the_key_of_its_last_chord_wherever_it_is_moved(shift):
    pitches = np.array([CHORDS])
    minor = np.select([pitches == 64, pitches == 69], [63, 68], pitches)
    assert music.key_of(pitches + shift).numpy().tolist() == [shift % 12]
    assert music.key_of(minor + shift).numpy() == [12 + shift % 12]
    assert keys.transpose_key(0, shift) == shift % 12
    assert keys.transpose_key(12, shift) == 12 + shift % 12


def test_an_end_in_the_bass_or_else_the_soprano_decides_between_like_keys():
    pitches = np.zeros([1, 8, 4], int)
    pitches[0, :7, 0] = 60, 62, 64, 65, 67, 71, 69  # C major as well as A minor
    on_c = pitches.copy()
    on_c[0, 7, 3] = 48
    assert music.key_of(pitches).numpy() == [21]
    assert music.key_of(on_c).numpy() == [0]
    assert music.key_of(pitches, is_whole=False).numpy() == [0]


def test_what_is_silent_has_no_key_and_does_not_change_the_others():
    pitches = np.array([CHORDS, np.zeros([4, 4])])
    assert music.key_of(pitches).numpy().tolist() == [0, -1]
    assert music.key_of(np.zeros([2, 0, 4])).numpy().tolist() == [-1, -1]
    assert keys.transpose_key(-1, 5) == -1
    assert keys.transpose_key(np.array([-1, 11]), 5).tolist() == [-1, 4]


def test_each_key_is_found_by_its_name():
    for key in range(keys.NUM_KEYS):
        assert music.key_from_name(music.key_name(key)) == key
    for name in ["Bb", "b flat", "B-flat major", " A# ", "B♭"]:
        assert music.key_from_name(name) == 10
    assert music.key_from_name("Cb minor") == 23
    assert music.key_from_name("C# MAJOR") == 1
    assert music.key_from_name("B Flat Minor") == 22


@pytest.mark.parametrize("name", ["", "H", "C minors", "Cis", "C major minor", "7"])
def test_what_is_no_key_is_refused(name):
    with pytest.raises(ValueError, match=f"Received: key='{name}'"):
        music.key_from_name(name)
