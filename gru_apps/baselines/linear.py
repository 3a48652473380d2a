"""A builder of DLinear: what a GRU that forecasts is held against."""

import keras
from keras import layers, ops

from gru_apps.models.stacks import check_sizes


def build_linear_forecaster(
    length: int, horizon: int, *, window: int = 25
) -> keras.Model:
    """Builds DLinear: one matrix for the moving average, one for what it leaves over.

    Inputs are `history`, floats `(batch, length, 1)`, of which none may be missing: a
    history with NaN has a forecast of NaN. Outputs are `(batch, horizon, 1)`, as those
    of a forecaster with a calendar and one quantile. The average is over `window`
    steps, and the ends of the history are repeated for it. Call `adapt_forecaster`
    before training. Raises `ValueError` for a window that has no middle.

    Reference: Zeng et al., 2023, arXiv:2205.13504, section 4.

    >>> build_linear_forecaster(length=168, horizon=24).output_shape
    (None, 24, 1)
    """
    length, horizon, window = check_sizes(length=length, horizon=horizon, window=window)
    if window % 2 == 0:
        raise ValueError(f"`window` must be odd. Received: window={window}")
    history = keras.Input((length, 1), dtype="float32", name="history")
    # in float32, for half of it would round thousands of vehicles
    x = layers.Normalization(name="normalization", dtype="float32")(history)
    ends = [ops.repeat(end, window // 2, axis=1) for end in (x[:, :1], x[:, -1:])]
    trend = ops.concatenate([ends[0], x, ends[1]], axis=1)
    trend = layers.AveragePooling1D(window, strides=1, name="average")(trend)
    parts = {"trend": trend, "rest": x - trend}
    x = sum(layers.Dense(horizon, name=k)(part[:, :, 0]) for k, part in parts.items())
    scale = layers.Normalization(
        axis=None, invert=True, name="denormalization", dtype="float32"
    )
    return keras.Model(history, scale(x[:, :, None]), name="linear_forecaster")
