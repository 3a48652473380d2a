"""A head start for GRUs and LSTMs: biases that keep for long."""

import keras
import numpy as np
from keras import layers


def lengthen_memory(model: keras.Model, steps: int, *, seed: int = 0) -> None:
    """Sets biases so that each unit of a model's GRUs and LSTMs first keeps for long.

    With nothing on its input a unit then halves what it holds in about 0.7 `t` steps,
    its own `t` drawn from 1 to `steps`; so it is as if it was told the length of what
    it will read. Simple RNNs have no gate to set, and stay. Raises `ValueError` for
    `steps` below 2.

    Reference: Tallec and Ollivier, 2018, arXiv:1804.11188 ("chrono initialisation").

    >>> model = keras.Sequential([keras.Input((None, 3)), layers.GRU(4)])
    >>> lengthen_memory(model, steps=100)
    >>> bool(np.all(model.layers[0].cell.bias[0, :4] > 0))  # the update gate's
    True
    """
    if steps < 2:
        raise ValueError(f"`steps` must be at least 2. Received: steps={steps}")
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if not isinstance(layer, layers.GRU | layers.LSTM):
            continue
        keep = np.log(rng.uniform(1, steps, layer.units))
        bias = np.zeros(layer.cell.bias.shape)
        parts = bias[0] if bias.ndim == 2 else bias  # of the GRU with two rows, one
        if isinstance(layer, layers.GRU):
            parts[: layer.units] = keep  # update, reset, candidate
        else:  # input, forget, candidate, output
            parts[: 2 * layer.units] = np.concatenate([-keep, keep])
        layer.cell.bias.assign(bias)
