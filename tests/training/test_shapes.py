"""Losses and metrics take the shapes that Keras's own take, and refuse all others."""

import keras
import numpy as np
import pytest

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
    with tf.GradientTape() as tape, pytest.warns(UserWarning):
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


def test_logits_that_are_nan_are_not_taken_for_rows_without_room():
    logits = np.full((1, 4, 3), np.nan, "float32")
    assert not np.isfinite(CTC()(np.array([[1, 2]]), logits))
