"""Masks on a GPU, asked of Keras's own check, and sequences of no step."""

import importlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps import models

# the package has a function of that name, too
keras_rnn = importlib.import_module("keras.src.backend.tensorflow.rnn")

EMPTY, LEFT, HOLE = [[0, 0, 0], [4, 5, 6]], [[0, 5, 6], [4, 5, 6]], [[3, 0, 6]] * 2
RIGHT = [[4, 5, 0], [4, 5, 6]]


@pytest.fixture
def gpu(monkeypatch):
    """Makes Keras believe in a GPU; returns the sequences that went to its cuDNN."""
    through, listed = [], tf.config.list_logical_devices

    def list_devices(device_type=None):
        if device_type == "GPU":
            return [tf.config.LogicalDevice("/device:GPU:0", "GPU")]
        return listed(device_type)

    def cudnn_gru(
        inputs,
        initial_state,
        kernel,
        recurrent_kernel,
        bias,
        mask,
        time_major,
        go_backwards,
        return_sequences,
    ):
        if mask is not None:
            keras_rnn._assert_valid_mask(mask)
        tf.py_function(lambda x: through.append(x.shape), [inputs], [])

        def step(x, states):
            of_x = tf.split(x @ kernel + bias[0], 3, axis=-1)
            of_state = tf.split(states[0] @ recurrent_kernel + bias[1], 3, axis=-1)
            update, reset = (
                tf.sigmoid(a + b) for a, b in zip(of_x[:2], of_state[:2], strict=True)
            )
            candidate = tf.tanh(of_x[2] + reset * of_state[2])
            state = update * states[0] + (1 - update) * candidate
            return state, [state]

        return keras_rnn.rnn(
            step,
            inputs,
            [initial_state],
            mask=mask,
            go_backwards=go_backwards,
            return_all_outputs=return_sequences,
        )

    monkeypatch.setattr(tf.config, "list_logical_devices", list_devices)
    monkeypatch.setattr(keras_rnn, "_cudnn_gru", cudnn_gru)
    return through


def text_classifier():
    return models.build_text_classifier(9, 3, units=4)


def feature_classifier():
    model = models.build_feature_classifier(1, 3, units=4)
    return keras.Sequential([keras.layers.Reshape((-1, 1)), model])


def translator():
    model = models.build_translator(9, 9, units=4, embedding_dim=4).model
    ids = keras.Input((None,), dtype="int32")
    return keras.Model(ids, model({"source_ids": ids, "target_ids": ids}))


@pytest.mark.parametrize("build", [text_classifier, feature_classifier, translator])
def test_any_mask_is_answered_on_a_gpu_as_on_a_cpu(build, gpu, monkeypatch):
    model, masks = build(), [RIGHT, EMPTY, LEFT, HOLE]
    answers = []
    for _ in range(2):  # with the GPU, then without it
        function = tf.function(lambda x: model(x, training=False))
        answers.append([function(tf.constant(ids)).numpy() for ids in masks])
        monkeypatch.undo()
    for ids, on_gpu, on_cpu in zip(masks, *answers, strict=True):
        np.testing.assert_allclose(on_gpu, on_cpu, atol=1e-6, err_msg=str(ids))
    assert gpu or build != text_classifier


def test_a_mask_that_cudnn_takes_goes_to_it_and_no_other(gpu):
    layer = models.GRU(4)
    function = tf.function(lambda x, mask: layer(x, mask=mask))
    for ids, number in [(RIGHT, 1), (EMPTY, 1), (LEFT, 1), (RIGHT, 2), (HOLE, 2)]:
        function(tf.ones((2, 3, 5)), tf.not_equal(ids, 0))
        assert len(gpu) == number


def test_the_layer_of_keras_refuses_what_ours_answers(gpu):
    layer = keras.layers.GRU(4)
    function = tf.function(lambda x, mask: layer(x, mask=mask))
    with pytest.raises(tf.errors.InvalidArgumentError, match="right-padded"):
        function(tf.ones((2, 3, 5)), tf.not_equal(LEFT, 0))


