import keras
import numpy as np
import pytest

from gru_apps.models import forecasters
from gru_apps.training import losses

HORIZON = 2


def _inputs(length=7, batch=2):
    rng = np.random.default_rng(0)
    history = rng.normal(size=(batch, length, 3)).astype("float32")
    calendar = rng.normal(size=(batch, length + HORIZON, 2)).astype("float32")
    return {"history": history, "calendar": calendar}


def _forecaster(**options):
    options = {"seasons": (2, 4), "units": 4} | options
    model = forecasters.build_forecaster(3, 2, HORIZON, **options)
    series = 500 + 100 * np.random.default_rng(1).normal(size=(9, 3))
    forecasters.adapt_forecaster(model, series)
    for variable in model.trainable_variables:  # biases of zero would hide much
        variable.assign_add(keras.random.normal(variable.shape, stddev=0.1))
    return model


def _scaled(inputs):
    return inputs | {"history": 500 + 100 * inputs["history"]}


def _padded(inputs, steps):
    pad = [(0, 0), (steps, 0), (0, 0)]
    history = np.pad(inputs["history"], pad, constant_values=np.nan)
    return {"history": history, "calendar": np.pad(inputs["calendar"], pad)}


@pytest.mark.parametrize("length", [1, 3, 7])
def test_missing_steps_before_a_history_do_not_change_the_forecast(length):
    model, inputs = _forecaster(), _scaled(_inputs(length))
    expected = model(inputs)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(model(_padded(inputs, 5)), expected, rtol=1e-4)


def test_a_missing_step_is_skipped_whatever_else_it_holds():
    model, inputs = _forecaster(), _scaled(_inputs())
    complete = model(inputs)
    inputs["history"][:, 3, 0] = np.nan
    expected = model(inputs)
    assert np.abs(expected - complete).max() > 1e-3
    inputs["history"][:, 3, 1:] = 1e6
    np.testing.assert_array_equal(model(inputs), expected)
    inputs["history"][:, 3, 1:] = np.nan
    np.testing.assert_array_equal(model(inputs), expected)


def test_a_missing_feature_counts_as_its_mean():
    model, inputs = _forecaster(), _scaled(_inputs())
    inputs["history"][:, 3, 1] = model.get_layer("normalization").mean[0, 0, 1]
    expected = model(inputs)
    inputs["history"][:, 3, 1] = np.nan
    np.testing.assert_allclose(model(inputs), expected, rtol=1e-5)


@pytest.mark.parametrize("sign", [-1, 1])
def test_what_is_far_from_the_mean_counts_as_five_deviations(sign):
    model, inputs = _forecaster(), _scaled(_inputs())
    layer = model.get_layer("normalization")
    five = layer.mean[0, 0, 1] + sign * 5 * np.sqrt(layer.variance[0, 0, 1])
    inputs["history"][:, 3, 1] = five
    expected = model(inputs)
    inputs["history"][:, 3, 1] = sign * 1e7
    np.testing.assert_allclose(model(inputs), expected, rtol=1e-4)
    inputs["history"][:, 3, 1] = five - sign * 200
    assert np.abs(model(inputs) - expected).max() > 1e-2


def test_without_any_history_the_forecast_is_finite():
    inputs = _scaled(_inputs())
    inputs["history"] *= np.nan
    assert np.isfinite(_forecaster()(inputs)).all()


def test_a_history_alone_has_the_forecast_that_it_has_in_a_batch():
    model, inputs = _forecaster(), _scaled(_inputs())
    alone = model({name: array[1:] for name, array in inputs.items()})
    np.testing.assert_allclose(alone, model(inputs)[1:], rtol=1e-4)


def test_quantiles_never_cross():
    model = _forecaster(quantiles=(0.1, 0.2, 0.5, 0.7, 0.9))
    for variable in model.trainable_variables:
        variable.assign(keras.random.normal(variable.shape, stddev=3.0))
    quantiles = model(_scaled(_inputs(batch=9)))
    assert np.diff(quantiles, axis=-1).min() >= 0


def test_the_middle_quantile_is_counted_from_the_longest_season():
    model, inputs = _forecaster(), _scaled(_inputs())
    layer = model.get_layer("quantiles")
    layer.set_weights([np.zeros(weight.shape) for weight in layer.weights])
    a_season_before = inputs["history"][:, 7 - 4 :, 0][:, :HORIZON]
    np.testing.assert_allclose(model(inputs)[:, :, 2], a_season_before, rtol=1e-4)


