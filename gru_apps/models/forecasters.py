"""Builders of GRUs that forecast: uncompiled functional models, quantiles out."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.stacks import check_dropout

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
    A step whose first feature is NaN is missing: it is skipped, whatever else it holds,
    and padding is missing steps on the left. A further feature that is NaN counts as
    the mean, and what is more than five standard deviations away from it as five. Call
    `adapt_forecaster` before training. Raises `ValueError` for quantiles that do not
    rise within 0..1, and a season that ends within the horizon.

    >>> build_forecaster(feature_dim=2, calendar_dim=3, horizon=24).output_shape
    (None, 24, 5)
    """
    check_dropout(dropout=dropout)
    _check_choices(horizon, quantiles, seasons)
    history = keras.Input((None, feature_dim), dtype="float32", name="history")
    calendar = keras.Input((None, calendar_dim), dtype="float32", name="calendar")
    known = ops.logical_not(ops.isnan(history[:, :, 0]))
    # in float32, for half of it would round thousands of vehicles
    x = layers.Normalization(name="normalization", dtype="float32")(history)
    x = ops.where(known[:, :, None] & ~ops.isnan(x), x, 0.0)
    # a flag that was never up in training would be at infinity
    x = ops.clip(x, -LIMIT, LIMIT)
    seen = [x[:, :, :1], ops.cast(known, "float32")[:, :, None], calendar[:, :-horizon]]
    past = ops.concatenate([*seen, x[:, :, 1:]], axis=-1)
    # cuDNN takes no mask with holes
    encoder = layers.GRU(units, use_cudnn=False, name="encoder")
    state = layers.Dropout(dropout, name="state_dropout")(encoder(past, mask=known))
    seen = ops.concatenate(seen, axis=-1)
    before = [_seen_before(seen, season, horizon) for season in seasons]
    future = ops.concatenate([calendar[:, -horizon:], *before], axis=-1)
    future = ops.reshape(future, (-1, horizon, future.shape[-1]))  # the length is fixed
    decoder = layers.GRU(units, return_sequences=True, name="decoder")
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

    `series` are floats `(steps, feature_dim)`; steps that are not known in full are
    left out.
    """
    series = np.asarray(series)
    known = series[~np.isnan(series).any(axis=-1)]
    model.get_layer("normalization").adapt(known[np.newaxis])
    model.get_layer("denormalization").adapt(known[np.newaxis, :, :1])


def _check_choices(horizon, quantiles, seasons):
    if not np.all(np.diff([0, *quantiles, 1]) > 0):
        raise ValueError(
            f"`quantiles` must rise from 0 to 1. Received: quantiles={quantiles}"
        )
    if min(seasons) < horizon:
        raise ValueError(
            f"`seasons` must be at least {horizon}, the horizon. "
            f"Received: seasons={seasons}"
        )


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
