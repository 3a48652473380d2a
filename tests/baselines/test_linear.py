import keras
import numpy as np
import pytest

from gru_apps import baselines
from gru_apps.models import forecasters


def test_trend_and_rest_of_a_linear_forecaster_add_up_to_the_history():
    model = baselines.build_linear_forecaster(5, 2, window=3)
    forecasters.adapt_forecaster(model, [[8.0], [12.0]])
    ends = np.eye(5)[:, [0, 4]]  # the first and the last step
    for name in ["trend", "rest"]:
        model.get_layer(name).kernel.assign(ends)
    history = np.random.default_rng(0).normal(size=(3, 5, 1))
    np.testing.assert_allclose(model(history), history[:, [0, 4]], rtol=1e-4, atol=1e-5)


def test_the_trend_of_a_linear_forecaster_is_a_moving_average():
    model = baselines.build_linear_forecaster(5, 3, window=3)
    forecasters.adapt_forecaster(model, [[-1.0], [1.0]])
    model.get_layer("trend").kernel.assign(np.eye(5)[:, [0, 2, 4]])
    model.get_layer("rest").kernel.assign(np.zeros([5, 3]))
    forecast = model(np.array([[[3.0], [6.0], [0.0], [9.0], [3.0]]]))[0, :, 0]
    np.testing.assert_allclose(forecast, [4, 5, 5], rtol=1e-5)


@pytest.mark.parametrize(
    "sizes, message",
    [
        ((5, 3, 4), "must be odd. Received: window=4"),
        ((5, 3, 0), "`window` must be at least 1. Received: window=0"),
        ((5, 3, -3), "Received: window=-3"),
        ((0, 3, 3), "Received: length=0"),
        ((5, 0, 3), "Received: horizon=0"),
        ((5, 3, 3.0), "Received: window=3.0"),
    ],
)
def test_sizes_of_no_linear_forecaster_are_refused_by_their_names(sizes, message):
    length, horizon, window = sizes
    with pytest.raises(ValueError, match=message):
        baselines.build_linear_forecaster(length, horizon, window=window)


def test_sizes_of_numpy_make_the_same_linear_forecaster():
    sizes = np.array([5, 3, 3])
    model = baselines.build_linear_forecaster(*sizes[:2], window=sizes[2])
    plain = baselines.build_linear_forecaster(5, 3, window=3)
    assert [w.shape for w in model.weights] == [w.shape for w in plain.weights]
    assert model.output_shape == plain.output_shape


def test_a_linear_forecast_from_what_is_missing_is_missing():
    model = baselines.build_linear_forecaster(5, 3, window=3)
    history = np.ones((2, 5, 1))
    history[0, 2] = np.nan
    forecast = model(history)
    assert np.isnan(forecast[0]).all() and np.isfinite(forecast[1]).all()


def test_a_linear_forecaster_in_mixed_precision_keeps_thousands_apart(set_dtype_policy):
    set_dtype_policy("mixed_float16")
    model = baselines.build_linear_forecaster(3, 1, window=1)
    assert model.get_layer("normalization").compute_dtype == "float32"
    forecasters.adapt_forecaster(model, [[5000.0], [5002.0]])
    model.get_layer("trend").kernel.assign(keras.ops.ones((3, 1)) / 3)
    forecast = model(np.full((1, 3, 1), 5001.0))
    np.testing.assert_allclose(forecast, 5001, rtol=1e-5)
    assert forecast.dtype == "float32"