def test_training_with_dropout_goes_either_way(gpu):
    sizes = {"units": 4, "num_layers": 2, "bidirectional": False}
    model = models.build_text_classifier(9, 3, dropout=0.5, **sizes)
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)  # or its graph is made twice
    for ids in (RIGHT, LEFT, EMPTY):
        loss = model.train_on_batch(np.array(ids), np.zeros((2, 3)))
        assert np.isfinite(loss)
    assert gpu


def test_a_loaded_layer_keeps_its_choice_of_cudnn():
    layer = models.GRU(4, use_cudnn=False)
    assert models.GRU.from_config(layer.get_config()).use_cudnn is False


NO_STEP = np.zeros((2, 0), "int32")


@pytest.mark.parametrize(
    "build, inputs, shape",
    [
        (text_classifier, NO_STEP, (2, 3)),
        (feature_classifier, NO_STEP, (2, 3)),
        (lambda: models.build_frame_classifier(1, 3), NO_STEP[..., None], (2, 0, 4)),
        *[
            (
                lambda n=n, t=t: (
                    models.build_language_model(
                        9, longest_ngram=n, tokens_per_step=t
                    ).model
                ),
                {"token_ids": NO_STEP},
                (2, 0, 9),
            )
            for n in (1, 3)
            for t in (1, 2)
        ],
        (translator, NO_STEP, (2, 0, 9)),
    ],
)
def test_sequences_of_no_step_are_answered(build, inputs, shape):
    model = build()
    spec = tf.nest.map_structure(
        lambda x: tf.TensorSpec([None] * 2 + list(x.shape[2:]), x.dtype), inputs
    )
    for call in (model, tf.function(model, input_signature=[spec])):
        answer = call(inputs)
        assert answer.shape == shape
        assert np.isfinite(answer).all()


def test_no_step_leaves_a_state_as_it_was():
    start = np.full((2, 4), 0.5, "float32")
    sequence, state = models.GRU(4, return_sequences=True, return_state=True)(
        np.zeros((2, 0, 3)), initial_state=start
    )
    assert sequence.shape == (2, 0, 4)
    np.testing.assert_array_equal(state, start)


def test_a_step_added_for_none_changes_no_other_answer():
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    for options in ({}, {"return_sequences": True}, {"go_backwards": True}):
        layer = models.GRU(4, **options)
        expected = layer(x)
        function = tf.function(
            layer, input_signature=[tf.TensorSpec([None, None, 3], tf.float32)]
        )
        np.testing.assert_allclose(function(x), expected, atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"return_sequences": True},
        {"return_state": True},
        {"return_sequences": True, "return_state": True, "reset_after": False},
        {"stateful": True, "return_state": True},
    ],
)
@pytest.mark.parametrize("mask", [None, [[True], [False]]])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_one_step_is_answered_as_by_the_layer_of_keras(options, mask, dtype):
    x = tf.random.stateless_normal([2, 1, 3], [0, 0])
    state = tf.random.stateless_normal([2, 4], [0, 1])
    ours, theirs = (
        layer(4, dtype=dtype, **options) for layer in (models.GRU, keras.layers.GRU)
    )
    for layer in (ours, theirs):
        layer.build(x.shape)
    theirs.set_weights(ours.get_weights())
    mask = None if mask is None else tf.constant(mask)
    for start in (state, [state], None):
        answers = [layer(x, initial_state=start, mask=mask) for layer in (ours, theirs)]
        for answer, expected in zip(*map(keras.tree.flatten, answers), strict=True):
            assert answer.dtype == expected.dtype
            np.testing.assert_allclose(
                tf.cast(answer, tf.float32), tf.cast(expected, tf.float32), rtol=1e-6
            )
