"""Attention and pooling: padding hides behind no number, and parts follow the whole."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from gru_apps import models
from gru_apps.models import BahdanauAttention, DotProductAttention, MaskedPooling
from gru_apps.models.embeddings import ReversibleEmbedding

MASK = np.array([[True, True, False], [False, False, False]])
ATTENTIONS = [BahdanauAttention, DotProductAttention]


@pytest.fixture
def sequence():
    return np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_maximum_of_very_low_values_is_the_highest_of_them(dtype):
    sequence = ops.convert_to_tensor([[[-20_000.0], [-30_000.0], [0.0]]], dtype)
    pooled = MaskedPooling(dtype=dtype)(sequence, ops.convert_to_tensor(MASK[:1]))
    assert abs(float(pooled[0, 0]) + 20_000) < 200  # as bfloat16 rounds


@pytest.mark.parametrize("nothing", [np.nan, np.inf, -np.inf])
def test_what_stands_at_padding_comes_neither_into_the_pool_nor_into_its_gradient(
    sequence, nothing
):
    dirty = tf.Variable(np.where(MASK[..., None], sequence, nothing))
    with tf.GradientTape() as tape:
        pooled = MaskedPooling()(dirty, MASK)
    np.testing.assert_allclose(pooled, MaskedPooling()(sequence, MASK))
    assert np.isfinite(tape.gradient(pooled, dirty)).all()


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_attention_sees_no_padding_however_low_the_scores(kind, sequence):
    layer = kind(5)
    layer(sequence, sequence, MASK)
    for weight in layer.trainable_variables:
        weight.assign(weight * 1e4)
    _, weights = layer(sequence, sequence, MASK)
    np.testing.assert_allclose(np.sum(weights[0], axis=-1), 1, rtol=1e-5)
    assert not np.any(weights[0, :, 2])


def test_weights_of_attention_are_those_of_the_papers(sequence):
    sequence = np.asarray(sequence, "float32")
    everywhere = np.ones(sequence.shape[:2], bool)
    for kind in ATTENTIONS:
        layer = kind(5)
        layer(sequence, 2 * sequence, everywhere)
        if layer.memory_dense.use_bias:
            layer.memory_dense.bias.assign(np.arange(5.0))
        _, found = layer(sequence, 2 * sequence, everywhere)
        query = sequence @ layer.query_dense.kernel.numpy()
        memory = 2 * sequence @ layer.memory_dense.kernel.numpy()
        if hasattr(layer, "score_dense"):
            sums = query[:, :, None] + (memory + np.arange(5.0))[:, None]
            scores = (np.tanh(sums) @ layer.score_dense.kernel.numpy())[..., 0]
        else:
            scores = query @ memory.swapaxes(1, 2) / 5**0.5
        powers = np.exp(scores)
        expected = powers / powers.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_a_query_finds_alone_what_it_finds_beside_others(kind, sequence):
    layer = kind(5)
    context, weights = layer(sequence, 2 * sequence, MASK)
    for step in range(3):
        alone = layer(sequence[:, step : step + 1], 2 * sequence, MASK)
        np.testing.assert_allclose(alone[0][:, 0], context[:, step], atol=1e-6)
        np.testing.assert_allclose(alone[1][:, 0], weights[:, step], atol=1e-6)


@pytest.mark.parametrize("kind", ATTENTIONS)
def test_a_memory_of_padding_alone_says_nothing(kind, sequence):
    context, weights = kind(5)(sequence, sequence, MASK)
    assert not np.any(context[1]) and not np.any(weights[1])


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
@pytest.mark.parametrize("kind", ATTENTIONS)
def test_what_stands_at_padding_comes_into_no_attention(kind, sequence, nothing):
    layer = kind(5)
    clean = layer(sequence, sequence, MASK)
    dirty = tf.Variable(np.where(MASK[..., None], sequence, nothing))
    query = tf.Variable(sequence)
    with tf.GradientTape() as tape:
        found = layer(query, dirty, MASK)
        total = tf.reduce_sum(found[0])
    for ours, theirs in zip(found, clean, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
    for gradient in tape.gradient(total, [query, dirty, *layer.trainable_variables]):
        assert np.isfinite(gradient).all()


def _layers(dtype):
    return [
        (BahdanauAttention(5, dtype=dtype), 3),
        (DotProductAttention(5, dtype=dtype), 3),
        (models.NgramEmbedding(3, rows=9, dim=4, dtype=dtype), 1),
        (models.SubwordEmbedding(9, 4, num_ngrams=5, dtype=dtype), 1),
    ]


@pytest.mark.parametrize("own", ["float32", "float64", "mixed_float16"])
@pytest.mark.parametrize("around", ["float32", "mixed_float16", "float64"])
def test_a_layer_computes_in_its_own_precision_whatever_the_policy(
    own, around, set_dtype_policy, sequence
):
    set_dtype_policy(around)
    for layer, number in _layers(own):
        inputs = [sequence, sequence, MASK] if number == 3 else [np.ones((2, 3), int)]
        answers = keras.tree.flatten(layer(*inputs))
        expected = keras.dtype_policies.get(own).compute_dtype
        assert {answer.dtype.name for answer in answers} == {expected}
        policies = {p.dtype_policy.name for p in layer._flatten_layers()}
        assert policies == {own}


STEPS = {
    "translator": lambda: models.build_translator(9, 9, embedding_dim=4, units=4),
    "language_model": lambda: models.build_language_model(9, embedding_dim=4, units=4),
}


@pytest.mark.parametrize(
    "policy", ["float32", "mixed_float16", "mixed_bfloat16", "float64"]
)
def test_a_step_returns_the_state_that_it_takes(policy, set_dtype_policy):
    set_dtype_policy(policy)
    streaming = models.build_streaming_step(models.build_feature_classifier(3, 2))
    steps = [STEPS[name]().step for name in STEPS] + [streaming]
    for step in steps:
        assert step.input["state"].dtype == step.output["state"].dtype
    encoder = STEPS["translator"]().encoder
    assert encoder.output["state"].dtype == steps[0].input["state"].dtype
    assert encoder.output["memory"].dtype == steps[0].input["memory"].dtype


def test_a_saved_model_answers_alike_under_another_policy(tmp_path, set_dtype_policy):
    ids = np.array([[1, 2, 3, 0]])
    inputs = {"source_ids": ids, "target_ids": ids}
    model = models.build_translator(9, 9, embedding_dim=4, units=4).model
    model.save(tmp_path / "m.keras")
    expected = model(inputs)
    set_dtype_policy("mixed_float16")
    found = keras.saving.load_model(tmp_path / "m.keras")(inputs)
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(3, 8), (0, 8), (3, 1, 8), (0, 1, 8), (3, 5, 8)])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tie_weights": False},
        {"logit_soft_cap": 0.1},
        {"reverse_dtype": "float64"},
        {"dtype": "mixed_float16"},
        {"dtype": "float64"},
    ],
)
def test_logits_are_those_of_keras_however_few_the_rows(shape, options):
    rows = np.random.default_rng(0).normal(size=shape)
    both = [
        of(7, 8, **options) for of in (ReversibleEmbedding, layers.ReversibleEmbedding)
    ]
    for embedding in both:
        embedding.build()
    both[1].set_weights(both[0].get_weights())
    few, keras_own = (embedding(rows, reverse=True) for embedding in both)
    assert few.dtype == keras_own.dtype
    tolerance = 1e-2 if few.dtype == "float16" else 1e-5
    np.testing.assert_allclose(few, keras_own, tolerance, tolerance)
    assert both[0].compute_output_shape(shape, reverse=True) == list(few.shape)


@pytest.mark.parametrize("change", ["int8", "int4", "LoRA"])
def test_logits_of_a_changed_embedding_are_those_of_keras(change):
    rows, answers = np.random.default_rng(0).normal(size=(3, 8)), []
    for kind in (ReversibleEmbedding, layers.ReversibleEmbedding):
        keras.utils.set_random_seed(0)
        embedding = kind(7, 8)
        embedding.build()
        before = embedding(rows, reverse=True)
        if change == "LoRA":
            embedding.enable_lora(2)
            embedding.lora_embeddings_b.assign(keras.random.normal((2, 8)))
        else:
            embedding.quantize(change)
        answers.append(embedding(rows, reverse=True))
        assert np.abs(answers[-1] - before).max() > 0
    np.testing.assert_allclose(*answers, rtol=1e-5, atol=1e-6)
