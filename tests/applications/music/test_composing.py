import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps.applications import music
from gru_apps.applications.music import chorale_statistics
from gru_apps.models import language_models

DRAWING = {"key": -1, "candidates": 3, "temperature": 1.0, "seed": 0}
OPEN = music.PAD


@pytest.fixture(scope="module")
def views():
    keras.utils.set_random_seed(0)
    return language_models.build_language_model(
        music.NUM_TOKENS,
        tokens_per_step=4,
        num_contexts=music.NUM_CONTEXTS,
        given_units=3,
        embedding_dim=4,
        units=8,
    )


@pytest.fixture(scope="module")
def composition(views):
    return music.compose_music(views)


def _composed(composition, primer=None, steps=6, **drawing):
    primer = np.zeros([2, 0, 4], "int32") if primer is None else primer
    question = {"primer": primer, "steps": steps} | DRAWING | drawing
    return composition["serving_default"](**question)


def _harmonized(composition, voices, fermata=None, **drawing):
    fermata = np.zeros(np.shape(voices)[:2], bool) if fermata is None else fermata
    voices = np.array(voices, "int32")
    question = {"voices": voices, "fermata": fermata} | DRAWING | drawing
    return composition["harmonize"](**question)


def test_the_same_seed_gives_the_same_piece(composition):
    first, same, other = (
        _composed(composition, seed=seed)["pitches"].numpy() for seed in [1, 1, 2]
    )
    assert first.shape == (2, 6, 4)
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_a_primer_is_gone_on_from_in_its_key(composition):
    primer = np.full([1, 2, 4], music.HOLD, "int32")
    primer[:, 0] = [72, 67, 64, 48]
    answer = _composed(composition, primer, 4)
    assert answer["pitches"].shape == (1, 4, 4) and answer["key"] == [0]
    other = _composed(composition, primer + (primer > 0) * 2, 4)
    assert other["key"] == [2]


def test_a_key_is_the_one_that_is_asked_for_or_any(composition):
    assert _composed(composition, key=19)["key"].numpy().tolist() == [19, 19]
    silence = np.zeros([99, 0, 4], "int32")
    drawn = _composed(composition, silence, 1, candidates=1)["key"].numpy()
    assert len({*drawn}) > 15 and drawn.min() >= 0 and drawn.max() < 24


def test_many_candidates_make_fewer_parallels_than_one(composition):
    silence = np.zeros([8, 0, 4], "int32")
    faults = {}
    for candidates in (1, 16):
        pieces = _composed(composition, silence, 40, candidates=candidates)
        faults[candidates] = sum(
            sum(chorale_statistics.parallel_fifths_and_octaves(piece))
            for piece in pieces["pitches"].numpy()
        )
    assert faults[16] < faults[1] / 4


def test_what_is_given_stays_and_nothing_else_is_open(composition):
    voices = np.full([2, 6, 4], OPEN)
    voices[0, :, 0] = [72, -1, 74, -1, 0, -1]  # a voice
    voices[1, 2:4, 3] = [50, -1]  # or a note alone
    answer = _harmonized(composition, voices)
    pitches, starts = (answer[name].numpy() for name in ("pitches", "starts"))
    assert pitches[0, :, 0].tolist() == [72, 72, 74, 74, 0, 0]
    assert starts[0, :, 0].tolist() == [True, False] * 3
    assert pitches[1, 2:4, 3].tolist() == [50, 50] and not starts[1, 3, 3]
    assert (pitches >= 0).all()


def test_the_key_is_that_of_the_outer_voices_and_of_inner_ones_unknown(composition):
    voices = np.full([3, 8, 4], OPEN)
    voices[0, :, 0] = [67, 69, 71, 72, 74, 76, 78, 79]
    voices[1, :, 3] = voices[0, :, 0] - 24
    voices[2, :, 1] = voices[0, :, 0] - 5
    assert _harmonized(composition, voices)["key"].numpy().tolist() == [7, 7, -1]
    assert _harmonized(composition, voices, key=2)["key"].numpy().tolist() == [2] * 3


def test_of_a_whole_score_nothing_is_found(composition):
    whole = np.array([[[72, 67, 64, 48], [-1, 65, 0, -1]]])
    answer = _harmonized(composition, whole)
    assert answer["pitches"].numpy().tolist() == [[[72, 67, 64, 48], [72, 65, 0, 48]]]
    np.testing.assert_array_equal(answer["starts"], whole >= 0)


def test_what_is_given_later_changes_what_is_drawn_before(composition):
    voices = np.full([1, 8, 4], OPEN)
    voices[0, 7, 0] = 60
    other = voices.copy()
    other[0, 7, 0] = 80
    drawn = [
        _harmonized(composition, v, key=0, candidates=1)["pitches"][:, :7]
        for v in (voices, other, voices)
    ]
    np.testing.assert_array_equal(drawn[0], drawn[2])
    assert (drawn[0] != drawn[1]).numpy().any()


def test_a_voice_never_holds_what_does_not_sound(composition):
    answer = _composed(composition, np.zeros([4, 0, 4], "int32"), 30)
    pitches, starts = (answer[name].numpy() for name in ("pitches", "starts"))
    held = ~starts[:, 1:]
    assert starts[:, 0].all() and held.any()
    assert (pitches[:, 1:][held] == pitches[:, :-1][held]).all()


