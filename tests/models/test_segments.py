"""Forecasters without a calendar: series, each from its own past."""

import keras
import numpy as np
import pytest

from gru_apps.models import forecasters
from gru_apps.training import losses

HORIZON = 5


def _forecaster(dim=3, **options):
    options = {"length": 7, "segment": 2, "units": 4, "horizon": HORIZON} | options
    model = forecasters.build_forecaster(dim, **options)
    rng = np.random.default_rng(1)
    forecasters.adapt_forecaster(model, 500 + 100 * rng.normal(size=(99, dim)))
    for variable in model.trainable_variables:  # zeros would hide much
        variable.assign_add(keras.random.normal(variable.shape, stddev=0.1))
    return model


def _history(steps=7, dim=3, batch=2):
    rng = np.random.default_rng(0)
    return (500 + 100 * rng.normal(size=(batch, steps, dim))).astype("float32")


def _same_scale(model):
    """Gives every series the scale of the first."""
    forecasters.adapt_forecaster(model, np.tile([[400.0], [600.0]], [1, 3]))
    return model


@pytest.mark.parametrize("dim", [1, 3])
@pytest.mark.parametrize("horizon", [1, 2, 5, 20])  # the longest is beyond the history
def test_each_series_has_its_quantiles_at_any_horizon(dim, horizon):
    model = _forecaster(dim, horizon=horizon, quantiles=(0.1, 0.5, 0.9))
    forecast = model(_history(dim=dim))
    assert forecast.shape == (2, horizon, dim, 3) == (2, *model.output_shape[1:])
    assert np.isfinite(forecast).all()
    assert np.diff(forecast, axis=-1).min() >= 0


def test_series_share_their_weights_and_do_not_see_each_other():
    model, history = _same_scale(_forecaster()), _history()
    forecast = model(history)
    turned = model(history[:, :, [2, 0, 1]])
    np.testing.assert_allclose(turned, np.array(forecast)[:, :, [2, 0, 1]], rtol=1e-5)
    history[:, :, 1] = np.nan
    without = model(history)
    for place in (0, 2):
        np.testing.assert_allclose(
            without[:, :, place], forecast[:, :, place], rtol=1e-5
        )


def test_series_of_other_scales_have_forecasts_of_those_scales():
    model, history = _same_scale(_forecaster()), _history()
    forecast = np.array(model(history))
    factors = np.array([1, 1000, 0.001])
    forecasters.adapt_forecaster(model, np.array([[400.0], [600.0]]) * factors)
    scaled = model(history * factors)
    np.testing.assert_allclose(scaled, forecast * factors[:, None], rtol=1e-4)


def test_a_series_on_another_level_has_the_forecast_on_that_level():
    model, history = _forecaster(), _history()
    higher = model(history + 10_000)
    np.testing.assert_allclose(higher, np.array(model(history)) + 10_000, atol=0.1)


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_missing_steps_before_a_history_do_not_change_the_forecast(steps):
    model, history = _forecaster(), _history(steps)
    padded = np.pad(history, [(0, 0), (6, 0), (0, 0)], constant_values=np.nan)
    np.testing.assert_allclose(model(padded), model(history), rtol=1e-5)


def test_what_is_further_back_than_the_length_does_not_count():
    model, history = _forecaster(), _history(12)
    np.testing.assert_array_equal(model(history), model(history[:, -7:]))
    changed = history.copy()
    changed[:, -7] += 50
    assert np.abs(model(changed) - model(history)).max() > 1e-2


@pytest.mark.parametrize("unknown", [np.nan, np.inf, -np.inf])
def test_an_unknown_step_is_told_from_a_known_one_and_leaves_the_forecast_finite(
    unknown,
):
    model, history = _forecaster(), _history()
    known = np.array(model(history))
    history[:, 2, 0] = np.nan
    expected = np.array(model(history))
    assert np.isfinite(expected).all()
    assert np.abs(expected - known)[:, :, 0].max() > 1e-2
    history[:, 2, 0] = unknown
    np.testing.assert_array_equal(model(history), expected)


def test_untrained_it_forecasts_the_mean_of_what_is_known_of_the_last_segment():
    model = forecasters.build_forecaster(1, horizon=3, length=6, segment=2, units=4)
    forecasters.adapt_forecaster(model, [[0.0], [10.0]])
    layer = model.get_layer("quantiles")
    layer.set_weights([np.zeros(weight.shape) for weight in layer.weights])
    # as many histories as steps to come: an axis taken for another would fit
    rows = np.array(
        [[1, 1, 1, 1, 4, 8], [1, 1, 1, 1, np.nan, 8], [1, 3, 2] + 3 * [np.nan]]
    )
    forecast = model(rows[:, :, None])[:, :, 0, 2]
    np.testing.assert_allclose(forecast, np.tile([[6], [8], [2]], [1, 3]), rtol=1e-5)


