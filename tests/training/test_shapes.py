"""Losses and metrics take the shapes that Keras's own take, and refuse all others."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps.training import (
    CTC,
    PinballLoss,
    SequenceCrossEntropy,
    TokenAccuracy,
    TokenCrossEntropy,
)

KINDS = [SequenceCrossEntropy, TokenAccuracy, TokenCrossEntropy]
IDS = np.array([[1, 2, 0], [2, 0, 0]])
LOGITS = np.random.default_rng(0).normal(size=(2, 3, 4)).astype("float32")


@pytest.mark.parametrize("shape", [(1, 3), (2, 3), (3,), (2, 1, 1), (1,), (2, 2)])
def test_weights_that_would_be_broadcast_are_refused(shape):
    with pytest.raises(ValueError, match="`sample_weight` must have shape"):
        PinballLoss([0.5])(np.ones((2, 3, 4)), np.ones((2, 3, 4, 1)), np.ones(shape))


@pytest.mark.parametrize("shape", [(), (2,), (2, 1), (2, 3, 4), (2, 3, 4, 1)])
def test_weights_are_one_or_those_of_examples_or_of_all_numbers(shape):
    wrong = np.full((2, 3, 4, 1), 3.0)
    loss = PinballLoss([0.5])(np.ones((2, 3, 4)), wrong, np.full(shape, 0.5))
    assert float(loss) == 1


@pytest.mark.parametrize("shape", [(3,), (3, 1), (3, 1, 1)])
def test_a_perfect_forecast_of_one_step_loses_nothing(shape):
    loss = PinballLoss([0.1, 0.5, 0.9])
    truth = np.array([1.0, 20.0, 300.0])
    forecasts = np.repeat(truth[:, None, None], 3, axis=2)
    assert float(loss(truth.reshape(shape), forecasts)) == 0


def test_a_fit_of_one_step_ends_at_the_targets():
    generator = np.random.default_rng(0)
    x, y = np.ones((64, 1)), generator.normal(5, 0.01, size=64)
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(3), keras.layers.Reshape((1, 3))]
    )
    model.compile(keras.optimizers.Adam(0.1), PinballLoss([0.1, 0.5, 0.9]))
    history = model.fit(x, y, epochs=100, verbose=0).history
    assert history["loss"][-1] < 0.1


@pytest.mark.parametrize(
    "quantiles", [(), (5, 50, 95), (0.5, 0.1), (0, 0.5), (0.5, 1), (float("nan"),)]
)
def test_quantiles_that_do_not_rise_within_0_and_1_are_refused(quantiles):
    with pytest.raises(ValueError, match="`quantiles` must rise .*Received: quantiles"):
        PinballLoss(quantiles)


@pytest.mark.parametrize("forecasts", [(2, 4, 1), (2, 4, 2), (2, 3, 3), (4, 2, 3)])
def test_forecasts_of_another_shape_are_refused(forecasts):
    with pytest.raises(ValueError, match="Received: shape="):
        PinballLoss([0.1, 0.5, 0.9])(np.ones((2, 4)), np.ones(forecasts))


@pytest.mark.parametrize(
    "kind", [SequenceCrossEntropy, TokenAccuracy, TokenCrossEntropy]
)
def test_targets_may_have_a_last_axis_of_one(kind):
    plain, column = kind()(IDS, LOGITS), kind()(IDS[..., None], LOGITS)
    assert float(plain) == float(column)


@pytest.mark.parametrize(
    "kind", [SequenceCrossEntropy, TokenAccuracy, TokenCrossEntropy]
)
@pytest.mark.parametrize("targets", [IDS[:, :1], IDS[:, 0], IDS[:1], IDS.T])
def test_targets_of_another_shape_are_refused(kind, targets):
    with pytest.raises(ValueError, match="`targets` must have shape .*Received: shape"):
        kind()(targets, LOGITS)


@pytest.mark.parametrize(
    "kind", [SequenceCrossEntropy, TokenAccuracy, TokenCrossEntropy]
)
def test_weights_may_be_one_for_each_example_in_a_row_or_a_column_or_for_each_token(
    kind,
):
    weights = np.array([1.0, 3.0])
    forms = [weights, weights[:, None], np.repeat(weights[:, None], 3, axis=1)]
    answers = {float(kind()(IDS, LOGITS, sample_weight=form)) for form in forms}
    assert len(answers) == 1
    assert float(kind()(IDS, LOGITS, sample_weight=2.0)) > 0
    assert answers != {float(kind()(IDS, LOGITS))}


@pytest.mark.parametrize("weights", [np.ones(3), np.ones((2, 4)), np.ones((2, 3, 2))])
def test_weights_of_another_shape_are_refused(weights):
    with pytest.raises(ValueError, match="`sample_weight` must have shape"):
        SequenceCrossEntropy()(IDS, LOGITS, sample_weight=weights)


def test_a_row_that_ctc_cannot_read_is_left_out_with_a_warning():
    logits = keras.Variable(np.random.default_rng(0).normal(size=(3, 2, 4)))
    labels = np.array([[1, 2], [1, 1], [3, 0]])  # the second needs three frames
    with pytest.warns(UserWarning, match="left out 1 rows"):
        together = float(CTC()(labels, logits))
    apart = float(CTC()(labels[[0, 2]], logits.value.numpy()[[0, 2]]))
    assert together == pytest.approx(apart)


def test_a_row_that_ctc_cannot_read_moves_no_weight():
    import tensorflow as tf

    logits = tf.Variable(np.random.default_rng(0).normal(size=(2, 2, 4)))
    with tf.GradientTape() as tape, pytest.warns(UserWarning, match="left out 1 rows"):
        loss = CTC()(np.array([[1, 1], [2, 0]]), logits)
    gradient = tape.gradient(loss, logits).numpy()
    assert np.isfinite(gradient).all() and not gradient[0].any() and gradient[1].any()


def test_frames_of_padding_do_not_make_room_for_labels():
    logits = np.zeros((2, 4, 3), "float32")
    logits[0, 2:, 1:] = -1e4
    with pytest.warns(UserWarning, match="left out 1 rows"):
        loss = CTC()(np.array([[1, 1], [1, 2]]), logits)
    assert 0 < float(loss) < 10


def test_labels_may_be_padded_with_minus_one():
    logits = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32")
    zeros, ones = np.array([[1, 2], [3, 0]]), np.array([[1, 2], [3, -1]])
    assert float(CTC()(zeros, logits)) == float(CTC()(ones, logits))


def test_a_fit_with_a_row_that_cannot_be_read_learns_from_the_others():
    x, y = np.eye(4, dtype="float32")[None].repeat(2, 0), np.array([[1, 2], [3, 3]])
    y = np.concatenate([y, [[1, 1], [3, 3]]], axis=1)  # 1 2 1 1 needs five frames
    model = keras.Sequential([keras.Input((4, 4)), keras.layers.Dense(4)])
    model.compile(keras.optimizers.Adam(0.1), CTC())
    y[1] = [3, 2, 0, 0]
    with pytest.warns(UserWarning, match="left out 1 rows"):
        losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert np.isfinite(losses).all() and losses[-1] < losses[0] / 2


def test_targets_of_a_shape_known_only_in_the_graph_do_not_broadcast():
    signature = [tf.TensorSpec([None, None]), tf.TensorSpec([None, None, 3])]
    for jit_compile in (False, True):
        loss = PinballLoss([0.1, 0.5, 0.9])
        graph = tf.function(
            lambda *arguments, loss=loss: loss(*arguments),
            input_signature=signature,
            jit_compile=jit_compile,
        )
        assert float(graph(np.ones((2, 4)), np.ones((2, 4, 3)))) == 0
        with pytest.raises(tf.errors.InvalidArgumentError, match="hapes"):
            graph(np.ones((2, 1)), np.ones((2, 4, 3)))


def test_an_id_outside_the_vocabulary_has_no_smoothed_loss():
    assert np.isnan(SequenceCrossEntropy(0.1)([[4]], np.zeros((1, 1, 4), "float32")))


def test_metrics_leave_out_what_a_mask_of_the_logits_hides():
    logits = tf.constant(LOGITS)
    logits._keras_mask = tf.constant([[True, False, True], [True, True, True]])
    for kind in KINDS:
        expected = kind()(IDS, LOGITS, sample_weight=[[1, 0, 1], [1, 1, 1]])
        np.testing.assert_allclose(kind()(IDS, logits), expected, rtol=1e-6)


@pytest.mark.parametrize("reduction", [None, "sum", "mean_with_sample_weight"])
def test_a_row_left_out_does_not_change_the_loss_of_another(reduction):
    logits, labels = LOGITS[:, :2], np.array([[1, 1], [2, 0]])
    loss = CTC(reduction=reduction)
    with pytest.warns(UserWarning, match="left out 1 rows"):
        together = np.ravel(loss(labels, logits, np.ones(2)))[-1]
    np.testing.assert_allclose(together, np.ravel(loss(labels[1:], logits[1:]))[-1])


@pytest.mark.parametrize("in_graph", [False, True])
def test_logits_that_are_nan_are_not_taken_for_rows_without_room(in_graph, optimized):
    def loss(logits):
        return CTC()(np.array([[1, 2], [1, 0]]), logits)

    for nan in (np.s_[:], np.s_[0, 1, 2], np.s_[1, 0, 0]):
        logits = np.zeros((2, 2, 4), "float32")
        logits[nan] = np.nan
        assert np.isnan((tf.function(loss) if in_graph else loss)(logits))


def test_a_label_without_a_logit_is_left_out():
    with pytest.warns(UserWarning, match="no logit"):
        loss = CTC()(np.array([[4], [1]]), LOGITS)
    np.testing.assert_allclose(loss, CTC()(np.array([[1]]), LOGITS[1:]), rtol=1e-6)


def test_a_hole_between_frames_is_the_blank_between_two_alike():
    logits = np.zeros((1, 3, 3), "float32")
    logits[0, 1, 1:] = -1e4
    np.testing.assert_allclose(CTC()(np.array([[1, 1]]), logits), np.log(9), rtol=1e-5)
    # one frame before the hole, and no room after it
    with pytest.warns(UserWarning, match="left out 1 rows"):
        assert float(CTC()(np.array([[1, 2, 2]]), logits[:, :3])) == 0


def test_frames_that_a_mask_hides_are_certainly_blank():
    logits = tf.constant(LOGITS)
    logits._keras_mask = tf.constant([[True, True, False], [True, True, True]])
    labels = np.array([[1], [2]])
    rows = [
        float(CTC()(labels[:1], LOGITS[:1, :2])),
        float(CTC()(labels[1:], LOGITS[1:])),
    ]
    np.testing.assert_allclose(CTC(reduction=None)(labels, logits), rows, rtol=1e-5)


@pytest.mark.parametrize("shape", [(0, 3, 4), (2, 0, 4)])
def test_no_rows_and_no_frames_have_no_loss(shape):
    labels = np.zeros((shape[0], 2), int)
    # Keras hands on the losses of no rows as they are: none
    assert np.sum(CTC()(labels, np.zeros(shape, "float32"))) == 0
    assert np.sum(CTC()(labels[:, :0], np.zeros(shape, "float32"))) == 0


@pytest.mark.parametrize("labels", [(2,), (2, 1), (2, 1, 1)])
def test_one_label_for_each_row_may_come_in_any_column(labels):
    found = CTC()(np.array([1, 2]).reshape(labels), LOGITS)
    np.testing.assert_allclose(found, CTC()(np.array([[1, 0], [2, 0]]), LOGITS))


@pytest.mark.parametrize(
    ("labels", "weights"),
    [((3, 1), None), ((2, 1, 2), None), ((2, 1), (3,)), ((2, 1), (2, 2))],
)
def test_ctc_refuses_other_shapes(labels, weights):
    weights = None if weights is None else np.ones(weights)
    with pytest.raises(ValueError, match="Received: shape"):
        CTC()(np.ones(labels, int), LOGITS, weights)


def test_ctc_under_xla_has_the_same_losses_and_gradients():
    def losses(labels, logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = CTC()(labels, logits)
        return loss, tape.gradient(loss, logits)

    signature = [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None, None, 4])]
    xla = tf.function(
        losses, input_signature=signature, jit_compile=True, autograph=False
    )
    logits = tf.constant(np.random.default_rng(0).normal(size=(3, 3, 4)), tf.float32)
    labels = np.array([[3, 1, -1], [0, 0, 0], [2, 1, 2]])
    for ours, theirs in zip(losses(labels, logits), xla(labels, logits), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    unreadable = np.array([[3, 1, -1], [0, 0, 0], [2, 2, 2]])  # said nowhere
    loss, gradient = xla(unreadable, logits)
    np.testing.assert_allclose(loss, xla(labels[:2], logits[:2])[0], rtol=1e-5)
    assert np.isfinite(gradient).all() and not np.any(gradient[2])


def test_a_fit_with_ctc_compiles():
    x, y = np.eye(4, dtype="float32")[None].repeat(2, 0), np.array([[1, 2], [3, -1]])
    model = keras.Sequential([keras.Input((4, 4)), keras.layers.Dense(4)])
    model.compile(keras.optimizers.Adam(0.1), CTC(), jit_compile=True)
    losses = model.fit(x, y, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


@pytest.mark.parametrize("kind", [*KINDS, partial(SequenceCrossEntropy, 0.1)])
def test_padding_with_minus_one_counts_for_nothing(kind):
    padded_with_0 = np.array([[1, 2, 0], [3, 0, 0]])
    padded_with_minus_1 = np.where(padded_with_0 == 0, -1, padded_with_0)
    expected = float(kind()(padded_with_0, LOGITS))
    assert float(kind()(padded_with_minus_1, LOGITS)) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_targets_of_unknown_rank_are_refused(kind):
    @tf.function(input_signature=[tf.TensorSpec(None, tf.int32)])
    def measure(targets):
        return kind()(targets, LOGITS)

    with pytest.raises(ValueError, match="must have a known rank"):
        measure(IDS)


@pytest.mark.parametrize("kind", KINDS)
def test_logits_of_whole_examples_are_refused(kind):
    # class 0 would count as padding
    with pytest.raises(ValueError, match=r"\(batch, length, vocab.*Received: .*2, 4"):
        kind()(np.array([0, 1]), LOGITS[:, 0])


def test_several_series_have_a_pinball_loss():
    loss = PinballLoss([0.1, 0.5, 0.9])
    assert float(loss(np.ones((2, 4, 5)), np.zeros((2, 4, 5, 3)))) == pytest.approx(0.5)
