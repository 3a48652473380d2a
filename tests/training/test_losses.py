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

MEASURES = [
    SequenceCrossEntropy(),
    SequenceCrossEntropy(label_smoothing=0.2),
    TokenAccuracy(),
    TokenCrossEntropy(),
]


@pytest.fixture
def sequences():
    rng = np.random.default_rng(0)
    targets = np.array([[3, 1, 4, 2], [2, 5, 0, 0]])
    return targets, rng.normal(size=(2, 4, 6)).astype("float32")


def measure(function, *arguments):
    if isinstance(function, keras.Metric):
        function.reset_state()
    return float(function(*arguments))


def ids(function):
    return getattr(function, "name", None) or str(function)


@pytest.mark.parametrize("function", MEASURES, ids=ids)
def test_more_padding_changes_nothing(function, sequences):
    targets, logits = sequences
    padded_targets = np.pad(targets, [(0, 1), (0, 3)])
    padded_logits = np.pad(logits, [(0, 1), (0, 3), (0, 0)], constant_values=7)
    np.testing.assert_allclose(
        measure(function, padded_targets, padded_logits),
        measure(function, targets, logits),
        rtol=1e-6,
    )


@pytest.mark.parametrize("label_smoothing", [0.0, 0.3])
def test_the_loss_equals_keras_on_a_one_hot_of_the_real_tokens(
    label_smoothing, sequences
):
    targets, logits = sequences
    real = targets > 0
    expected = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=label_smoothing
    )(np.eye(6)[targets[real]], logits[real])
    loss = SequenceCrossEntropy(label_smoothing=label_smoothing)
    np.testing.assert_allclose(loss(targets, logits), expected, rtol=1e-6)


def test_metrics_over_batches_of_unequal_length_weigh_every_token_the_same(sequences):
    targets, logits = sequences
    parts = [(targets[:1], logits[:1]), (targets[1:, :2], logits[1:, :2])]
    for metric in [TokenAccuracy(), TokenCrossEntropy()]:
        whole = measure(metric, targets, logits)
        metric.reset_state()
        for part in parts:
            metric.update_state(*part)
        np.testing.assert_allclose(metric.result(), whole, rtol=1e-6)


def test_metrics_are_means_over_the_real_tokens(sequences):
    targets, logits = sequences
    real = targets > 0
    right = logits.argmax(-1)[real] == targets[real]
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    of_targets = np.take_along_axis(probabilities, targets[..., None], -1)[..., 0]
    np.testing.assert_allclose(
        measure(TokenAccuracy(), targets, logits), right.mean(), rtol=1e-6
    )
    np.testing.assert_allclose(
        measure(TokenCrossEntropy(), targets, logits),
        -np.log(of_targets[real]).mean(),
        rtol=1e-6,
    )


@pytest.mark.parametrize("function", MEASURES, ids=ids)
def test_an_example_of_weight_zero_counts_for_nothing(function, sequences):
    targets, logits = sequences
    for weights in ([1, 0], [[1, 1, 1, 1], [0, 0, 0, 0]]):
        np.testing.assert_allclose(
            measure(function, targets, logits, np.array(weights)),
            measure(function, targets[:1], logits[:1]),
            rtol=1e-6,
        )


@pytest.mark.parametrize("function", MEASURES, ids=ids)
def test_a_batch_of_padding_alone_measures_zero_and_not_nan(function):
    assert measure(function, np.zeros((2, 3), int), np.ones((2, 3, 5))) == 0


@pytest.mark.parametrize("function", MEASURES, ids=ids)
def test_losses_and_metrics_survive_a_round_trip(function, sequences):
    kind = keras.losses if isinstance(function, keras.Loss) else keras.metrics
    copy = kind.deserialize(kind.serialize(function))
    assert type(copy) is type(function)
    np.testing.assert_allclose(
        measure(copy, *sequences), measure(function, *sequences), rtol=1e-6
    )


def test_smoothing_by_everything_is_refused():
    with pytest.raises(ValueError, match="Received: label_smoothing=1"):
        SequenceCrossEntropy(label_smoothing=1)


QUANTILES = [0.1, 0.5, 0.8]


@pytest.fixture
def forecasts():
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(2, 4)).astype("float32")
    targets[0, 1:3] = np.nan
    return targets, rng.normal(size=(2, 4, 3)).astype("float32")


def test_the_pinball_loss_weighs_each_known_target_the_same(forecasts):
    targets, quantiles = forecasts
    known = ~np.isnan(targets)
    errors = (targets[:, :, None] - quantiles)[known]
    expected = np.where(
        errors > 0, QUANTILES * errors, (np.array(QUANTILES) - 1) * errors
    )
    loss = PinballLoss(QUANTILES)
    np.testing.assert_allclose(loss(targets, quantiles), expected.mean(), rtol=1e-5)
    weights = np.array([[1, 1, 1, 1], [0, 0, 0, 0]])  # as those of padding
    np.testing.assert_allclose(
        loss(targets, quantiles, weights), expected[:2].mean(), rtol=1e-5
    )


def test_what_is_forecast_where_the_target_is_missing_changes_nothing(forecasts):
    targets, quantiles = forecasts
    missing = np.isnan(targets)
    loss = PinballLoss(QUANTILES)

    def loss_and_gradient(quantiles):
        with tf.GradientTape() as tape:
            quantiles = tf.constant(quantiles)
            tape.watch(quantiles)
            value = loss(targets, quantiles)
        return value, tape.gradient(value, quantiles)

    value, gradient = loss_and_gradient(quantiles)
    assert np.isfinite(gradient).all()
    assert not gradient.numpy()[missing].any() and gradient.numpy()[~missing].any()
    quantiles = np.where(missing[:, :, None], 1e6, quantiles).astype("float32")
    assert loss_and_gradient(quantiles)[0] == value


def test_the_pinball_loss_is_least_at_the_quantile():
    values = np.arange(101.0)[None]
    loss = PinballLoss([0.2])
    guesses = [loss(values, np.full((1, 101, 1), guess)) for guess in [10, 20, 30]]
    assert np.argmin(guesses) == 1


def test_a_pinball_loss_is_what_its_config_says():
    loss = PinballLoss(np.array([0.1, 0.5]))
    copy = keras.losses.deserialize(keras.losses.serialize(loss))
    assert copy.quantiles == loss.quantiles


def test_ctc_has_the_values_and_the_gradient_of_keras():
    rng = np.random.default_rng(0)
    targets = np.array([[1, 1, 2], [3, 0, 0], [0, 0, 0]])
    logits = tf.Variable(rng.normal(size=(3, 7, 4)).astype("float32"))
    found = []
    for loss in [CTC(reduction=None), keras.losses.CTC(reduction=None)]:
        with tf.GradientTape() as tape:
            values = loss(targets, logits)
        found.append((values, tape.gradient(values, logits)))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_labels_that_no_path_reads_as_count_for_nothing():
    with pytest.warns(UserWarning, match="left out 1 rows"):
        assert CTC()(np.array([[1, 1]]), np.zeros((1, 2, 3), "float32")) == 0