def test_without_any_history_it_forecasts_near_the_mean_of_training():
    forecast = np.array(_forecaster()(_history() * np.nan))[..., 2]
    assert forecast.min() > 300 and forecast.max() < 700


def test_a_series_that_was_constant_in_training_goes_on_as_it_is():
    model, history = _forecaster(), _history()
    series = np.random.default_rng(0).normal(size=(99, 3))
    series[:, 1] = 280.1
    forecasters.adapt_forecaster(model, series)
    for now in (280.1, 281.5, 0.0):
        history[:, :, 1] = now
        forecast = np.array(model(history))
        assert np.isfinite(forecast).all()
        np.testing.assert_allclose(forecast[:, :, 1], now, atol=1e-3)


def test_a_constant_history_has_a_finite_forecast():
    assert np.isfinite(_forecaster()(np.full((1, 7, 3), 500.0))).all()


def test_a_broken_sensor_counts_as_five_deviations():
    model, history = _forecaster(), _history()
    deviation = float(model.get_layer("normalization").variance[0, 0, 0]) ** 0.5
    level = history[:, -2:, 0].mean(axis=1)  # of the last segment

    def forecast(value):
        history[:, 2, 0] = value
        return np.array(model(history))

    expected = forecast(level + 5 * deviation)
    np.testing.assert_allclose(forecast(1e12), expected, rtol=1e-4)
    assert np.abs(forecast(level + 4.5 * deviation) - expected).max() > 1e-2


@pytest.mark.parametrize(
    "options, message",
    [
        ({"seasons": (24,)}, "with a calendar. Received: seasons="),
        ({"length": 0}, "`length` must be at least 1. Received: length=0"),
        ({"segment": 2.5}, "`segment` must be an integer. Received: segment=2.5"),
        ({"horizon": 0}, "Received: horizon=0"),
        ({"calendar_dim": -1}, "`calendar_dim` must be at least 0. Received:"),
        ({"quantiles": (0.1, 0.9)}, "middle one.*Received: quantiles="),
        ({"dropout": 1.0}, "Received: dropout=1.0"),
        ({"calendar_dim": 2}, "`length` is of a forecaster without a calendar"),
    ],
)
def test_choices_that_make_no_forecaster_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _forecaster(**options)


def test_a_series_that_is_never_known_gives_no_scale_and_is_refused_by_its_place():
    model, series = _forecaster(), np.ones((9, 3))
    series[:, 2] = np.nan
    with pytest.raises(ValueError, match="must know its feature 2 at one step"):
        forecasters.adapt_forecaster(model, series)


def test_the_scale_of_each_series_is_of_its_own_known_steps():
    model = _forecaster()
    series = [[1, 2, 3], [np.nan, 9, 3], [3, np.nan, 4], [5, 4, np.inf]]
    forecasters.adapt_forecaster(model, series)
    for name in ("normalization", "denormalization"):
        layer = model.get_layer(name)
        np.testing.assert_allclose(np.ravel(layer.mean), [3, 5, 10 / 3], rtol=1e-6)


def test_a_saved_forecaster_answers_as_before(tmp_path):
    model, history = _forecaster(), _history()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(history), model(history), rtol=1e-6)


def test_mixed_precision_keeps_thousands_apart(set_dtype_policy):
    set_dtype_policy("mixed_float16")
    model = _forecaster()
    assert model.output.dtype == "float32"
    set_dtype_policy("float32")
    reference, history = _forecaster(), _history() + 10_000
    reference.set_weights(model.get_weights())
    np.testing.assert_allclose(model(history), reference(history), atol=2)


def test_it_learns_a_wave_whose_length_nobody_told():
    rng = np.random.default_rng(0)
    steps = rng.integers(0, 99, size=(256, 1, 2)) + np.arange(24 + HORIZON)[:, None]
    waves = 10 * np.sin(2 * np.pi * steps / 8) + [50, 500]
    model = forecasters.build_forecaster(
        2, horizon=HORIZON, length=24, segment=4, units=8, dropout=0.0, quantiles=[0.5]
    )
    forecasters.adapt_forecaster(model, waves)
    model.compile(keras.optimizers.Adam(0.01), losses.PinballLoss([0.5]))
    model.optimizer.build(model.trainable_variables)  # or its graph is made twice
    history, future = waves[:, :24], waves[:, 24:]
    model.fit(history, future, epochs=20, batch_size=32, verbose=0)
    error = model.predict(history, verbose=0)[..., 0] - future
    assert np.abs(error).mean() < 1  # of 20 between trough and crest
