"""The question of a SavedModel that forecasts: a raw history in, what comes next out.

Signatures are made, named and refuse bad input as those of `serving` do.
"""

from collections.abc import Callable

import tensorflow as tf

from gru_apps.applications.traffic import series
from gru_apps.serving.signatures import Signatures, spec

LIMITS = {  # what else is a mistake of the unit, or of the sensor
    "traffic": (0, 1e6, "vehicles in the hour, at least 0"),
    "temperature": (150, 350, "kelvin"),
    "clouds": (0, 100, "per cent"),
}


def forecast_traffic(
    model: Callable, *, length: int = 168, horizon: int = 24
) -> Signatures:
    """Answers a history of hours with the `horizon` hours that follow its last row.

    The columns are `(batch, rows)`: `timestamp`, `traffic`, `temperature`,
    `clouds` and `weather`, as `series` and the corpus have them. Rows may be in any
    order. Those before the last `length` hours are left out. An hour without a row is
    missing, and so is one whose `traffic` is NaN; weather may be NaN and "". A row
    whose `timestamp` is "" is padding.

    The answer is, each `(batch, horizon)`, `timestamp`, the `median`, and `lower` and
    `upper`, the outermost quantiles of `model`, of which there must be a middle one, or
    `ValueError` is raised when it is first asked. `InvalidArgumentError` is raised for
    time stamps that are no full hours, not hourly or there twice, for a history that
    does not reach back `length` hours or knows less than half of them, and for numbers
    that cannot be.
    """
    columns = {
        name: spec(
            [None, None],
            tf.string if name in ("timestamp", "weather") else tf.float32,
            name,
        )
        for name in series.COLUMNS
    }

    @tf.function(input_signature=list(columns.values()))
    def serving_default(timestamp, traffic, temperature, clouds, weather):
        values = (traffic, temperature, clouds, weather)
        values = dict(zip(series.COLUMNS[1:], values, strict=True))
        _check_values(values)
        history, last = _week(timestamp, series.features(values), length)
        hours = last[:, None] + tf.range(1 - length, 1 + horizon, dtype=tf.int64)
        inputs = {"history": history, "calendar": series.calendar(hours)}
        quantiles = tf.cast(model(inputs, training=False), tf.float32)
        if quantiles.shape[-1] % 2 == 0:
            raise ValueError(
                "`model` must have a middle quantile. "
                f"Received: {quantiles.shape[-1]} quantiles"
            )
        quantiles = tf.maximum(quantiles, 0.0)
        return {
            "timestamp": series.text_from_hours(hours[:, length:]),
            "median": quantiles[:, :, quantiles.shape[-1] // 2],
            "lower": quantiles[:, :, 0],
            "upper": quantiles[:, :, -1],
        }

    return {"serving_default": serving_default}


def _check_values(columns):
    for name, (least, most, unit) in LIMITS.items():
        numbers = columns[name]
        fine = tf.math.is_nan(numbers) | ((numbers >= least) & (numbers <= most))
        series.check(fine, numbers, f"`{name}` must be {unit}, or NaN")
    words = tf.constant(["", *series.WEATHER])
    known = tf.reduce_any(columns["weather"][..., None] == words, axis=-1)
    message = f"`weather` must be empty or one of {', '.join(series.WEATHER)}"
    series.check(known, columns["weather"], message)


def _week(timestamp, features, length):
    """Puts rows in their places, NaN in between; returns the last hour of each, too."""
    given = timestamp != ""
    hours = series.hours_from_text(tf.where(given, timestamp, "1970-01-01 00:00"))
    hours = tf.where(given, hours, tf.int64.min)
    last = _last_hour(given, hours, length)
    recent = given & (hours > last[:, None] - length)
    places = tf.boolean_mask(hours - last[:, None] + length - 1, recent)
    places = tf.stack([tf.where(recent)[:, 0], places], axis=1)  # of which history
    _check_steps(
        places, tf.shape(timestamp)[0], length, tf.boolean_mask(timestamp, recent)
    )
    shape = [tf.shape(timestamp)[0], length, features.shape[-1]]
    week = tf.fill(shape, float("nan"))
    week = tf.tensor_scatter_nd_update(week, places, tf.boolean_mask(features, recent))
    known = tf.reduce_sum(tf.cast(~tf.math.is_nan(week[:, :, 0]), tf.int32), axis=1)
    message = f"`traffic` must be known in half of the last {length} hours"
    series.check(known >= length // 2, known, message)
    return week, last


def _last_hour(given, hours, length):
    last = tf.reduce_max(hours, axis=1)
    first = tf.reduce_min(tf.where(given, hours, last[:, None]), axis=1)
    reach = tf.where(tf.reduce_any(given, axis=1), last - first + 1, 0)
    message = f"`timestamp` must reach back {length} hours at least"
    series.check(reach >= length, reach, message)
    return last


def _check_steps(places, batch, length, timestamp):
    shape = tf.cast([batch, length], tf.int64)
    rows = tf.scatter_nd(places, tf.ones_like(places[:, 0]), shape)
    repeated = tf.gather_nd(rows, places) > 1
    series.check(~repeated, timestamp, "`timestamp` must not be there twice")
    hourly = tf.reduce_any((rows[:, 1:] > 0) & (rows[:, :-1] > 0), axis=1)
    message = f"`timestamp` must be hourly, and these are the rows of {length} hours"
    series.check(hourly, tf.reduce_sum(rows, axis=1), message)
