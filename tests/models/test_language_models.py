import numpy as np
import pytest
import tensorflow as tf

from gru_apps.models import language_models
from gru_apps.models.embeddings import NgramEmbedding

IDS = np.array([[2, 4, 3, 7, 7, 1], [5, 1, 1, 6, 2, 8]])


def _views(vocabulary_size=9, **options):
    return language_models.build_language_model(
        vocabulary_size, embedding_dim=4, units=4, **options
    )


def _step_by_step(views, tokens_per_step, inputs_of):
    """Returns the logits of six steps, `(batch, 6, vocabulary)`.

    Asks the view of any place, and that of each place, which must answer alike.
    `inputs_of` tells what goes into a step, by its number.
    """
    state = tf.zeros([2, views.step.input["state"].shape[-1]])
    logits = []
    for index in range(6):
        inputs = inputs_of(index) | {"state": state}
        answer = views.step(inputs)
        of_place = views.step_at(index % tokens_per_step)(inputs)
        for name in ("logits", "state"):
            np.testing.assert_allclose(of_place[name], answer[name], atol=1e-6)
        state = answer["state"]
        logits.append(answer["logits"])
    return tf.stack(logits, axis=1)


def _columns(inputs):
    return lambda index: {n: tf.constant(ids[:, index]) for n, ids in inputs.items()}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tied_embeddings": True, "longest_ngram": 4},
        {"tied_embeddings": True, "tokens_per_step": 3, "num_contexts": 3},
        {"longest_ngram": 2, "tokens_per_step": 3, "num_contexts": 3},
        {"longest_ngram": 3, "num_contexts": 3, "num_layers": 1},
        {"shared_outputs": True, "num_contexts": 3},
        {"shared_outputs": True, "tokens_per_step": 3, "num_contexts": 3},
        {"shared_outputs": True, "tokens_per_step": 2, "longest_ngram": 3},
    ],
)
def test_token_by_token_the_language_model_says_what_it_says_of_the_whole(options):
    views = _views(**options)
    inputs = {"token_ids": IDS}
    if "num_contexts" in options:
        inputs["context_ids"] = np.array([[0, 1, 2, 0, 1, 2], [2, 1, 0, 1, 0, 2]])
    places = options.get("tokens_per_step", 1)
    answers = _step_by_step(views, places, _columns(inputs))
    np.testing.assert_allclose(answers, views.model(inputs), rtol=1e-4, atol=1e-5)


def test_a_step_has_no_other_places():
    views = _views(tokens_per_step=3)
    assert views.step_at(2) is views.step_at(2)
    for place in (-1, 3):
        with pytest.raises(ValueError, match="must be 0 to 2"):
            views.step_at(place)


GUIDED = {"tokens_per_step": 3, "num_contexts": (3, 4), "given_units": 5}
SHARED = GUIDED | {"shared_outputs": True}
GIVEN = {
    "token_ids": IDS,
    "context_ids": np.array([[[0, 3]] * 6, [[2, 1], [1, 0]] * 3]),
    "given_ids": np.array([[0, 4, 0, 0, 0, 2], [0, 0, 0, 6, 0, 0]]),
}


