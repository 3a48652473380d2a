import numpy as np
import pytest
import tensorflow as tf

from gru_apps.applications.traffic import series


def _hours(*timestamps):
    return series.hours_from_text(tf.constant(timestamps))


def test_time_stamps_and_hours_are_what_numpy_says_from_1900_to_2100():
    hours = np.arange(-613_000, 1_140_000, 1234)
    texts = [f"{np.datetime64(int(hour), 'h')}:00:00" for hour in hours]
    np.testing.assert_array_equal(_hours(*texts), hours)
    written = series.text_from_hours(tf.constant(hours)).numpy().astype(str)
    assert written.tolist() == [text.replace("T", " ") for text in texts]


@pytest.mark.parametrize(
    "bad, message",
    [
        ("", "written as"),
        ("yesterday", "written as"),
        ("2018-06-01", "written as"),
        ("01.06.2018 07:00", "written as"),
        ("2018-06-01T07:00:00Z", "written as"),
        (b"\xff\xfe", "written as"),
        ("2018-02-29 07:00", "that there is"),
        ("2018-13-01 07:00", "that there is"),
        ("2018-00-10 07:00", "that there is"),
        ("2018-06-01 24:00", "that there is"),
        ("2018-06-01 07:30", "beginning of an hour"),
        ("2018-06-01 07:00:01", "beginning of an hour"),
    ],
)
def test_a_time_stamp_that_is_no_full_hour_is_refused_with_what_was_received(
    bad, message
):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message) as error:
        _hours("2018-06-01 07:00", bad)
    assert "Received: " in error.value.message


def test_the_calendar_knows_the_hour_and_the_weekday():
    friday = series.calendar(_hours("2018-06-01 07:00"))[0].numpy()
    assert np.flatnonzero(friday).tolist() == [7, 24 + 4]
    assert len(friday) == series.CALENDAR_DIM


@pytest.mark.parametrize(
    "year, expected",
    [
        (2017, "01-01 01-02 05-29 07-04 09-04 11-23 11-24 12-24 12-25"),
        (2018, "01-01 05-28 07-04 09-03 11-22 11-23 12-24 12-25"),
        (2021, "01-01 05-31 07-04 07-05 09-06 11-25 11-26 12-24 12-25"),
        (2022, "01-01 05-30 07-04 09-05 11-24 11-25 12-24 12-25 12-26"),
        (2023, "01-01 01-02 05-29 07-04 09-04 11-23 11-24 12-24 12-25"),
    ],
)
def test_the_calendar_knows_the_holidays_of_a_year(year, expected):
    days = np.arange(f"{year}-01-01", f"{year + 1}-01-01", dtype="datetime64[D]")
    hours = tf.constant(days.astype("datetime64[h]").astype("int64") + 13)
    found = days[series.is_holiday(hours).numpy()]
    assert " ".join(str(day)[5:] for day in found) == expected


def test_the_day_before_a_holiday_and_the_day_after_it_are_marked():
    days = series.calendar(_hours("2018-07-03 09:00", "2018-07-04 09:00"))
    assert days[:, -3:].numpy().tolist() == [[0, 1, 0], [1, 0, 0]]
    assert series.calendar(_hours("2018-07-05 09:00"))[0, -1] == 1


def test_features_keep_what_is_unknown_and_give_each_weather_a_place_of_its_own():
    columns = {"temperature": [280.0, 270.0], "clouds": [5.0, 9.0]}
    columns |= {"traffic": [np.nan, 7.0], "weather": ["", "Snow"]}
    columns = {name: tf.constant(values) for name, values in columns.items()}
    unknown, snow = series.features(columns).numpy()
    assert len(snow) == series.FEATURE_DIM
    np.testing.assert_allclose(snow[:3], [7, 270, 9])
    assert np.flatnonzero(snow[3:]).tolist() == [series.WEATHER.index("Snow")]
    assert np.isnan(unknown[0]) and not unknown[3:].any()


def test_a_window_ends_before_its_origin_and_its_targets_begin_there():
    values = np.arange(10.0)[:, None] * [1, 10]
    calendars = np.arange(10.0)[:, None] + 100
    inputs, targets = series.windows([3, 6], values, calendars, length=3, horizon=2)
    np.testing.assert_array_equal(inputs["history"][:, :, 0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(
        inputs["history"][:, :, 1], [[0, 10, 20], [30, 40, 50]]
    )
    np.testing.assert_array_equal(inputs["calendar"][1, :, 0], np.arange(103, 108))
    np.testing.assert_array_equal(targets, [[3, 4], [6, 7]])
