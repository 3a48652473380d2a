"""Builders of GRUs that forecast: uncompiled functional models, quantiles out."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.gru import GRU
from gru_apps.models.layers import set_scale
from gru_apps.models.stacks import check_dropout, check_sizes

LIMIT = 5.0  # standard deviations


def build_forecaster(
    feature_dim: int,
    calendar_dim: int,
    horizon: int,
    *,
    quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
    seasons: Sequence[int] = (24, 168),
    units: int = 64,
    dropout: float = 0.3,
) -> keras.Model:
    """Builds a GRU that reads the past, and one that goes on into the known future.

    Inputs are `history`, floats `(batch, length, feature_dim)`, the series to forecast
    first, and `calendar`, floats `(batch, length + horizon, calendar_dim)`: what is
    known of each hour ahead of time. Outputs are quantiles of the `horizon` steps that
    follow, `(batch, horizon, quantiles)` in the unit of the series; they rise, and the
    middle one is counted from what was seen one longest season before.

    For each step the second GRU is also given the series and the calendar of `seasons`
    steps before it.
    NaN and infinity are unknown. A step whose first feature is unknown is missing: it
    is skipped, whatever else it holds, and padding is missing steps on the left. A
    further feature that is unknown counts as the mean, and what is more than five
    standard deviations away from it as five; of the calendar, what is unknown counts as
    0. Call `adapt_forecaster` before training. Raises `ValueError` for quantiles that
    do not rise within 0..1 or have no middle one, no season or one that ends within the
    horizon, and, when it is called, for a calendar that is not `horizon` steps longer
    than the history.

    >>> build_forecaster(feature_dim=2, calendar_dim=3, horizon=24).output_shape
    (None, 24, 5)
    """
    feature_dim, calendar_dim, horizon, units = check_sizes(
        feature_dim=feature_dim, calendar_dim=calendar_dim, horizon=horizon, units=units
    )
    check_dropout(dropout=dropout)
    seasons = _check_choices(horizon, quantiles, seasons)
    history = keras.Input((None, feature_dim), dtype="float32", name="history")
    calendar = keras.Input((None, calendar_dim), dtype="float32", name="calendar")
    known = ops.isfinite(history[:, :, 0])
    past_calendar, future_calendar = SplitCalendar(
        horizon, dtype="float32", name="split"
    )(history, calendar)
    # in float32, for half of it would round thousands of vehicles
    x = layers.Normalization(name="normalization", dtype="float32")(history)
    x = ops.where(known[:, :, None] & ops.isfinite(x), x, 0.0)
    # a flag that was hardly ever up in training would be far out
    x = ops.clip(x, -LIMIT, LIMIT)
    seen = [x[:, :, :1], ops.cast(known, "float32")[:, :, None], past_calendar]
    past = ops.concatenate([*seen, x[:, :, 1:]], axis=-1)
    encoder = GRU(units, name="encoder")
    state = layers.Dropout(dropout, name="state_dropout")(encoder(past, mask=known))
    seen = ops.concatenate(seen, axis=-1)
    before = [_seen_before(seen, season, horizon) for season in seasons]
    future = ops.concatenate([future_calendar, *before], axis=-1)
    future = ops.reshape(future, (-1, horizon, future.shape[-1]))  # the length is fixed
    decoder = GRU(units, return_sequences=True, name="decoder")
    x = decoder(future, initial_state=state)
    x = layers.Dropout(dropout, name="output_dropout")(x)
    x = layers.Dense(units, activation="relu", name="hidden")(
        ops.concatenate([x, future], axis=-1)
    )
    x = layers.Dense(len(quantiles), dtype="float32", name="quantiles")(x)
    x = _rising(x) + before[int(np.argmax(seasons))][:, :, :1]
    scale = layers.Normalization(
        axis=None, invert=True, name="denormalization", dtype="float32"
    )
    inputs = {"history": history, "calendar": calendar}
    return keras.Model(inputs, scale(x), name="forecaster")


def adapt_forecaster(model: keras.Model, series) -> None:
    """Gives a forecaster the mean and variance of the training set.

    `series` are floats `(steps, feature_dim)`; NaN and infinity are unknown. Steps
    whose first feature is unknown are left out, as by the model, and of each other
    feature what is unknown. One that is never known beside the first is ignored from
    then on; one that never changes counts as far from the mean once it does. Raises
    `ValueError` for another shape, and where the first feature is never known.
    """
    layer = model.get_layer("normalization")
    series, dim = np.asarray(series), layer.adapt_mean.shape[0]
    if series.ndim < 2 or series.shape[-1] != dim:
        raise ValueError(
            f"`series` must be (steps, {dim}). Received: series of shape {series.shape}"
        )
    series = series[np.isfinite(series[..., 0])]
    if not len(series):
        raise ValueError(
            "`series` must know its first feature at one step at least. "
            "Received: series without one"
        )
    _adapt(layer, series)
    _adapt(model.get_layer("denormalization"), series[:, :1])


def _adapt(layer, series):
    """Gives a layer what Keras's `adapt` would, and for what it has no answer, one."""
    series = np.where(np.isfinite(series), series, np.nan)
    never = np.isnan(series).all(axis=0)
    series = np.where(never, 0, series)  # NumPy would warn
    mean, variance = (f(series, axis=0) for f in (np.nanmean, np.nanvar))
    # as the model will see them; their mean may be rounded to another number
    least, most = (f(np.float32(series), axis=0) for f in (np.nanmin, np.nanmax))
    mean = np.where(least == most, least, mean)
    variance = np.where(least == most, 0, variance)
    # no weight has learned what to make of it: whatever comes will be next to nothing
    variance = np.where(never, np.finfo("float32").max, variance)
    set_scale(layer, mean, variance)


