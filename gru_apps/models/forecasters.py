"""Builders of GRUs that forecast: uncompiled functional models, quantiles out."""

import math
from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.gru import GRU
from gru_apps.models.layers import set_scale
from gru_apps.models.quantiles import check_quantiles, rising
from gru_apps.models.segments import LIMIT, series_model
from gru_apps.models.stacks import check_dropout, check_sizes


def build_forecaster(
    feature_dim: int,
    calendar_dim: int = 0,
    horizon: int = 24,
    *,
    quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
    units: int = 64,
    dropout: float = 0.3,
    length: int | None = None,
    segment: int | None = None,
    seasons: Sequence[int] | None = None,
) -> keras.Model:
    """Builds a GRU that reads the past, and one that goes on into the future.

    **Without a calendar** each feature is a series to forecast, from its own past, by
    weights that all share. The input is `history`, floats `(batch, steps,
    feature_dim)`, of which the last `length` count (336), read by `segment` steps at a
    time (24). Outputs are quantiles of what follows, `(batch, horizon, feature_dim,
    quantiles)` in the units of the series. All is counted from the mean of the last
    segment, and a matrix is added that maps the past onto the future.

    **With a calendar** the first feature is forecast, step by step. Inputs are
    `history` and `calendar`, floats `(batch, steps + horizon, calendar_dim)`: what is
    known of each step ahead of time, read as it is, and best between -1 and 1. Outputs
    are `(batch, horizon, quantiles)`. For each step the second GRU is given the series
    and the calendar of `seasons` steps before it (24 and 168); a season that is shorter
    than the horizon is repeated. The middle quantile is counted from what was seen a
    longest season before.

    Quantiles rise. NaN and infinity are unknown, and so is what a short history lacks.
    With a calendar, a step whose first feature is unknown is skipped, whatever else it
    holds; a further feature that is unknown counts as the mean; of the calendar, what
    is unknown counts as 0. What is more than five standard deviations away, from the
    mean or from the last segment, counts as five. Call `adapt_forecaster`
    before the first `fit`, `predict` or `evaluate`: what was traced keeps the old
    numbers. Raises `ValueError` for quantiles that do not rise within 0..1 or have no
    middle one, for no season, for an option of the other kind, and, when it is called,
    for a calendar that is not `horizon` steps longer than the history.

    >>> build_forecaster(feature_dim=7, horizon=96).output_shape
    (None, 96, 7, 5)
    >>> build_forecaster(feature_dim=2, calendar_dim=3, horizon=24).output_shape
    (None, 24, 5)
    """
    feature_dim, horizon, units = check_sizes(
        feature_dim=feature_dim, horizon=horizon, units=units
    )
    (calendar_dim,) = check_sizes(0, calendar_dim=calendar_dim)
    check_dropout(dropout=dropout)
    check_quantiles(quantiles)
    options = {"quantiles": quantiles, "units": units, "dropout": dropout}
    if calendar_dim:
        _refuse("without", length=length, segment=segment)
        seasons = _checked((24, 168) if seasons is None else seasons)
        return _calendar_model(
            feature_dim, calendar_dim, horizon, seasons=seasons, **options
        )
    _refuse("with", seasons=seasons)
    length, segment = check_sizes(
        length=336 if length is None else length,
        segment=24 if segment is None else segment,
    )
    return series_model(feature_dim, horizon, length=length, segment=segment, **options)


def _refuse(which, **options):
    for name, value in options.items():
        if value is not None:
            raise ValueError(
                f"`{name}` is of a forecaster {which} a calendar. "
                f"Received: {name}={value}"
            )


def _checked(seasons):
    if not len(seasons):
        raise ValueError(f"`seasons` must be one or more. Received: seasons={seasons}")
    return [check_sizes(seasons=season)[0] for season in seasons]


def _calendar_model(
    feature_dim, calendar_dim, horizon, *, quantiles, seasons, units, dropout
):
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
    # the narrow one first: on the right, Keras may take it for a bias
    x = before[int(np.argmax(seasons))][:, :, :1] + rising(x)
    scale = layers.Normalization(
        axis=None, invert=True, name="denormalization", dtype="float32"
    )
    inputs = {"history": history, "calendar": calendar}
    return keras.Model(inputs, scale(x), name="forecaster")


def adapt_forecaster(model: keras.Model, series) -> None:
    """Gives a forecaster the mean and variance of the training set, before it is used.

    `series` are floats `(..., steps, feature_dim)`, of one stretch of time or of
    several; NaN and infinity are unknown. Where the
    first feature alone is forecast, steps at which it is unknown are left out, as by
    the model, and of each other feature what is unknown. One that is never known beside
    the first is ignored from then on; one that never changes counts as far from the
    mean once it does. Raises `ValueError` for another shape, and where a series to
    forecast is never known.
    """
    layer = model.get_layer("normalization")
    series, dim = np.asarray(series), layer.adapt_mean.shape[0]
    if series.ndim < 2 or series.shape[-1] != dim:
        raise ValueError(
            f"`series` must be (..., steps, {dim}). Received: shape={series.shape}"
        )
    scale = model.get_layer("denormalization")
    number = math.prod(scale.adapt_mean.shape)  # of series to forecast
    series = np.reshape(series, (-1, dim))
    if number == 1:
        series = series[np.isfinite(series[:, 0])]
    for place in range(number):
        if not np.isfinite(series[:, place]).any():
            which = "first feature" if number == 1 else f"feature {place}"
            raise ValueError(
                f"`series` must know its {which} at one step at least. "
                "Received: series without one"
            )
    _adapt(layer, series)
    _adapt(scale, series[:, :number])


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
        self._check(history.shape[1], calendar.shape[1])
        calendar = ops.where(ops.isfinite(calendar), calendar, 0.0)
        return calendar[:, : -self.horizon], calendar[:, -self.horizon :]

    def compute_output_shape(self, history_shape, calendar_shape):
        # or PyTorch would try `call` with one number for every length
        self._check(history_shape[1], calendar_shape[1])
        batch, _, dim = calendar_shape
        return (batch, history_shape[1], dim), (batch, self.horizon, dim)

    def _check(self, length, steps):
        # in a graph of any length both are None, and the backend refuses to join them
        if None not in (steps, length) and steps != length + self.horizon:
            raise ValueError(
                f"`calendar` must have the {length} steps of the history and the "
                f"{self.horizon} to forecast. Received: {steps} steps"
            )

    def get_config(self):
        return super().get_config() | {"horizon": self.horizon}


def _seen_before(seen, season, horizon):
    """Returns, for each step to forecast, what was seen a season before, or several."""
    # of a short history, zeros: nothing is known
    seen = ops.pad(seen, [(0, 0), (season, 0), (0, 0)])[:, -season:]
    return ops.tile(seen, (1, -(-horizon // season), 1))[:, :horizon]
