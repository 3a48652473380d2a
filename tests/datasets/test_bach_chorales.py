import itertools
import re

import numpy as np
import pytest
from corpora import SPLITS, corpus, everything, in_several_splits, letters, sizes

from gru_apps.datasets import bach_chorales


@pytest.mark.corpus
def test_each_chorale_has_four_voices_of_one_length_in_their_ranges():
    assert sizes("bach_chorales") == [290, 36, 36]
    for chorale in everything("bach_chorales"):
        steps = len(chorale["position"])
        assert chorale["pitches"].shape == chorale["starts"].shape == (steps, 4)
        assert chorale["bar"].shape == chorale["fermata"].shape == (steps,)
        sounding = chorale["pitches"][chorale["pitches"] > 0]
        assert 36 <= sounding.min() <= sounding.max() <= 81
        assert -4 <= chorale["key_sharps"] <= 5


@pytest.mark.corpus
@pytest.mark.parametrize("piece", ["bwv26.6", "bwv66.6", "bwv304"])
def test_no_note_is_lost_or_moved_against_what_music21_reads(piece):
    from music21 import converter
    from music21.corpus import getWork

    path = getWork(f"bach/{piece}")
    score = converter.parse(path, forceSource=True, storePickle=False)
    (chorale,) = [
        chorale for chorale in everything("bach_chorales") if chorale["piece"] == piece
    ]
    for voice, part in enumerate(score.parts):
        notes = part.stripTies().flatten().notes
        onsets = np.flatnonzero(chorale["starts"][:, voice])
        pitches = chorale["pitches"][onsets, voice]
        found = [(o / 4, p) for o, p in zip(onsets, pitches, strict=True) if p]
        assert found == [(note.offset, note.pitch.midi) for note in notes]


@pytest.mark.corpus
def test_pitches_change_only_where_a_note_or_rest_starts():
    for chorale in everything("bach_chorales"):
        starts, pitches = chorale["starts"], chorale["pitches"]
        assert starts[0].all()
        assert starts[1:][pitches[1:] != pitches[:-1]].all()
        # two rests in a row are one
        assert not starts[1:][(pitches[1:] == 0) & (pitches[:-1] == 0)].any()


@pytest.mark.corpus
def test_starts_tell_repeated_notes_from_held_ones():
    repeated = held = 0
    for chorale in everything("bach_chorales"):
        same = chorale["pitches"][1:] == chorale["pitches"][:-1]
        repeated += (same & chorale["starts"][1:]).sum()
        held += (same & ~chorale["starts"][1:]).sum()
    assert repeated > 5000
    assert held > 100000


@pytest.mark.corpus
def test_positions_count_through_the_bar_and_an_upbeat_counts_to_its_end():
    upbeats = 0
    for chorale in everything("bach_chorales"):
        position, bar = chorale["position"], chorale["bar"]
        assert ((position >= 0) & (position < bar)).all()
        jumps = position[1:][position[1:] != position[:-1] + 1]
        assert np.count_nonzero(jumps) <= 1  # a bar cut short and then made up for
        upbeats += position[0] > 0
        if position[0]:
            assert position[bar[0] - position[0]] == 0
    assert upbeats > 150


@pytest.mark.corpus
def test_a_fermata_lasts_as_long_as_the_note_of_the_soprano():
    for chorale in everything("bach_chorales"):
        fermata, starts = chorale["fermata"], chorale["starts"][:, 0]
        assert starts[1:][fermata[1:] != fermata[:-1]].all()
    assert (
        np.mean([chorale["fermata"].any() for chorale in everything("bach_chorales")])
        > 0.99
    )


def tunes(chorale):
    onbeat = chorale["pitches"][chorale["position"] % 4 == 0, 0]
    tune = [pitch for pitch, _ in itertools.groupby(onbeat[onbeat > 0])]
    steps = " ".join(map(str, np.diff(tune))).split()
    return {" ".join(steps[i : i + 12]) for i in range(len(steps) - 11)}


def passages(chorale):
    # rests stay rests in any key
    sounding = np.where(chorale["pitches"] > 0, chorale["pitches"], np.nan)
    cuts = (sounding[i : i + 32] for i in range(len(sounding) - 31))
    return {np.nan_to_num(cut - np.nanmin(cut), nan=99.0).tobytes() for cut in cuts}


@pytest.mark.corpus
@pytest.mark.parametrize("runs", [tunes, passages])
def test_no_long_run_of_music_stands_in_two_splits(runs):
    seen = [set().union(*map(runs, corpus("bach_chorales")[s])) for s in SPLITS]
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]


@pytest.mark.corpus
def test_no_hymn_stands_in_two_splits():
    assert not in_several_splits("bach_chorales", lambda c: letters(c["title"]))


@pytest.mark.corpus
def test_no_chorale_is_another_in_a_different_key():
    shapes = set()
    for chorale in everything("bach_chorales"):
        sounding = chorale["pitches"] > 0
        first = chorale["pitches"][sounding][0]
        shapes.add(np.where(sounding, chorale["pitches"] - first, 99).tobytes())
    assert len(shapes) == len(everything("bach_chorales"))


@pytest.mark.corpus
def test_the_split_of_a_chorale_does_not_depend_on_the_order_of_the_files():
    again = bach_chorales._splits(
        sorted(everything("bach_chorales"), key=lambda c: c["piece"][::-1])
    )
    for split, expected in corpus("bach_chorales").items():
        assert {c["piece"] for c in again[split]} == {c["piece"] for c in expected}


@pytest.mark.corpus
def test_every_chorale_has_a_title():
    assert not [c for c in everything("bach_chorales") if re.match("bwv|$", c["title"])]


def test_a_bar_that_a_repeat_divides_goes_on_behind_it_and_a_long_one_starts_anew():
    position, bar = bach_chorales._meter([(3, 4), (1, 4), (6, 4)])
    assert position.tolist() == [1, 2, 3, 0, 0, 1, 2, 3, 0, 1]
    assert set(bar) == {4}
