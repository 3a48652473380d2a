import zlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps import baselines, models
from gru_apps.inspection import gates
from gru_apps.models import embeddings, language_models, translators

IDS = np.array([[5, 2, 8], [3, 0, 0]])
PADDED_IDS = np.pad(IDS, [(0, 0), (0, 4)])
FRAMES = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("float32")
FRAMES[1, 1:] = 0
PADDED_FRAMES = np.pad(FRAMES, [(0, 0), (0, 4), (0, 0)])


# of nine ids, in whose texts "dull" was common and "dullness" was read once
VOCABULARY = ["", "", "", "", "dull", "dullness", "a", "fun", "."]


def _text_classifier(**options):
    return models.build_text_classifier(9, 3, embedding_dim=4, units=4, **options)


def _spelling_classifier(**options):
    model = _text_classifier(num_ngrams=512, **options)
    model.get_layer("embedding").adapt(VOCABULARY)
    return model


def _pair_classifier(**options):
    model = baselines.build_pair_classifier(9, 3, num_pairs=64, **options)
    generator = np.random.default_rng(0)
    for weight in model.weights:  # which are zeros at the start
        weight.assign(generator.normal(size=weight.shape))
    return model


def _feature_classifier(**options):
    return models.build_feature_classifier(2, 3, units=4, **options)


def _translator(source=9, target=7, **options):
    sizes = {"embedding_dim": 4, "units": 4}
    return translators.build_translator(source, target, **sizes, **options)


def _frame_classifier(**options):
    return models.build_frame_classifier(2, 3, units=4, **options)


def _language_model(**options):
    return language_models.build_language_model(9, embedding_dim=4, units=4, **options)


def _translation_inputs(source, target):
    return {"source_ids": tf.constant(source), "target_ids": tf.constant(target)}


CLASSIFIERS = [
    (_text_classifier, IDS, PADDED_IDS, {"bidirectional": True}),
    (_text_classifier, IDS, PADDED_IDS, {"bidirectional": False, "num_layers": 2}),
    (_spelling_classifier, IDS, PADDED_IDS, {}),
    (_pair_classifier, IDS, PADDED_IDS, {}),
    (_feature_classifier, FRAMES, PADDED_FRAMES, {"bidirectional": True}),
    (_feature_classifier, FRAMES, PADDED_FRAMES, {"bidirectional": False}),
]