@pytest.mark.parametrize("options", [GUIDED, GUIDED | {"longest_ngram": 2}, SHARED])
def test_step_by_step_a_guided_model_says_what_it_says_of_the_whole(options):
    views, ids = _views(**options), {n: tf.constant(i) for n, i in GIVEN.items()}
    ahead = views.ahead(ids["given_ids"])
    assert ahead.shape == (2, 2, 5)

    def inputs_of(index):
        inputs = {n: ids[n][:, index] for n in ("token_ids", "context_ids")}
        told = tf.reshape(ids["given_ids"], [2, 2, 3])[:, index // 3]
        return inputs | {"given_ids": told, "ahead": ahead[:, index // 3]}

    logits = _step_by_step(views, 3, inputs_of)
    expected = views.model(GIVEN)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


def _changed_by(model, name, place, new):
    """Tells which tokens are predicted otherwise when one id of the first is new."""
    changed = GIVEN[name].copy()
    changed[0][place] = new
    difference = np.abs(model(GIVEN | {name: changed}) - model(GIVEN))
    return (difference[0].max(axis=1) > 1e-6).tolist()


@pytest.mark.parametrize("options", [GUIDED, SHARED])
def test_what_is_given_is_known_before_and_in_its_step_from_its_place_on(options):
    model = _views(**options).model
    # in a step, the GRU has read all that is given of it and of those to come
    assert _changed_by(model, "given_ids", 1, 5) == [True] * 6
    assert _changed_by(model, "given_ids", 5, 5) == [True] * 6
    assert _changed_by(model, "token_ids", 3, 5) == [False] * 3 + [True] * 3


@pytest.mark.parametrize("options", [GUIDED, SHARED])
def test_a_place_hears_what_is_given_of_it_and_of_those_that_follow(options):
    model = _views(**options).model
    reader = model.get_layer("reader")  # silent, for it would tell every place
    reader.set_weights([np.zeros(w.shape) for w in reader.get_weights()])
    assert _changed_by(model, "given_ids", 3, 5) == [False] * 3 + [True, False, False]
    assert _changed_by(model, "given_ids", 4, 5) == [False] * 3 + [True, True, False]


@pytest.mark.parametrize("options", [GUIDED, SHARED])
def test_each_kind_of_context_counts(options):
    model = _views(**options).model
    assert _changed_by(model, "context_ids", (4, 0), 1)[4]
    assert _changed_by(model, "context_ids", (4, 1), 1)[4]


def test_padding_and_what_is_not_told_leave_a_guided_model_as_it_is():
    views = _views(**GUIDED)
    padded = {
        name: np.pad(ids, [(0, 0), (0, 3)] + [(0, 0)] * (ids.ndim - 2))
        for name, ids in GIVEN.items()
    }
    np.testing.assert_allclose(
        views.model(padded)[:, :6], views.model(GIVEN), rtol=1e-4, atol=1e-6
    )
    assert not np.any(views.ahead(np.zeros([2, 6])))


def test_a_number_of_contexts_that_cannot_be_is_refused():
    for wrong in [-1, (3, 0), 2.5]:
        with pytest.raises(ValueError, match="`num_contexts` must be"):
            _views(num_contexts=wrong)
    with pytest.raises(ValueError, match="Received: given_units=-1"):
        _views(given_units=-1)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"longest_ngram": 3},
        {"longest_ngram": 3, "tokens_per_step": 4},
        {"shared_outputs": True, "tokens_per_step": 4},
    ],
)
def test_a_language_model_sees_all_that_came_before_and_nothing_after(options):
    model = _views(**options).model
    token_ids = np.array([[2, 4, 3, 7, 1, 5, 6, 8]])
    expected = model({"token_ids": token_ids})
    for index in range(8):
        changed = token_ids.copy()
        changed[0, index] = 2 if token_ids[0, index] != 2 else 3
        logits = model({"token_ids": changed})
        difference = np.abs(logits - expected).max(axis=(0, 2))
        assert (difference[:index] < 1e-6).all()
        assert (difference[index:] > 1e-6).all()


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_does_not_round_the_ids_that_a_state_remembers(
    policy, set_dtype_policy
):
    set_dtype_policy(policy)
    views = _views(5000, longest_ngram=3)
    views.model.get_layer("ngrams").set_weights(
        [np.random.default_rng(0).normal(size=(2**15, 48)) for _ in range(2)]
    )
    inputs = {"token_ids": IDS + 4990}  # bfloat16 tells apart every 32nd of these
    answers = _step_by_step(views, 1, _columns(inputs)), views.model(inputs)
    answers = [tf.cast(logits, tf.float32) for logits in answers]
    np.testing.assert_allclose(*answers, atol=0.05)


def test_places_that_share_a_layer_know_which_they_are():
    # the same tokens before and no state that differs: a place alone tells apart
    model = _views(tokens_per_step=3, shared_outputs=True).model
    rng = np.random.default_rng(0)
    for name in ("own_output", "projection"):
        layer = model.get_layer(name)
        layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    of_places = model({"token_ids": np.zeros([1, 3])})[0]
    assert np.abs(of_places[1] - of_places[0]).max() > 1e-3
    assert np.abs(of_places[2] - of_places[1]).max() > 1e-3


def test_dozens_of_places_that_share_a_layer_cost_few_weights():
    own, shared = (
        _views(tokens_per_step=54, shared_outputs=shared).model.count_params()
        for shared in (False, True)
    )
    assert shared < own / 5


def test_less_than_one_token_a_step_is_refused():
    with pytest.raises(ValueError, match="Received: tokens_per_step=0"):
        _views(tokens_per_step=0)


def test_an_ngram_has_the_same_embedding_wherever_it_stands_and_another_has_not():
    layer = NgramEmbedding(3, rows=1000, dim=2)
    pairs, triples = np.split(layer(np.array([[5, 6, 7, 1, 6, 7]])), 2, axis=-1)
    np.testing.assert_array_equal(pairs[0, 2], pairs[0, 5])  # 6 7
    assert np.abs(triples[0, 2] - triples[0, 5]).max() > 1e-4  # 5 6 7 and 1 6 7
    in_order, swapped = layer(np.array([[3, 4], [4, 3]]))[:, -1]
    assert np.abs(in_order - swapped).max() > 1e-4


def test_few_of_the_commonest_ngrams_share_a_row():
    layer = NgramEmbedding(2, rows=2**15, dim=1)
    layer.build((None, 2))
    layer.tables[0].set_weights([np.arange(2**15)[:, None]])
    pairs = np.stack(np.meshgrid(np.arange(60), np.arange(60)), axis=-1).reshape(-1, 2)
    rows = layer(pairs)[:, -1, 0].numpy()
    # of 3,600 pairs in 32,768 rows, a random hash would leave 3,410 to their own
    assert len(np.unique(rows)) > 3300


def test_an_ngram_of_one_token_is_refused():
    with pytest.raises(ValueError, match="Received: longest=1"):
        NgramEmbedding(1)