def test_a_season_that_is_shorter_than_the_horizon_is_repeated():
    model = forecasters.build_forecaster(1, 1, 5, seasons=(2,), units=4)
    forecasters.adapt_forecaster(model, [[0.0], [10.0]])
    layer = model.get_layer("quantiles")
    layer.set_weights([np.zeros(weight.shape) for weight in layer.weights])
    history = np.array([1.0, 2.0, 3.0, 4.0])[None, :, None]
    # one history, and as many quantiles as steps: an axis taken for another would fit
    forecast = model({"history": history, "calendar": np.zeros((1, 9, 1))})
    np.testing.assert_allclose(forecast[0, :, 2], [3, 4, 3, 4, 3], rtol=1e-5)


def test_the_calendar_to_come_counts_and_acts_forward_in_time_alone():
    model, inputs = _forecaster(), _scaled(_inputs())
    before = model(inputs)
    inputs["calendar"][:, -1] += 1
    after = model(inputs)
    np.testing.assert_array_equal(after[:, 0], before[:, 0])
    assert np.abs(after - before)[:, 1].max() > 1e-3


@pytest.mark.parametrize(
    "options, message",
    [
        ({"quantiles": (0.5, 0.1)}, "Received: quantiles="),
        ({"quantiles": (0.5, 1.0)}, "Received: quantiles="),
        ({"quantiles": ()}, r"Received: quantiles=\(\)"),
        ({"quantiles": (0.1, 0.9)}, "middle one.*Received: quantiles="),
        ({"quantiles": (0.1, np.nan, 0.9)}, "Received: quantiles="),
        ({"seasons": []}, r"Received: seasons=\[\]"),
        ({"seasons": (4.0,)}, "`seasons` must be an integer. Received: seasons=4.0"),
        ({"units": 0}, "Received: units=0"),
        ({"dropout": 1.5}, "Received: dropout="),
        ({"segment": 2}, "`segment` is of a forecaster without a calendar"),
    ],
)
def test_choices_that_keras_would_swallow_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        _forecaster(**options)


def test_the_scale_of_each_feature_is_of_its_known_steps_beside_the_first():
    model = _forecaster()
    series = np.array([[1, 2, 3], [np.nan, 9, 3], [3, np.nan, 4], [5, 4, np.inf]])
    forecasters.adapt_forecaster(model, series)
    layer = model.get_layer("normalization")
    np.testing.assert_allclose(np.ravel(layer.mean), [3, 3, 3.5], rtol=1e-6)
    np.testing.assert_allclose(np.ravel(layer.variance), [8 / 3, 1, 0.25], rtol=1e-6)
    np.testing.assert_allclose(model.get_layer("denormalization").mean, 3, rtol=1e-6)