@pytest.mark.parametrize("build, inputs, padded, options", CLASSIFIERS)
def test_padding_does_not_change_the_logits(build, inputs, padded, options):
    model = build(**options)
    np.testing.assert_allclose(model(padded), model(inputs), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("build, inputs, padded, options", CLASSIFIERS)
def test_a_sequence_answers_alone_as_in_a_batch(build, inputs, padded, options):
    model = build(**options)
    alone = model(inputs[1:, :1])
    np.testing.assert_allclose(model(padded)[1:], alone, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_frames_of_padding_are_certainly_blank_and_change_no_other(bidirectional):
    model = _frame_classifier(bidirectional=bidirectional)
    p = tf.nn.softmax(model(PADDED_FRAMES)).numpy()
    alone = [tf.nn.softmax(model(FRAMES[i : i + 1, :n])) for i, n in [(0, 3), (1, 1)]]
    np.testing.assert_allclose(p[:1, :3], alone[0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(p[1:, :1], alone[1], rtol=1e-4, atol=1e-6)
    padding = np.concatenate([p[0, 3:], p[1, 1:]])
    np.testing.assert_allclose(padding, np.eye(4)[[0] * len(padding)], atol=1e-6)


def test_a_streaming_frame_classifier_says_of_each_frame_what_the_whole_does():
    model = _frame_classifier(bidirectional=False)
    model.get_layer("normalization").adapt(FRAMES)
    step, expected = models.build_streaming_step(model), model(FRAMES)
    state = tf.zeros([1, 8])
    for frame in range(3):
        answer = step({"features": tf.constant(FRAMES[:1, frame]), "state": state})
        state = answer["state"]
        np.testing.assert_allclose(
            answer["logits"], expected[:1, frame], rtol=1e-4, atol=1e-5
        )


DROPOUTS = ["dropout", "recurrent_dropout", "output_dropout"]
TRANSLATION = _translation_inputs(IDS, IDS % 7)
WITH_DROPOUT = {
    "text": (_text_classifier, IDS, DROPOUTS),
    "one direction": (
        lambda **k: _text_classifier(bidirectional=False, **k),
        IDS,
        DROPOUTS,
    ),
    "spelled": (_spelling_classifier, IDS, DROPOUTS),
    "pairs": (_pair_classifier, IDS, ["dropout"]),
    "both directions": (
        lambda **k: _feature_classifier(bidirectional=True, **k),
        FRAMES,
        DROPOUTS,
    ),
    "features": (lambda **k: _feature_classifier(num_layers=2, **k), FRAMES, DROPOUTS),
    "frames": (lambda **k: _frame_classifier(num_layers=2, **k), FRAMES, DROPOUTS),
    "translator": (lambda **k: _translator(**k).model, TRANSLATION, DROPOUTS),
    "language": (lambda **k: _language_model(**k).model, {"token_ids": IDS}, DROPOUTS),
}


@pytest.mark.parametrize(
    "build, inputs, shares, acting",
    [
        pytest.param(*case, acting, id=f"{name}-{acting}")
        for name, case in WITH_DROPOUT.items()
        for acting in case[2]
    ],
)
def test_each_dropout_acts_alone_and_in_training_alone(build, inputs, shares, acting):
    model = build(**dict.fromkeys(shares, 0.0) | {acting: 0.5})
    np.testing.assert_array_equal(model(inputs), model(inputs))
    assert np.abs(model(inputs, training=True) - model(inputs)).max() > 1e-4
    model = build(**dict.fromkeys(shares, 0.0))
    np.testing.assert_array_equal(model(inputs, training=True), model(inputs))


@pytest.mark.parametrize("build", [_text_classifier, _feature_classifier])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("num_layers", [1, 3])
def test_a_classifier_has_the_layers_and_directions_asked_for(
    build, bidirectional, num_layers
):
    model = build(num_layers=num_layers, bidirectional=bidirectional)
    grus = gates.gru_layers(model)
    kind = keras.layers.Bidirectional if bidirectional else keras.layers.GRU
    assert [isinstance(gru, kind) for gru in grus] == [True] * num_layers


def test_a_word_is_embedded_by_its_own_row_and_the_mean_of_its_ngrams():
    layer = embeddings.SubwordEmbedding(3, 3, num_ngrams=2**20)
    layer.adapt(["", "dull", "unfunniest"])
    vectors = layer(np.array([[0, 1, 2]]))[0].numpy()
    own, ngrams = layer.tokens.get_weights()[0], layer.ngrams.get_weights()[0]
    np.testing.assert_array_equal(vectors[0], own[0])  # a token that is no word
    of_dull = ["<du", "dul", "ull", "ll>", "<dul", "dull", "ull>", "<dull", "dull>"]
    of_dull.append("<dull>")
    word = "<unfunniest>"  # which has more than 24
    of_unfunniest = [word[i : i + n] for n in (3, 4, 5) for i in range(13 - n)][:24]
    for token, spelled in {1: of_dull, 2: of_unfunniest}.items():
        rows = [1 + zlib.crc32(ngram.encode()) % (2**20 - 1) for ngram in spelled]
        assert len(set(rows)) == len(rows) == {1: 10, 2: 24}[token]
        expected = own[token] + ngrams[rows].mean(axis=0)
        np.testing.assert_allclose(vectors[token], expected, rtol=1e-5, atol=1e-7)


def test_what_is_learned_of_a_word_is_learned_of_those_spelled_like_it():
    model, ids = _spelling_classifier(dropout=0.0, output_dropout=0.0), np.array([[4]])
    embedding = model.get_layer("embedding")
    before = embedding(np.arange(9)[None])[0]
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.train_on_batch(ids, np.array([[5.0, 0.0, -5.0]]))
    moved = np.linalg.norm(embedding(np.arange(9)[None])[0] - before, axis=-1)
    assert moved[4] > moved[5] > 10 * moved[[6, 7, 8]].max()


def test_spellings_collapsed_answer_the_same_from_fewer_weights():
    model = _spelling_classifier()
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    nested = keras.Model(token_ids, model(token_ids))
    for whole in [model, nested, _text_classifier()]:
        collapsed = models.collapse_spellings(whole)
        np.testing.assert_allclose(collapsed(IDS), whole(IDS), rtol=1e-5, atol=1e-6)
        assert collapsed.count_params() == _text_classifier().count_params()
        assert collapsed.name == whole.name
        assert [t.name for t in collapsed.inputs] == ["token_ids"]


def test_models_with_collapsed_spellings_share_all_else():
    model = _spelling_classifier()
    model.get_layer("embedding").trainable = False
    collapsed = models.collapse_spellings(model)
    assert collapsed.get_layer("gru_1") is model.get_layer("gru_1")
    assert not collapsed.get_layer("embedding").trainable


def test_spellings_are_not_collapsed_in_half_precision():
    layer = embeddings.SubwordEmbedding(9, 4, num_ngrams=512, dtype="mixed_bfloat16")
    layer.adapt(VOCABULARY)
    own, ngrams = layer.tokens.get_weights()[0], layer.ngrams.get_weights()[0]
    row = layer.spellings.numpy()[6, 0]  # of "<a>", which has no other n-gram
    table = layer.collapsed()
    np.testing.assert_array_equal(table.get_weights()[0][6], own[6] + ngrams[row])
    assert table.dtype_policy == layer.dtype_policy


def test_tokens_have_no_spelling_until_it_is_adapted():
    layer = embeddings.SubwordEmbedding(9, 4)
    vectors = layer(np.arange(9.0)[None])[0]  # floats, as Sequential may hand on
    np.testing.assert_array_equal(vectors, layer.tokens.get_weights()[0])


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_spellings_keep_their_own_dtype_policy(dtype, set_dtype_policy, tmp_path):
    set_dtype_policy(dtype)
    model = _spelling_classifier()
    model.save(tmp_path / "model.keras")
    expected = model(IDS)
    set_dtype_policy("mixed_float16" if dtype == "float32" else "float32")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(IDS), expected)


@pytest.mark.parametrize(
    "vocabulary, message",
    [
        (["", "dull"], "must have 9 tokens. Received: 2"),
        ([*VOCABULARY[:-1], b"dull"], "must be strings. Received: b'dull'"),
    ],
)
def test_what_spells_no_vocabulary_is_refused(vocabulary, message):
    with pytest.raises(ValueError, match=message):
        _text_classifier(num_ngrams=8).get_layer("embedding").adapt(vocabulary)


def test_a_pair_classifier_knows_neighbours_and_nothing_beyond_them():
    model = _pair_classifier()
    answer = model(np.array([[1, 2, 1, 3, 1, 2]]))
    same_pairs = model(np.array([[1, 3, 1, 2, 1, 2]]))
    other_pairs = model(np.array([[1, 1, 2, 3, 1, 2]]))
    np.testing.assert_allclose(answer, same_pairs, rtol=1e-5)
    assert np.abs(answer - other_pairs).max() > 1e-3


def test_naive_bayes_finds_the_word_and_the_pair_that_tell_the_classes_apart():
    model = baselines.build_pair_classifier(9, 2, num_pairs=64)
    # after 3, 5 tells; so does 7 before 6, but neither of them alone
    ids = np.array([[3, 5, 0, 0], [3, 4, 0, 0], [3, 7, 6, 0], [3, 6, 7, 0]])
    targets = np.array([[0, 1], [1, 0], [0, 1], [1, 0]])
    baselines.adapt_pair_classifier(model, ids, targets)
    word, pair = (model(np.array(row)) for row in ([[8, 5]], [[8, 7, 6], [8, 6, 7]]))
    # of 9 rows, each counted once beforehand, 5 has 2 for one label and 1 for the other
    np.testing.assert_allclose(word[0, 1] - word[0, 0], np.log(2) / 2**0.5, rtol=1e-5)
    assert pair[0, 1] > pair[0, 0] and pair[1, 1] < pair[1, 0]
    assert model(ids).numpy().argmax(axis=1).tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize("bigram_rows", [0, 5])
@pytest.mark.parametrize("attention", list(translators.ATTENTIONS))
def test_padding_does_not_change_a_translation(attention, bigram_rows):
    translator = _translator(attention=attention, bigram_rows=bigram_rows)
    target = np.array([[2, 4], [2, 5]])
    expected = translator.model(_translation_inputs(IDS, target))
    padded = translator.model(
        _translation_inputs(PADDED_IDS, np.pad(target, [(0, 0), (0, 3)]))
    )
    np.testing.assert_allclose(padded[:, :2], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("attention", list(translators.ATTENTIONS))
def test_attention_weights_sum_to_one_and_leave_padding_out(attention):
    translator = _translator(attention=attention)
    weights = translator.attention(_translation_inputs(IDS, [[2, 4], [2, 5]])).numpy()
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-5)
    assert not weights[1, :, 1:].any()
    assert (weights[0] > 0).all()


@pytest.mark.parametrize(
    "embeddings",
    [
        {"tied_embeddings": True},
        {"tied_embeddings": False},
        {"target": 9, "shared_embeddings": True},
        {"target": 9, "shared_embeddings": True, "tied_embeddings": False},
    ],
)
def test_one_step_at_a_time_translates_as_the_whole_does(embeddings):
    translator = _translator(**embeddings, num_layers=2)
    target = np.array([[2, 4, 3, 6], [2, 5, 5, 1]])
    expected = translator.model(_translation_inputs(IDS, target))
    state = dict(translator.encoder(IDS))
    for index, ids in enumerate(target.T):
        answer = translator.step({"token_ids": tf.constant(ids), **state})
        np.testing.assert_allclose(
            answer["logits"], expected[:, index], rtol=1e-4, atol=1e-5
        )
        state["state"] = answer["state"]


def test_source_and_target_share_an_embedding_where_they_have_one_vocabulary():
    apart = _translator(source=7).model
    shared = _translator(source=7, shared_embeddings=True).model
    table = shared.get_layer("embedding").count_params()
    assert apart.count_params() - shared.count_params() == table
    with pytest.raises(ValueError, match="of one size"):
        _translator(source=9, shared_embeddings=True)


@pytest.mark.parametrize("num_layers", [1, 3])
def test_frame_by_frame_ends_at_the_answer_to_the_whole_clip(num_layers):
    model = _feature_classifier(num_layers=num_layers)
    model.get_layer("normalization").adapt(FRAMES)
    step = models.build_streaming_step(model)
    state = tf.zeros([1, 4 * num_layers])
    for frame in range(3):
        answer = step({"features": tf.constant(FRAMES[:1, frame]), "state": state})
        state = answer["state"]
        so_far = model(FRAMES[:1, : frame + 1])
        np.testing.assert_allclose(answer["logits"], so_far, rtol=1e-4, atol=1e-5)


def test_a_bidirectional_classifier_does_not_stream():
    with pytest.raises(ValueError, match="one direction"):
        models.build_streaming_step(_feature_classifier(bidirectional=True))


VIEWS = {
    "text": lambda: [_text_classifier(), _text_classifier(bidirectional=False)],
    "spelled": lambda: [_spelling_classifier()],
    "pairs": lambda: [_pair_classifier()],
    "features": lambda: [
        _feature_classifier(),
        _feature_classifier(bidirectional=True),
    ],
    "frames": lambda: [_frame_classifier(), _frame_classifier(bidirectional=False)],
    "translator": lambda: _translator(),
    "additive": lambda: _translator(attention="additive", tied_embeddings=False),
    "language": lambda: _language_model(num_contexts=3, longest_ngram=3),
}


def _random_inputs(model):
    generator = np.random.default_rng(1)

    def fill(tensor):
        shape = [2 if n == 0 else n or 3 for n in [0, *tensor.shape[1:]]]
        high = 3 if "context" in tensor.name else 7
        if tensor.dtype == "bool":
            return np.ones(shape, bool)
        if "int" in tensor.dtype:
            return generator.integers(1, high, shape).astype("int32")
        return generator.normal(size=shape).astype("float32")

    return keras.tree.map_structure(fill, model.input)


@pytest.mark.parametrize("views", list(VIEWS))
def test_models_survive_a_round_trip_through_keras_files(views, tmp_path):
    for model in VIEWS[views]():
        inputs = _random_inputs(model)
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        keras.tree.map_structure(
            lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6),
            loaded(inputs),
            model(inputs),
        )


@pytest.mark.parametrize("views", list(VIEWS))
def test_models_work_under_mixed_precision(views, set_dtype_policy):
    set_dtype_policy("mixed_bfloat16")
    for model in VIEWS[views]():
        for answer in keras.tree.flatten(model(_random_inputs(model))):
            assert np.isfinite(tf.cast(answer, tf.float32)).all()


@pytest.mark.parametrize("views", list(VIEWS))
def test_models_learn_under_mixed_float16(views, set_dtype_policy):
    set_dtype_policy("mixed_float16")
    model = VIEWS[views]()[-1 if views == "text" else 0]  # "spelled" reads both ways
    inputs = _random_inputs(model)
    labels = np.ones(model(inputs).shape[:-1], "int32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, jit_compile=False)
    model.optimizer.build(model.trainable_variables)  # or its graph is made twice
    losses = model.fit(inputs, labels, epochs=9, verbose=0).history["loss"]
    assert np.isfinite(losses).all() and losses[-1] < losses[0]


@pytest.mark.parametrize("build, inputs, padded, options", CLASSIFIERS)
def test_padding_does_not_change_the_logits_under_mixed_float16(
    build, inputs, padded, options, set_dtype_policy
):
    set_dtype_policy("mixed_float16")
    model = build(**options)
    np.testing.assert_allclose(model(padded), model(inputs), rtol=5e-3, atol=5e-3)


def test_the_views_of_a_translator_share_all_weights():
    translator = _translator()
    whole = {id(weight) for weight in translator.model.weights}
    for view in translator:
        assert {id(weight) for weight in view.weights} <= whole


@pytest.mark.parametrize(
    "build, options, message",
    [
        (_text_classifier, {"dropout": 5.0}, "Received: dropout=5.0"),
        (_feature_classifier, {"recurrent_dropout": -1}, "recurrent_dropout=-1"),
        (_frame_classifier, {"output_dropout": 1}, "output_dropout=1"),
        (_language_model, {"output_dropout": 1}, "Received: output_dropout=1"),
        (_translator, {"attention": "sideways"}, "Received: attention=sideways"),
        (_feature_classifier, {"num_layers": 0}, "Received: num_layers=0"),
        (_text_classifier, {"num_ngrams": 1}, "Received: num_ngrams=1"),
    ],
)
def test_what_keras_would_swallow_is_refused(build, options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_a_translator_learns_to_reverse():
    generator = np.random.default_rng(0)
    source = generator.integers(4, 8, [256, 4]).astype("int32")
    target = source[:, ::-1]
    begun = np.concatenate([np.full([256, 1], 2, "int32"), target[:, :-1]], axis=1)
    translator = translators.build_translator(
        8, 8, embedding_dim=16, units=32, dropout=0.0, output_dropout=0.0
    )
    translator.model.compile(
        keras.optimizers.Adam(0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        jit_compile=False,
    )
    model = translator.model
    model.optimizer.build(model.trainable_variables)  # or its graph is made twice
    history = model.fit(
        _translation_inputs(source, begun), target, epochs=25, verbose=0
    )
    assert history.history["accuracy"][-1] > 0.95
