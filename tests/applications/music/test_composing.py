import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps.applications import music
from gru_apps.models import language_models


@pytest.fixture(scope="module")
def composition():
    return _compose()


def _compose(cells_from_tokens=music.cells_from_tokens):
    keras.utils.set_random_seed(0)
    views = language_models.build_language_model(
        music.NUM_TOKENS, tokens_per_step=4, num_contexts=16, embedding_dim=4, units=8
    )
    # untrained, a model may hold a pitch that does not sound: this one holds none
    embedding, projection = map(views.model.get_layer, ["embedding", "projection"])
    read, named = embedding.get_weights()
    named[0, music.FIRST_HELD_TOKEN :] = -100
    embedding.set_weights([read, named])
    projection.bias.assign([10, 0, 0, 0])
    return music.compose_music(
        views,
        tokens_from_cells=music.tokens_from_cells,
        cells_from_tokens=cells_from_tokens,
        score_from_cells=music.score_from_cells,
        start_token=music.START_TOKEN,
        num_contexts=16,
    )


def test_the_same_seed_gives_the_same_piece(composition):
    primer = np.zeros([2, 0, 4], "int32")
    first, same, other = (
        composition["serving_default"](primer, 6, 1.0, seed)["pitches"].numpy()
        for seed in [1, 1, 2]
    )
    assert first.shape == (2, 6, 4)
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_a_primer_is_gone_on_from(composition):
    primer = np.full([1, 2, 4], music.HOLD, "int32")
    primer[:, 0] = [72, 67, 64, 48]
    answer = composition["serving_default"](primer, 4, 0.0, 0)
    assert answer["pitches"].shape == (1, 4, 4)
    # in two halves it is the same music
    half = composition["serving_default"](primer, 2, 0.0, 0)
    cells = music.cells_from_score(half["pitches"], half["starts"])
    rest = composition["serving_default"](tf.concat([primer, cells], 1), 2, 0.0, 0)
    np.testing.assert_array_equal(answer["pitches"][:, 2:], rest["pitches"])


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
        ({"primer": np.full([1, 4, 4], music.PAD)}, "`primer` must be.*Received: -2"),
        ({"primer": np.full([1, 1, 4], 200, "int32")}, "200"),
    ],
)
def test_bad_music_is_refused(composition, change, message):
    question = {"primer": np.zeros([1, 0, 4], "int32"), "steps": 2}
    question |= {"temperature": 1.0, "seed": 0} | change
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        composition["serving_default"](**question)


@pytest.mark.parametrize("temperature", [1e-42, 1e-30, 1e12, 3e38])
def test_however_hot_or_cold_only_music_is_drawn(temperature):
    def cells_from_tokens(tokens):
        tf.debugging.assert_greater(tokens, music.START_TOKEN)
        return music.cells_from_tokens(tokens)

    compose = _compose(cells_from_tokens)["serving_default"]
    answer = compose(np.zeros([9, 0, 4], "int32"), 20, temperature, 0)
    assert answer["pitches"].shape == (9, 20, 4)


def test_a_piece_of_no_steps_has_a_score_of_0(composition):
    for batch in [0, 1, 2]:
        answer = composition["score"](np.zeros([batch, 0, 4], "int32"))
        assert answer["negative_log_likelihood"].numpy().tolist() == [0.0] * batch
    answer = composition["score"](np.zeros([0, 3, 4], "int32"))
    assert answer["negative_log_likelihood"].shape == (0,)


def test_no_primers_have_no_music(composition):
    for steps in [0, 3]:
        primer = np.zeros([0, steps, 4], "int32")
        answer = composition["serving_default"](primer, 2, 1.0, 0)
        assert answer["pitches"].shape[0] == answer["starts"].shape[0] == 0