def test_the_scale_of_a_known_series_is_the_one_that_keras_finds():
    model, series = _forecaster(), np.random.default_rng(0).normal(size=(99, 3))
    series = series.astype("float32")
    forecasters.adapt_forecaster(model, series)
    for name, part in {"normalization": 3, "denormalization": 1}.items():
        axis = -1 if part == 3 else None
        layer = keras.layers.Normalization(axis=axis)
        layer.adapt(series[None, :, :part])
        for mine, keras_s in zip(
            model.get_layer(name).get_weights(), layer.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(mine, keras_s)


NEVER = {
    "never": np.full(6, np.nan),
    "in turn": np.array([np.nan, 1, np.nan, 5, np.nan, 9]),  # the first at the others
}


@pytest.mark.parametrize("known", NEVER.values(), ids=NEVER)
def test_a_feature_that_is_never_known_beside_the_series_is_ignored(known):
    model, inputs = _forecaster(), _scaled(_inputs())
    series = np.stack([[1, np.nan, 3, np.nan, 5, np.nan], known, np.arange(6)], axis=1)
    forecasters.adapt_forecaster(model, series)
    inputs["history"][:, :, 1] = np.nan
    expected = model(inputs)
    assert np.isfinite(expected).all()
    inputs["history"][:, :, 1] = 1e6
    np.testing.assert_allclose(model(inputs), expected, rtol=1e-6)


@pytest.mark.parametrize("constant", [0.0, 280.1])
def test_a_feature_that_was_constant_counts_as_its_mean(constant):
    model, inputs = _forecaster(), _scaled(_inputs())
    series = 500 + 100 * np.random.default_rng(1).normal(size=(5000, 3))
    series[:, 1] = constant
    forecasters.adapt_forecaster(model, series.astype("float32"))
    inputs["history"][:, :, 1] = np.nan
    expected = model(inputs)
    inputs["history"][:, :, 1] = constant
    np.testing.assert_array_equal(model(inputs), expected)
    inputs["history"][:, :, 1] = constant + 1
    assert np.isfinite(model(inputs)).all()


@pytest.mark.parametrize(
    "series, message",
    [
        (np.ones(3), r"Received: shape=\(3,\)"),
        (np.ones((4, 2)), r"must be \(..., steps, 3\). Received: shape=\(4, 2\)"),
        (np.full((4, 3), np.nan), "Received: series without one"),
        (np.ones((0, 3)), "Received: series without one"),
    ],
)
def test_a_series_that_gives_no_scale_is_refused(series, message):
    with pytest.raises(ValueError, match=message):
        forecasters.adapt_forecaster(_forecaster(), series)


def test_infinity_in_a_history_is_unknown():
    model, inputs = _forecaster(), _scaled(_inputs())
    for feature in [0, 1]:
        inputs["history"][:, 3, feature] = np.nan
        expected = model(inputs)
        for infinity in [np.inf, -np.inf]:
            inputs["history"][:, 3, feature] = infinity
            np.testing.assert_array_equal(model(inputs), expected)


@pytest.mark.parametrize("unknown", [np.nan, np.inf])
def test_what_is_unknown_of_the_calendar_counts_as_zero(unknown):
    model, inputs = _forecaster(), _padded(_scaled(_inputs()), 5)
    inputs["calendar"][:, [7, -1], 1] = 0
    expected = model(inputs)
    inputs["calendar"][:, :5] = inputs["calendar"][:, [7, -1], 1] = unknown
    inputs["calendar"][:, [7, -1], 1] = unknown
    np.testing.assert_array_equal(model(inputs), expected)


@pytest.mark.parametrize("steps", [HORIZON, 7, 7 + HORIZON + 1])
def test_a_calendar_of_another_length_is_refused_with_a_sentence(steps):
    inputs = _inputs()
    inputs["calendar"] = np.ones((2, steps, 2), "float32")
    with pytest.raises(ValueError, match=f"7 steps.*2 to forecast. Received: {steps}"):
        _forecaster()(inputs)


def test_sizes_of_numpy_make_the_same_forecaster():
    plain = forecasters.build_forecaster(3, 2, HORIZON, seasons=[2, 4], units=4)
    sizes = np.array([3, 2, HORIZON, 4])
    model = forecasters.build_forecaster(
        *sizes[:3], seasons=np.array([2, 4]), units=sizes[3]
    )
    assert [w.shape for w in model.weights] == [w.shape for w in plain.weights]
    model.set_weights(plain.get_weights())
    np.testing.assert_array_equal(model(_inputs()), plain(_inputs()))


def test_a_saved_forecaster_answers_as_before(tmp_path):
    model, inputs = _forecaster(), _scaled(_inputs())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded(inputs), model(inputs), rtol=1e-6)


def test_mixed_precision_keeps_thousands_apart(set_dtype_policy):
    set_dtype_policy("mixed_float16")
    model = _forecaster()
    assert model.output.dtype == "float32"
    set_dtype_policy("float32")
    reference, inputs = _forecaster(), _inputs()
    reference.set_weights(model.get_weights())
    series = 10_000 + 100 * np.random.default_rng(1).normal(size=(99, 3))
    for forecaster in (model, reference):
        forecasters.adapt_forecaster(forecaster, series)
    inputs["history"] = 10_000 + 100 * inputs["history"]
    assert np.isfinite(model(inputs)).all()
    np.testing.assert_allclose(model(inputs), reference(inputs), atol=1)


def test_it_learns_what_the_calendar_says_of_the_future():
    rng = np.random.default_rng(0)
    calendar = rng.integers(0, 2, size=(128, 5 + HORIZON, 2)).astype("float32")
    series = 10 * calendar[:, :, 0] + 5
    history = np.repeat(series[:, :5, None], 3, axis=2)
    model = forecasters.build_forecaster(
        3, 2, HORIZON, seasons=(2,), units=8, dropout=0.0, quantiles=(0.1, 0.5, 0.9)
    )
    forecasters.adapt_forecaster(model, history.reshape(-1, 3))
    loss = losses.PinballLoss([0.1, 0.5, 0.9])
    model.compile(keras.optimizers.Adam(0.03), loss)
    model.optimizer.build(model.trainable_variables)  # or its graph is made twice
    inputs = {"history": history, "calendar": calendar}
    model.fit(inputs, series[:, 5:], epochs=15, batch_size=32, verbose=0)
    error = np.abs(model.predict(inputs, verbose=0)[:, :, 1] - series[:, 5:]).mean()
    assert error < 1  # of 10 between the two values
