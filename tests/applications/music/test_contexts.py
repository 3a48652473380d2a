import numpy as np

from gru_apps.applications import music
from gru_apps.applications.music import contexts


def _of(kind, ids):
    return ids[..., ::4, kind].numpy().tolist()


def test_beats_are_counted_to_the_fermata_and_to_the_end():
    fermata = np.zeros([1, 56], bool)
    fermata[0, [38, 39, 40]] = True
    ids = music.context_ids(fermata, key=[23])
    phrase, end = (_of(kind, ids)[0] for kind in (contexts.PHRASE, contexts.END))
    # 38 steps before it are nine beats and a half
    assert (
        phrase[:11] == [10] * 6 + [9] * 4 + [8] and phrase[30:38] == [3] * 4 + [2] * 4
    )
    assert phrase[38:] == [1] * 3 + [0] * 15
    assert end[:24] == [9] * 24 and end[24:28] == [8] * 4 and end[-5:] == [2, *[1] * 4]
    assert {*_of(contexts.KEY, ids)[0]} == {24}
    assert ids[0, :18, contexts.PLACE].numpy().tolist() == [*range(16), 0, 1]


def test_ids_stay_below_their_numbers_and_are_0_where_nothing_is_known():
    fermata = np.zeros([2, 400], bool)
    fermata[0, ::40] = True
    ids = music.context_ids(fermata, key=[23, -1], is_ending=[True, False]).numpy()
    assert (ids.max(axis=(0, 1)) < music.NUM_CONTEXTS).all()
    assert ids.max(axis=(0, 1)).tolist() == [n - 1 for n in music.NUM_CONTEXTS]
    assert not ids[1, :, 1:].any()


def test_no_steps_have_no_ids():
    assert music.context_ids(np.zeros([2, 0], bool), key=3).shape == (2, 0, 4)
    assert music.fermatas(0).shape == (0,)


def test_planned_phrases_end_where_the_piece_does_and_last_two_bars():
    marks = music.fermatas(80).numpy()
    ends = np.flatnonzero(np.diff(marks.astype(int), append=0) == -1)
    assert ends.tolist() == [47, 79]  # of 16 steps left, no phrase is made
    assert marks.sum() == 8 and music.fermatas(3).numpy().all()