def _check_choices(horizon, quantiles, seasons):
    """Refuses what makes no forecaster, and returns the seasons as plain integers."""
    if not len(quantiles) or not np.all(np.diff([0, *quantiles, 1]) > 0):
        raise ValueError(
            f"`quantiles` must rise from 0 to 1. Received: quantiles={quantiles}"
        )
    if len(quantiles) % 2 == 0:
        raise ValueError(
            "`quantiles` must have a middle one, as (0.1, 0.5, 0.9) do. "
            f"Received: quantiles={quantiles}"
        )
    if not len(seasons) or min(seasons) < horizon:
        raise ValueError(
            f"`seasons` must be one or more of at least {horizon}, the horizon. "
            f"Received: seasons={seasons}"
        )
    return [check_sizes(seasons=season)[0] for season in seasons]


@keras.saving.register_keras_serializable(package="gru_apps")
class SplitCalendar(layers.Layer):
    """Splits a calendar into that of a history and that of `horizon` steps after it.

    `history` is `(batch, length, feature_dim)` and `calendar` `(batch, length +
    horizon, calendar_dim)`, of which NaN and infinity become 0; returns `(batch,
    length, calendar_dim)` and `(batch, horizon, calendar_dim)`. Raises `ValueError` for
    a calendar of another length.
    """

    def __init__(self, horizon, **kwargs):
        super().__init__(**kwargs)
        self.horizon = horizon

    def call(self, history, calendar):
        steps, length = calendar.shape[1], history.shape[1]
        # in a graph of any length both are None, and the backend refuses to join them
        if None not in (steps, length) and steps != length + self.horizon:
            raise ValueError(
                f"`calendar` must have the {length} steps of the history and the "
                f"{self.horizon} to forecast. Received: {steps} steps"
            )
        calendar = ops.where(ops.isfinite(calendar), calendar, 0.0)
        return calendar[:, : -self.horizon], calendar[:, -self.horizon :]

    def get_config(self):
        return super().get_config() | {"horizon": self.horizon}


def _seen_before(seen, season, horizon):
    """Returns, for each step to forecast, what was seen `season` steps before it."""
    # of a short history, zeros: nothing is known
    seen = ops.pad(seen, [(0, 0), (season, 0), (0, 0)])
    return seen[:, -season:][:, :horizon]


def _rising(x):
    """Keeps the middle one, and makes of the others steps away from it."""
    middle = x.shape[-1] // 2
    steps = ops.softplus(x[:, :, 1:]) / 8  # an error is a fraction of the deviation
    steps = ops.pad(ops.cumsum(steps, axis=-1), [(0, 0), (0, 0), (1, 0)])
    return x[:, :, :1] + steps - steps[:, :, middle : middle + 1]
