"""GRUs over segments of series, each of which is forecast from its own past."""

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.gru import GRU
from gru_apps.models.quantiles import rising

LIMIT = 5.0  # standard deviations


def series_model(
    dim, horizon, *, quantiles, length, segment, units, dropout
) -> keras.Model:
    """Builds what `build_forecaster` returns where there is no calendar.

    The series share all weights. Each is a row of `length` numbers, which are counted
    from the mean of its last segment. One GRU reads it by segments, another goes on by
    segments, reading the last state of the first; a matrix that maps the whole row onto
    the horizon is added.

    Reference: segments are those of Lin et al., 2023, arXiv:2308.11200; the matrix is
    that of Zeng et al., 2023, arXiv:2205.13504, section 4.
    """
    history = keras.Input((None, dim), dtype="float32", name="history")
    # in float32, for half of it would round thousands
    x = layers.Normalization(name="normalization", dtype="float32")(history)
    x = ops.pad(x, [(0, 0), (length, 0), (0, 0)], constant_values=float("nan"))
    x = ops.reshape(ops.swapaxes(x[:, -length:], 1, 2), (-1, length))  # a series a row
    known = ops.isfinite(x)
    x = ops.where(known, x, 0.0)
    level = _level(x, known, segment)
    x = ops.where(known, ops.clip(x - level, -LIMIT, LIMIT), 0.0)
    linear = layers.Dense(
        horizon, kernel_initializer="zeros", name="linear", dtype="float32"
    )
    number = -(-horizon // segment)  # of segments to come
    y = _decoded(_encoded(x, known, segment, units), number, units, dropout)
    y = layers.Dense(segment * len(quantiles), name="quantiles", dtype="float32")(y)
    y = ops.reshape(y, (-1, number * segment, len(quantiles)))[:, :horizon]
    # the narrow ones first: on the right, Keras takes some of them for a bias
    y = (level + linear(x))[:, :, None] + rising(y)
    y = ops.swapaxes(ops.reshape(y, (-1, dim, horizon, len(quantiles))), 1, 2)
    scale = layers.Normalization(
        axis=2, invert=True, name="denormalization", dtype="float32"
    )
    return keras.Model(history, scale(y), name="forecaster")


def _encoded(x, known, segment, units):
    """The state after rows of `(rows, length)`; what is unknown in whole is skipped."""
    known = _cut(ops.cast(known, "float32"), segment)
    read = ops.concatenate([_cut(x, segment), known], axis=-1)
    read = layers.Dense(units, activation="relu", name="segments")(read)
    return GRU(units, name="encoder")(read, mask=ops.any(known > 0, axis=-1))


def _decoded(state, number, units, dropout):
    state = layers.Dropout(dropout, name="state_dropout")(state)
    y = layers.RepeatVector(number, name="repeated_state")(state)
    decoder = GRU(units, return_sequences=True, name="decoder")
    y = decoder(y, initial_state=state)
    return layers.Dropout(dropout, name="output_dropout")(y)


def _cut(x, segment):
    """Cuts rows into segments, from their ends on: zeros make the first one whole."""
    number = -(-x.shape[1] // segment)
    x = ops.pad(x, [(0, 0), (number * segment - x.shape[1], 0)])
    return ops.reshape(x, (-1, number, segment))


def _level(x, known, segment):
    """The mean of what is known of the last segment, or else of all: `(rows, 1)`."""
    # on the left, for an array of JAX knows no tensor without numbers
    late = known & (np.arange(x.shape[1]) >= x.shape[1] - segment)
    counted = ops.where(ops.any(late, axis=1, keepdims=True), late, known)
    counted = ops.cast(counted, "float32")
    total = ops.sum(counted * x, axis=1, keepdims=True)
    return total / ops.maximum(ops.sum(counted, axis=1, keepdims=True), 1.0)
