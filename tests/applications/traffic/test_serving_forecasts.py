import numpy as np
import pytest
import tensorflow as tf

from gru_apps.applications import traffic
from gru_apps.applications.traffic import series
from gru_apps.cli.exporting import traffic as exporting
from gru_apps.cli.exporting.asking import traffic as asking
from gru_apps.models import forecasters

LAST = 424_000  # in 2018
ROWS = 168


@pytest.fixture(scope="module")
def model():
    model = forecasters.build_forecaster(
        series.FEATURE_DIM, series.CALENDAR_DIM, 24, units=4
    )
    examples = np.random.default_rng(0).normal(size=(50, series.FEATURE_DIM))
    forecasters.adapt_forecaster(model, 3000 + 1000 * examples)
    return model


@pytest.fixture(scope="module")
def forecast(model):
    ask = traffic.forecast_traffic(model)["serving_default"]
    return lambda columns: {k: v.numpy() for k, v in ask(**_tensors(columns)).items()}


def _tensors(columns):
    texts = ("timestamp", "weather")
    types = {name: tf.string if name in texts else tf.float32 for name in columns}
    return {name: tf.constant(columns[name], types[name]) for name in columns}


def _text(hours):
    return series.text_from_hours(tf.constant(hours, tf.int64)).numpy()


def _history(rows=ROWS, batch=1, step=1):
    rng = np.random.default_rng(0)
    hours = LAST - step * np.arange(rows)[::-1]
    return {
        "timestamp": np.tile(_text(hours), [batch, 1]),
        "traffic": rng.uniform(100, 6000, [batch, rows]),
        "temperature": rng.uniform(250, 300, [batch, rows]),
        "clouds": rng.uniform(0, 100, [batch, rows]),
        "weather": rng.choice(["Clear", "Rain", ""], [batch, rows]),
    }


def _taken(columns, rows):
    return {name: values[:, rows] for name, values in columns.items()}


def _assert_same(answer, expected):
    assert answer["timestamp"].tolist() == expected["timestamp"].tolist()
    for name in ["median", "lower", "upper"]:
        np.testing.assert_allclose(answer[name], expected[name], rtol=1e-4)


def test_the_forecast_is_of_the_24_hours_after_the_last_row(forecast):
    answer = forecast(_history(batch=2))
    expected = _text(LAST + 1 + np.arange(24))
    assert answer["timestamp"].tolist() == [expected.tolist()] * 2
    assert (answer["lower"] <= answer["median"]).all()
    assert (answer["median"] <= answer["upper"]).all()
    assert (answer["lower"] >= 0).all() and np.isfinite(answer["upper"]).all()


def test_the_forecast_is_what_the_model_says_of_the_window(model, forecast):
    columns = _history()
    hours = tf.range(LAST - ROWS + 1, LAST + 25, dtype=tf.int64)
    inputs = {
        "history": series.features(_tensors(columns)),
        "calendar": series.calendar(hours)[None],
    }
    expected = np.maximum(model(inputs), 0)
    answer = forecast(columns)
    np.testing.assert_allclose(answer["median"], expected[:, :, 2], rtol=1e-4)
    np.testing.assert_allclose(answer["upper"], expected[:, :, 4], rtol=1e-4)
    np.testing.assert_allclose(answer["lower"], expected[:, :, 0], rtol=1e-4)


def test_rows_may_come_in_any_order(forecast):
    columns = _history()
    shuffled = _taken(columns, np.random.default_rng(1).permutation(ROWS))
    _assert_same(forecast(shuffled), forecast(columns))


def test_what_is_older_than_a_week_changes_nothing(forecast):
    columns = _history(rows=200)
    _assert_same(forecast(columns), forecast(_taken(columns, slice(32, None))))


def test_an_hour_without_a_row_is_an_hour_whose_traffic_is_unknown(forecast):
    columns = _history()
    gap = [5, 6, 7, 90, 150]
    without = forecast(_taken(columns, np.delete(np.arange(ROWS), gap)))
    columns["traffic"][:, gap] = np.nan
    unknown = forecast(columns)
    _assert_same(without, unknown)
    assert np.abs(unknown["median"] - forecast(_history())["median"]).max() > 1e-2


def test_weather_may_be_unknown(forecast):
    columns = _history()
    for name in ["temperature", "clouds"]:
        columns[name] = np.full([1, ROWS], np.nan)
    columns["weather"] = np.full([1, ROWS], "")
    assert np.isfinite(forecast(columns)["median"]).all()


