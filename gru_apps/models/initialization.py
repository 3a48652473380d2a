"""A head start for GRUs and LSTMs: biases that keep for long."""

from collections.abc import Iterable

import keras
import numpy as np
from keras import layers


def lengthen_memory(
    model: keras.layers.Layer | Iterable, steps: int, *, seed: int = 0
) -> None:
    """Sets biases so that each unit of a model's GRUs and LSTMs first keeps for long.

    It is for models before training: all other biases of these cells become 0.
    With nothing on its input a unit then halves what it holds in about 0.7 `t` steps,
    its own `t` drawn from 1 to `steps`; so it is as if it was told the length of what
    it will read. `model` is a layer, a model, or several of them, as a translator is;
    cells are found at any depth, and one that is shared is set once. Simple RNNs have
    no gate to set, and stay.

    Raises `ValueError` for `steps` below 2, a model without a GRU or LSTM, and, before
    any is set, for a cell without a bias, one that is not built, one whose gates are
    not sigmoids, and one of other equations than Keras's.

    Reference: Tallec and Ollivier, 2018, arXiv:1804.11188 ("chrono initialisation").

    >>> model = keras.Sequential([keras.Input((None, 3)), layers.GRU(4)])
    >>> lengthen_memory(model, steps=100)
    >>> bool(np.all(model.layers[0].cell.bias[0, :4] > 0))  # the update gate's
    True
    """
    if not 2 <= steps < np.inf:
        raise ValueError(f"`steps` must be at least 2. Received: steps={steps}")
    cells = _cells(model)
    if not cells:
        raise ValueError(f"`model` must have a GRU or an LSTM. Received: model={model}")
    for cell in cells:
        _check_cell(cell)
    rng = np.random.default_rng(seed)
    for cell in cells:
        keep = np.log(rng.uniform(1, steps, cell.units))
        bias = np.zeros(cell.bias.shape)
        parts = bias[0] if bias.ndim == 2 else bias  # of the GRU with two rows, one
        if isinstance(cell, layers.GRUCell):
            parts[: cell.units] = keep  # update, reset, candidate
        else:  # input, forget, candidate, output
            parts[: 2 * cell.units] = np.concatenate([-keep, keep])
        cell.bias.assign(bias)


def _cells(model):
    """Returns the cells of a model, each once, in the order of its layers."""
    left, seen, cells = [model], set(), []
    while left:
        layer = left.pop(0)
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        if isinstance(layer, layers.GRUCell | layers.LSTMCell):
            cells.append(layer)
        elif isinstance(layer, keras.layers.Layer):
            # `Model.layers` is this, and wrappers, cells and layers have it too
            left = layer._flatten_layers(include_self=False, recursive=False) + left
        else:
            left = list(layer) + left
    return cells


def _check_cell(cell):
    kind = layers.GRUCell if isinstance(cell, layers.GRUCell) else layers.LSTMCell
    if not cell.built:
        raise ValueError(
            f"`model` must be built. Received: {cell.name} without weights"
        )
    if not cell.use_bias:
        raise ValueError(
            f"`model` must have biases to set. Received: {cell.name} without a bias"
        )
    sigmoid = cell.recurrent_activation is keras.activations.sigmoid
    if type(cell).call is not kind.call or not sigmoid:
        raise ValueError(
            f"`model` must have cells whose gates are those of Keras, with a sigmoid. "
            f"Received: {type(cell).__name__} with {cell.recurrent_activation.__name__}"
        )
