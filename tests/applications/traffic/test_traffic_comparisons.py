"""The rivals of the forecaster: none of them sees what is to come."""

import types

import numpy as np
import pytest

from gru_apps.applications.traffic import comparisons, series

HOURS = 1200


@pytest.fixture
def columns():
    rng = np.random.default_rng(0)
    stamps = series.text_from_hours(np.arange(HOURS, dtype="int64")).numpy()
    return {
        "timestamp": stamps,
        "traffic": rng.uniform(0, 6000, HOURS).astype("float32"),
        "temperature": rng.uniform(250, 300, HOURS).astype("float32"),
        "clouds": rng.uniform(0, 100, HOURS).astype("float32"),
        "weather": rng.choice([b"Rain", b"Clear"], HOURS),
    }


def test_a_missing_hour_is_filled_from_the_week_before():
    traffic = np.arange(400.0)
    traffic[[30, 200, 368]] = np.nan  # the last of them a week after the second
    filled = comparisons.fill_missing(traffic)
    assert filled[[30, 200, 368]].tolist() == [6, 32, 32]
    assert np.isnan(traffic[200])


def test_rules_look_back_by_a_day_a_week_and_four_weeks():
    traffic = np.arange(1000.0)
    day, week, month = comparisons.free_forecasts(traffic).values()
    assert (day[900], week[900], month[900]) == (876, 732, np.median(month[900]))
    assert month[900] == np.median([900 - 168 * back for back in (1, 2, 3, 4)])
    assert np.isnan([day[23], week[167], month[671]]).all()


def test_rows_of_trees_do_not_change_with_what_comes_later(columns):
    places = np.array([300, 500])
    rows = comparisons.tree_rows(columns, places)
    assert rows.shape == (48, 3 + 3 + 1 + 7 + 24 + 4 + 12)
    later = {name: table.copy() for name, table in columns.items()}
    later["traffic"][500:] = 0
    later["temperature"][500:] = 0
    later["weather"][500:] = b"Snow"
    np.testing.assert_array_equal(comparisons.tree_rows(later, places), rows)


@pytest.mark.parametrize("place", [-1, 0, 191, HOURS - 23])
def test_no_row_looks_beyond_the_series(columns, place):
    with pytest.raises(ValueError, match=f"192 to {HOURS - 24}. Received: {place}"):
        comparisons.tree_rows(columns, [300, place])
    assert len(comparisons.tree_rows(columns, [192, HOURS - 24])) == 48


def test_forecasts_of_trees_are_kept_and_read(columns, tmp_path, monkeypatch):
    # traffic that its hour tells
    columns["traffic"] = (np.arange(HOURS) % 24).astype("float32")
    columns["traffic"][[250, 900]] = np.nan
    origins = {
        "train": np.arange(200, 700, 5),
        "validation": np.arange(724, 800, 7),
        "test": np.arange(850, 1100, 24),
    }
    lesson = types.SimpleNamespace(name="tiny", seed=0, train=True, folder=tmp_path)
    forecast = comparisons.forecast_by_trees(lesson, columns, origins, most=100)
    truth = np.arange(24)
    assert forecast.shape == (11, 24)
    assert np.abs(forecast - (10 + truth) % 24).mean() < 1
    monkeypatch.setattr(comparisons, "SHIPPED", tmp_path / "saved_models")
    lesson.train = "quick"
    again = comparisons.forecast_by_trees(lesson, columns, origins, most=100)
    np.testing.assert_array_equal(again, forecast)


def test_an_interval_is_as_wide_as_weeks_differ():
    errors = np.repeat(np.arange(17.0), 168)[:, np.newaxis]
    errors[5] = np.nan
    low, high = comparisons.interval(errors)
    assert 4 < low < 7 < 9 < high < 12
    alike = np.tile(np.arange(17.0), 168)[:, np.newaxis]
    low, high = comparisons.interval(alike)
    assert high - low < 0.2


def test_a_series_that_does_not_reach_back_has_no_forecast():
    found = comparisons.free_forecasts(np.arange(100.0))
    assert [values.shape for values in found.values()] == [(100,)] * 3
    day, week, month = found.values()
    assert np.isnan(week).all() and np.isnan(month).all()
    assert day[24:].tolist() == list(range(76))