def test_the_last_row_may_be_unknown_and_is_still_the_last(forecast):
    columns = _history()
    columns["traffic"][:, -1] = np.nan
    answer = forecast(columns)
    assert answer["timestamp"][0, 0] == _text([LAST + 1])[0]
    assert np.isfinite(answer["median"]).all()


def test_histories_of_different_lengths_are_padded_with_empty_time_stamps(forecast):
    alone = _history()
    longer = {name: np.repeat(values, 2, 0) for name, values in _history(180).items()}
    longer = {name: values.astype(object) for name, values in longer.items()}
    for name, values in longer.items():
        values[1, :ROWS] = alone[name]
        values[1, ROWS:] = "" if name in ("timestamp", "weather") else np.nan
    answer = {name: values[1:] for name, values in forecast(longer).items()}
    _assert_same(answer, forecast(alone))


def test_no_histories_have_no_forecasts(forecast):
    answer = forecast(_taken({k: v[:0] for k, v in _history().items()}, slice(None)))
    assert answer["median"].shape == answer["timestamp"].shape == (0, 24)


def test_a_year_far_ahead_has_a_calendar_too(forecast):
    columns = _history()
    start = np.datetime64("2096-02-23T00", "h").astype(int)
    columns["timestamp"] = _text(start + np.arange(ROWS))[None]
    assert forecast(columns)["timestamp"][0, 0] == b"2096-03-01 00:00:00"


def _changed(name, value, rows=3):
    def change(columns):
        values = columns[name].astype(object)
        values[:, rows] = value
        return columns | {name: values}

    return change


BAD = {
    "half an hour": (_changed("timestamp", "2018-05-10 07:30:00"), "beginning"),
    "no time stamp": (_changed("timestamp", "noon"), "written as"),
    "no such day": (_changed("timestamp", "2018-02-30 07:00"), "that there is"),
    "an hour twice": (
        lambda c: c | {"timestamp": c["timestamp"][:, [*range(5), 6, *range(6, 168)]]},
        "must not be there twice.*Received: ",
    ),
    "too short": (lambda c: _taken(c, slice(1, None)), "168 hours.*Received: .167"),
    "one row": (lambda c: _taken(c, slice(1)), "168 hours.*Received: .1"),
    "no row": (lambda c: _taken(c, slice(0)), "168 hours.*Received: .0"),
    "padding alone": (_changed("timestamp", "", slice(None)), "168 hours.*: .0"),
    "every other hour": (lambda c: _history(100, step=2), "hourly.*Received: .84"),
    "days": (lambda c: _history(8, step=24), "hourly.*Received: .7"),
    "mostly gaps": (lambda c: _taken(c, [0, 1, 2, 167]), "half.*Received: .4"),
    "mostly NaN": (_changed("traffic", np.nan, slice(90)), "half.*Received: .78"),
    "negative": (_changed("traffic", -1.0), "`traffic` must.*Received: .-1"),
    "infinite": (_changed("traffic", np.inf), "`traffic` must.*Received: .inf"),
    "celsius": (_changed("temperature", 21.0), "kelvin.*Received: .21"),
    "clouds": (_changed("clouds", 101.0), "per cent.*Received: .101"),
    "weather": (_changed("weather", "Sunny"), "Clear, Clouds.*Received: .*Sunny"),
}


@pytest.mark.parametrize("change, message", BAD.values(), ids=BAD)
def test_a_history_that_makes_no_sense_is_refused_with_what_was_received(
    change, message, forecast
):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        forecast(change(_history()))


class _Networks:
    """An exported forecaster, which must not come to an answer."""

    encoding = exporting.encoding(None)


def test_an_exported_forecaster_has_no_forecasts_of_no_histories():
    answer = asking.answer(_Networks, **{name: [] for name in _history()})
    assert answer == {name: [] for name in ("timestamp", "median", "lower", "upper")}


@pytest.mark.parametrize("change, message", BAD.values(), ids=BAD)
def test_an_exported_forecaster_refuses_the_same(change, message):
    columns = {name: rows.tolist() for name, rows in change(_history()).items()}
    for name in ("timestamp", "weather"):
        (row,) = columns[name]
        columns[name] = [[w.decode() if isinstance(w, bytes) else w for w in row]]
    with pytest.raises(ValueError, match=message):
        asking.answer(_Networks, **columns)


def test_a_forecaster_without_a_median_is_refused():
    ask = traffic.forecast_traffic(lambda inputs, training: tf.zeros([1, 24, 2]))
    with pytest.raises(ValueError, match="middle quantile. Received: 2 quantiles"):
        ask["serving_default"](**_tensors(_history()))
