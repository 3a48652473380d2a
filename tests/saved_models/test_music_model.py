import numpy as np
import pytest
import tensorflow as tf
from asking import answer, ask, metrics, split_for_test

from gru_apps.applications import music
from gru_apps.applications.music import chorale_form, chorale_statistics

DRAWING = {"key": -1, "candidates": 8, "temperature": 1.0, "seed": 0}
COMPOSING = {"steps": 4} | DRAWING


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(tmp_path):
    figures = metrics("music")
    rows = split_for_test("bach_chorales")
    cells = [music.cells_from_score(r["pitches"], r["starts"]).numpy() for r in rows]
    asked = [piece[None] for piece in cells]
    nll = ask("music", asked, "score", "negative_log_likelihood", tmp_path)
    nll = np.average(np.concatenate(nll), weights=[len(piece) for piece in cells])
    assert nll == pytest.approx(figures["test_nll_per_cell"], abs=0.002)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("music")
    bounds = [
        (m["test_nll_per_cell"], 0.65 * m["baseline_ngram_nll_per_cell"]),
        (m["test_nll_per_cell"], 0.435),
        (0.5, m["composed_one_scale"]),
        (0.7, m["composed_ends_on_tonic"]),
        (m["composed_longest_hold"], 32),
        (m["composed_parallels"], 3),
        (m["harmonized_parallels"], 3),
    ]
    assert not [(less, more) for less, more in bounds if less > more]


@pytest.fixture(scope="module")
def composed():
    """Eight bars from nothing, twenty times, with the keys they are in."""
    said = answer("music", primer=_primer(0, 0, 20), **COMPOSING | {"steps": 128})
    return list(zip(said["pitches"], said["starts"], said["key"], strict=True))


def _parallels(pieces):
    rows = [chorale_statistics.parallel_fifths_and_octaves(p) for p, *_ in pieces]
    return np.sum(rows, axis=1).mean()


def test_pieces_keep_their_scale_and_end_on_the_tonic_of_their_key(composed):
    pitches = [piece for piece, *_ in composed]
    kept = map(chorale_form.begins_and_ends_in_one_scale, pitches)
    assert np.mean(list(kept)) >= 0.5
    home = [chorale_form.ends_on_tonic(piece, int(key)) for piece, _, key in composed]
    assert np.mean(home) >= 0.7
    assert len({key for *_, key in composed}) > 8


def test_pieces_have_few_parallels_and_no_note_without_end(composed):
    assert _parallels(composed) <= 3
    holds = [chorale_form.longest_hold(p, s) for p, s, _ in composed]
    assert max(holds) <= 32
    alone = COMPOSING | {"steps": 128, "temperature": 0.0, "candidates": 1}
    cold = answer("music", primer=_primer(0, 0, 4), **alone)
    pairs = zip(cold["pitches"], cold["starts"], strict=True)
    assert max(chorale_form.longest_hold(*pair) for pair in pairs) <= 32


def _melody():
    """A hymn's first line in G major, each note a beat, the last two; cells."""
    cells = np.full([32, 4], music.PAD)
    cells[:, 0] = music.HOLD
    cells[:28:4, 0] = [67, 67, 62, 67, 69, 69, 71]
    return cells


@pytest.mark.parametrize("voice, fall", [(0, 0), (1, 5), (2, 12), (3, 19)])
def test_any_voice_is_kept_and_the_others_sing_with_it(voice, fall):
    cells = np.full([32, 4], music.PAD)
    melody = _melody()[:, 0]
    cells[:, voice] = np.where(melody > 0, melody - fall, melody)
    asked = {"voices": cells[None], "fermata": np.zeros([1, 32], bool)} | DRAWING
    said = answer("music", "harmonize", **asked)
    pitches, starts = said["pitches"][0], said["starts"][0]
    kept = music.cells_from_score(pitches, starts).numpy()[:, voice]
    np.testing.assert_array_equal(kept, cells[:, voice])
    assert (pitches > 0).mean() > 0.9
    assert chorale_statistics.in_key(pitches) > 0.8
    assert chorale_statistics.dissonance(pitches) < 0.2
    assert chorale_statistics.voice_crossings(pitches) < 0.3


@pytest.mark.corpus
def test_bachs_sopranos_are_harmonized_with_few_parallels():
    pieces = []
    for row in split_for_test("bach_chorales")[:6]:
        cells = music.cells_from_score(row["pitches"], row["starts"]).numpy()
        voices = np.where([True, False, False, False], cells, music.PAD)[None]
        asked = {"voices": voices, "fermata": row["fermata"][None]} | DRAWING
        said = answer("music", "harmonize", **asked)
        np.testing.assert_array_equal(said["pitches"][0, :, 0], row["pitches"][:, 0])
        pieces.append((said["pitches"][0], said["starts"][0]))
    assert _parallels(pieces) <= 3
    assert np.mean([chorale_form.ends_on_tonic(p) for p, _ in pieces]) >= 0.5


def _primer(pitch, steps, batch=1):
    return np.full([batch, steps, 4], pitch)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"primer": _primer(200, 4)}, "Pitches must be .*Received: pitches=200"),
        (
            {"primer": _primer(-7, 4)},
            "`primer` must be pitches, 0 or -1. Received: -7",
        ),
        ({"steps": -1}, "`steps` must be 0 to 10000. Received: -1"),
        ({"key": 99}, "`key` must be 0 to 23, or -1. Received: 99"),
        ({"candidates": 1000}, "`candidates` must be 1 to 64. Received: 1000"),
        (
            {"temperature": -1.0},
            "`temperature` must be finite, and at least 0. Received: -1",
        ),
    ],
)
def test_music_that_cannot_be_is_refused_with_what_was_wrong(wrong, message):
    asked = {"primer": _primer(0, 0), **COMPOSING, **wrong}
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        answer("music", **asked)


def test_a_soprano_that_nobody_sings_and_fermatas_of_another_length_are_refused():
    cells, fermata = _melody()[None], np.zeros([1, 32], bool)
    wrong = [
        ({"voices": np.where(cells > 0, cells - 24, cells)}, "soprano 55 to 87"),
        ({"fermata": fermata[:, :9]}, "`fermata` must be as long as the voices"),
    ]
    for change, message in wrong:
        asked = {"voices": cells, "fermata": fermata} | DRAWING | change
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            answer("music", "harmonize", **asked)


def test_the_same_seed_gives_the_same_piece_and_another_seed_another():
    asked = {"primer": _primer(0, 0), **COMPOSING}
    first, again, other = (
        answer("music", **asked | {"steps": 16, "seed": seed})["pitches"]
        for seed in (3, 3, 4)
    )
    assert first.shape == (1, 16, 4)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
