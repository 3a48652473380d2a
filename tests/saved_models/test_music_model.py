import numpy as np
import pytest
import tensorflow as tf
from asking import answer, ask, metrics, split_for_test

from gru_apps.applications import music

COMPOSING = {"steps": 4, "temperature": 1.0, "seed": 0}


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
    bounds = [(m["test_nll_per_cell"], 0.65 * m["baseline_ngram_nll_per_cell"])]
    assert not [(less, more) for less, more in bounds if less > more]


def _primer(pitch, steps):
    return np.full([1, steps, 4], pitch)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"primer": _primer(200, 4)}, "Pitches must be .*Received: pitches=200"),
        (
            {"primer": _primer(-7, 4)},
            "`primer` must be pitches, 0 or -1. Received: -7",
        ),
        ({"steps": -1}, "`steps` must be 0 to 10000. Received: -1"),
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


def test_the_same_seed_gives_the_same_piece_and_another_seed_another():
    asked = {"primer": _primer(0, 0), **COMPOSING}
    first, again, other = (
        answer("music", **asked | {"steps": 16, "seed": seed})["pitches"]
        for seed in (3, 3, 4)
    )
    assert first.shape == (1, 16, 4)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
