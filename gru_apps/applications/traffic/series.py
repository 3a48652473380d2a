"""Time stamps <-> hours, their calendar, and windows of hourly series, in the graph.

An hour is an int64: how many have passed on the local clock since 1970 began.
"""

import numpy as np
import tensorflow as tf

from gru_apps.applications.traffic.histories import COLUMNS
from gru_apps.applications.traffic.histories import read_csv as read_csv

WEATHER = (
    *("Clear", "Clouds", "Drizzle", "Fog", "Haze"),
    *("Mist", "Rain", "Smoke", "Snow", "Thunderstorm"),
)
FEATURE_DIM = 3 + len(WEATHER)
CALENDAR_DIM = 24 + 7 + 3
_PATTERN = r"\d{4}-\d\d-\d\d[ T]\d\d(:\d\d){1,2}"
_MONDAY, _THURSDAY, _FRIDAY, _ANY = 0, 3, 4, -1
# month, first and last day, weekday: a holiday on a Sunday frees the Monday after it
HOLIDAYS = np.array(
    [
        (1, 1, 1, _ANY),  # New Year
        (1, 2, 2, _MONDAY),
        (5, 25, 31, _MONDAY),  # Memorial Day
        (7, 4, 4, _ANY),  # Independence Day
        (7, 5, 5, _MONDAY),
        (9, 1, 7, _MONDAY),  # Labor Day
        (11, 22, 28, _THURSDAY),  # Thanksgiving, and the day after it
        (11, 23, 29, _FRIDAY),
        (12, 24, 25, _ANY),  # Christmas
        (12, 26, 26, _MONDAY),
    ]
)


def hours_from_text(timestamp: tf.Tensor) -> tf.Tensor:
    """Turns time stamps as "2018-06-01 07:00:00" into hours, of the same shape.

    The day may be followed by "T", and seconds may be left out. What is no time stamp,
    no day or not the beginning of an hour raises `InvalidArgumentError`.

    >>> hours_from_text(tf.constant(["1970-01-02T01:00"])).numpy().tolist()
    [25]
    """
    form = tf.strings.regex_full_match(timestamp, _PATTERN)
    message = "`timestamp` must be written as 2018-06-01 07:00:00"
    with tf.control_dependencies([check(form, timestamp, message)]):
        timestamp = tf.identity(timestamp)
    year, month, day, hour = (
        tf.strings.to_number(tf.strings.substr(timestamp, start, length), tf.int64)
        for start, length in [(0, 4), (5, 2), (8, 2), (11, 2)]
    )
    days = _days(year, month, day)
    real = (month > 0) & (month < 13) & (day > 0) & (hour < 24)
    for given, found in zip((year, month, day), _date(days), strict=True):
        real &= given == found  # the 30th of February would be the 2nd of March
    full = tf.strings.regex_full_match(timestamp, ".{13}(:00)*")
    checks = [
        check(real, timestamp, "`timestamp` must be an hour that there is"),
        check(full, timestamp, "`timestamp` must be the beginning of an hour"),
    ]
    with tf.control_dependencies(checks):
        return 24 * days + hour