def test_at_a_temperature_of_zero_no_seed_counts(composition):
    for temperature, number in [(0.0, 1), (1.0, 2)]:
        pieces = [
            _composed(composition, key=0, seed=seed, temperature=temperature)["pitches"]
            for seed in (1, 2)
        ]
        assert len({piece.numpy().tobytes() for piece in pieces}) == number


def test_key_and_fermatas_are_told_to_the_model(composition):
    voices, fermata = np.full([1, 16, 4], OPEN), np.zeros([1, 16], bool)
    fermata[:, 4:8] = True
    told = [{"key": 0}, {"key": 1}, {"key": 0, "fermata": fermata}]
    drawing = {"candidates": 1, "temperature": 0.01}  # where logits hardly differ
    plain, in_key, in_phrases, again = (
        _harmonized(composition, voices, **options, **drawing)["pitches"].numpy()
        for options in [*told, told[0]]
    )
    np.testing.assert_array_equal(plain, again)
    assert (plain != in_key).any() and (plain != in_phrases).any()


def test_a_score_is_the_mean_of_what_the_model_says_of_each_cell(composition, views):
    cells = np.random.default_rng(0).integers(50, 70, [2, 3, 4]).astype("int32")
    cells[1, 1:] = music.HOLD
    tokens = music.tokens_from_cells(cells).numpy()
    unknown = np.zeros([2, 12, 4], "int32")
    unknown[:, :, 0] = np.arange(12)  # the voice and the sixteenth, which all know
    before = np.pad(tokens, [(0, 0), (1, 0)], constant_values=music.START_TOKEN)
    inputs = {"token_ids": before[:, :-1], "context_ids": unknown}
    logits = views.model(inputs | {"given_ids": np.zeros_like(tokens)}).numpy()
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    of_cells = -np.log(np.take_along_axis(p, tokens[..., None], axis=-1))
    score = composition["score"](cells)["negative_log_likelihood"]
    np.testing.assert_allclose(score, of_cells.mean(axis=(1, 2)), rtol=1e-5)


def test_score_leaves_padding_out(composition):
    cells = np.random.default_rng(0).integers(50, 70, [1, 3, 4]).astype("int32")
    padded = np.pad(cells, [(0, 0), (0, 2), (0, 0)], constant_values=music.PAD)
    np.testing.assert_allclose(
        composition["score"](cells)["negative_log_likelihood"],
        composition["score"](padded)["negative_log_likelihood"],
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    "change, message",
    [
        ({"steps": -1}, "`steps` must be 0 to 10000. Received: -1"),
        ({"steps": 700_000_000}, "`steps` must be 0 to 10000. Received: 700000000"),
        ({"temperature": -0.5}, "`temperature` must be"),
        ({"temperature": np.inf}, "`temperature` must be.*Received: inf"),
        ({"temperature": np.nan}, "`temperature` must be.*Received: nan"),
        ({"key": 24}, "`key` must be 0 to 23, or -1. Received: 24"),
        ({"candidates": 0}, "`candidates` must be 1 to 64. Received: 0"),
        ({"primer": np.full([1, 4, 4], OPEN)}, "`primer` must be.*Received: -2"),
        ({"primer": np.full([1, 1, 4], 200, "int32")}, "200"),
    ],
)
def test_bad_music_is_refused(composition, change, message):
    question = {"primer": np.zeros([1, 0, 4], "int32"), "steps": 2}
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        _composed(composition, **question | change)


@pytest.mark.parametrize(
    "voices, fermata, message",
    [
        ([[[54, OPEN, OPEN, OPEN]]], None, "soprano 55 to 87.*Received: .54"),
        ([[[OPEN, OPEN, OPEN, 71]]], None, "bass 31 to 70.*Received: .71"),
        ([[[72, OPEN, OPEN, -3]]], None, "`voices` must be.*Received: -3"),
        ([[[OPEN] * 4, [-1] * 4]], None, "held after a cell that is given"),
        ([[[72] + [OPEN] * 3]], [[True, False]], "`fermata` must be as long.*2"),
    ],
)
def test_voices_that_cannot_be_are_refused(composition, voices, fermata, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        _harmonized(composition, voices, fermata)


@pytest.mark.parametrize("temperature", [0.0, 1e-42, 1e-30, 1e12, 3e38])
def test_however_hot_or_cold_music_is_drawn(composition, temperature):
    answer = _composed(composition, steps=9, temperature=temperature)
    pitches = answer["pitches"].numpy()
    assert pitches.shape == (2, 9, 4)
    assert (pitches == 0).sum() + (pitches >= music.LOWEST).sum() == pitches.size


def test_a_piece_of_no_steps_has_a_score_of_0(composition):
    for batch in [0, 1, 2]:
        answer = composition["score"](np.zeros([batch, 0, 4], "int32"))
        assert answer["negative_log_likelihood"].numpy().tolist() == [0.0] * batch
    answer = composition["score"](np.zeros([0, 3, 4], "int32"))
    assert answer["negative_log_likelihood"].shape == (0,)


def test_no_primers_have_no_music_and_no_voices_no_harmony(composition):
    for steps in [0, 3]:
        answer = _composed(composition, np.zeros([0, steps, 4], "int32"), 2)
        assert answer["pitches"].shape[0] == answer["starts"].shape[0] == 0
    for shape in [(0, 3, 4), (1, 0, 4)]:
        assert _harmonized(composition, np.zeros(shape))["pitches"].shape == shape