def text_from_hours(hours: tf.Tensor) -> tf.Tensor:
    """Turns hours into time stamps, of the same shape.

    >>> text_from_hours(tf.constant([25], tf.int64)).numpy()[0].decode()
    '1970-01-02 01:00:00'
    """
    year, month, day = _date(hours // 24)
    numbers = zip((year, month, day, hours % 24), (4, 2, 2, 2), strict=True)
    year, month, day, hour = (
        tf.strings.as_string(number, width=width, fill="0") for number, width in numbers
    )
    dates = tf.strings.join([year, month, day], "-")
    return tf.strings.join([dates, " ", hour, ":00:00"])


def calendar(hours: tf.Tensor) -> tf.Tensor:
    """Returns what a calendar says of hours: floats `(..., 34)`.

    They are the hour of the day (one of 24), the weekday (one of 7, Monday first), and
    whether the day, the next and the one before are holidays of the United States on
    which traffic is far from usual: New Year, Memorial Day, Independence Day, Labor
    Day, Thanksgiving and the day after, Christmas Eve and Christmas, and the Monday
    after one that falls on a Sunday.
    """
    days = hours // 24
    holidays = [is_holiday(hours + shift) for shift in (0, 24, -24)]
    parts = [
        tf.one_hot(hours % 24, 24),
        tf.one_hot(_weekday(days), 7),
        tf.cast(tf.stack(holidays, axis=-1), tf.float32),
    ]
    return tf.concat(parts, axis=-1)


def is_holiday(hours: tf.Tensor) -> tf.Tensor:
    """Says of hours whether they belong to a holiday, see `calendar`.

    >>> is_holiday(hours_from_text(tf.constant("2018-07-04 12:00"))).numpy().item()
    True
    """
    days = (hours // 24)[..., None]
    _, month, day = _date(days)
    months, first, last, weekdays = HOLIDAYS.T
    on_weekday = (weekdays == _ANY) | (_weekday(days) == weekdays)
    falls = (month == months) & (day >= first) & (day <= last) & on_weekday
    return tf.reduce_any(falls, axis=-1)


def features(columns) -> tf.Tensor:
    """Returns floats `(..., 13)`: traffic, temperature, clouds, weather.

    `columns` gives a tensor for each of them by its name, the weather as a word, which
    becomes one of ten. NaN stays NaN; a word that is none of the ten becomes zeros.
    """
    numbers = tf.stack([columns[name] for name in COLUMNS[1:4]], axis=-1)
    words = tf.cast(columns["weather"][..., None] == tf.constant(WEATHER), tf.float32)
    return tf.concat([numbers, words], axis=-1)


def windows(origins, series, calendars, *, length: int = 168, horizon: int = 24):
    """Cuts out what is known before each origin, and what then comes.

    `origins` are the places `(batch,)` of the first hours to forecast in `series`
    `(hours, features)` and `calendars` `(hours, calendar features)`. Returns the
    inputs of a forecaster, `history` `(batch, length, features)` and `calendar`
    `(batch, length + horizon, calendar features)`, and as targets the first feature of
    the hours to forecast, `(batch, horizon)`.
    """
    hours = tf.cast(origins, tf.int32)[:, None] + tf.range(-length, horizon)
    inputs = {
        "history": tf.gather(series, hours[:, :length]),
        "calendar": tf.gather(calendars, hours),
    }
    return inputs, tf.gather(series[:, 0], hours[:, length:])


def check(good, received, message):
    """Refuses what is not `good`, with the first of what was `received` instead."""
    bad = tf.boolean_mask(tf.reshape(received, [-1]), tf.reshape(~good, [-1]))
    message = tf.strings.format(f"{message}. Received: {{}}", bad[:1])
    return tf.debugging.Assert(tf.size(bad) == 0, [message])


def _weekday(days):
    return (days + _THURSDAY) % 7  # 1970 began on a Thursday


def _days(year, month, day):
    """Counts days since 1970 began, in years that begin in March: leap days come last.

    Reference: https://howardhinnant.github.io/date_algorithms.html
    """
    years = year - tf.cast(month < 3, tf.int64)
    months = (month + 9) % 12
    leaps = years // 4 - years // 100 + years // 400
    return 365 * years + leaps + (153 * months + 2) // 5 + day - 1 - 719468


def _date(days):
    """Returns year, month and day, the inverse of `_days`."""
    days = days + 719468
    cycle, days = days // 146097, days % 146097  # of 400 years
    years = (days - days // 1460 + days // 36524 - days // 146096) // 365
    days = days - (365 * years + years // 4 - years // 100)
    months = (5 * days + 2) // 153
    month = (months + 2) % 12 + 1
    year = 400 * cycle + years + tf.cast(month < 3, tf.int64)
    return year, month, days - (153 * months + 2) // 5 + 1
