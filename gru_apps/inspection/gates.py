"""The gates of trained GRUs, read at every step of real inputs."""

import contextlib
from typing import NamedTuple

import keras
import numpy as np
from keras import ops, tree


class Gates(NamedTuple):
    """What a GRU computed at each step, float32 arrays `(batch, steps, units)`.

    With `h` the state before the step (zeros, unless the model sets it),

        update    z = sigmoid(W_z x + U_z h + b_z)
        reset     r = sigmoid(W_r x + U_r h + b_r)
        candidate c = tanh(W_c x + r * (U_c h + b') + b_c)    with `reset_after`, or
                  c = tanh(W_c x + U_c (r * h) + b_c)         without
        state     z * h + (1 - z) * c

    so an update of 1 keeps a unit as it was (in Keras, PyTorch and Cho et al.; Chung et
    al. write it the other way round). At padding, update is 1. Step `t` is that of the
    input, also for a layer that reads backwards, which comes to it from `t + 1`.
    """

    update: np.ndarray
    reset: np.ndarray
    candidate: np.ndarray
    state: np.ndarray


def read_gates(
    model: keras.Model, inputs, layer=None, *, call: int = 0
) -> Gates | tuple[Gates, Gates]:
    """Reads the gates of a GRU while `model` answers a batch of `inputs`.

    `inputs` are what the model takes. `layer` is a `keras.layers.GRU`, an `RNN` of one
    `GRUCell` or a `Bidirectional` of either, or its name, in the model or in a layer of
    it, but for `TimeDistributed`; None is the first. A `Bidirectional` has two
    readings, forward and backward. Of a layer that is called several times, `call` is
    which one is read, from 0, as they were written. What stands at padding may be NaN.
    The model is not changed, but for being built where it was never called.

    Raises `ValueError` if there is no such layer, `inputs` don't reach it as often, it
    drops out some of what it reads, or its cell computes other states than the
    equations of `Gates` do, as one of another class may.

    Reference: Cho et al., 2014, arXiv:1406.1078, section 2.3; `reset_after` is
    version 1 of that paper, and what cuDNN computes.

    >>> model = keras.Sequential([keras.Input((None, 3)), keras.layers.GRU(4)])
    >>> read_gates(model, np.ones((2, 5, 3))).update.shape
    (2, 5, 4)
    """
    readings = [run(*one) for one in record_calls(model, inputs, layer, call)]
    return readings[0] if len(readings) == 1 else tuple(readings)


def as_mask(mask, array) -> np.ndarray:
    """Returns a mask `(batch, steps)` of an array, all True of None; refuses others."""
    shape = np.shape(array)[:2]
    mask = np.ones(shape, bool) if mask is None else np.asarray(mask, bool)
    if mask.ndim != 2 or mask.shape != shape:
        shapes = f"{shape}. Received: a mask of shape {mask.shape}"
        raise ValueError(f"Masks must be `(batch, steps)`, here {shapes}")
    return mask


def record_calls(model, inputs, layer, number=0):
    """Returns cell, inputs, mask, first state, direction and last state of each GRU."""
    rnn = _find_layer(model, layer)
    directions, calls = _directions(rnn), []
    if not all(direction.built for direction in directions):
        model(inputs, training=False)
    for direction in directions:
        vars(direction)["inner_loop"] = _recorder(direction, calls)
    try:
        # what the model assigns meanwhile is forgotten
        with keras.StatelessScope(), _without_graphs():
            model(inputs, training=False)
    finally:
        for direction in directions:
            del vars(direction)["inner_loop"]
    calls = list(zip(*[iter(calls)] * len(directions), strict=True))
    if not 0 <= number < len(calls):
        raise ValueError(
            f"`inputs` must reach the layer {number + 1} times for `call` {number}. "
            f"Received: layer={rnn.name}, which they reach {len(calls)} times"
        )
    return _as_written(model, rnn, calls)[number]


@contextlib.contextmanager
def _without_graphs():
    """Runs functions of TensorFlow step by step: no tensor is out of reach in them."""
    if keras.backend.backend() != "tensorflow":
        yield
        return
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def _recorder(rnn, calls):
    original = rnn.inner_loop

    def inner_loop(sequences, initial_state, mask, training=False):
        if training and (rnn.cell.dropout or rnn.cell.recurrent_dropout):
            called = f"layer={rnn.name}, called with training={training}"
            raise ValueError(f"`layer` must be without dropout. Received: {called}")
        answer = original(sequences, initial_state, mask, training=training)
        x = ops.convert_to_numpy(sequences)
        known = as_mask(_first(mask), x)
        # what stands at padding counts for nothing, but times 0 NaN is still NaN
        x = np.where(known[..., None] | np.isfinite(x), x, 0).astype("float32")
        start, end = map(_as_floats, map(_first, (initial_state, answer[2])))
        calls.append((rnn.cell, x, known, start, rnn.go_backwards, end))
        return answer

    return inner_loop


def _as_written(model, rnn, calls):
    """Sorts calls, which Keras makes by their depth in a functional model."""
    depths = getattr(model, "_nodes_by_depth", {})
    nodes = [n for depth in sorted(depths, reverse=True) for n in depths[depth]]
    places = [rnn._inbound_nodes.index(n) for n in nodes if n.operation is rnn]
    if len(places) != len(calls):
        return calls  # of another kind of model: as they come
    return [calls[place] for place in np.argsort(places)]


def gru_layers(model: keras.Model) -> list:
    """Returns the layers of a model, and within its layers, that `read_gates` reads."""
    return [part for part in _parts(model) if _directions(part)]


def _find_layer(model, layer):
    found = gru_layers(model)
    for part in found:
        if layer is None or layer is part or layer == part.name:
            return part
    names = ", ".join(part.name for part in found) or "none"
    name = getattr(layer, "name", layer)
    raise ValueError(
        "`layer` must be a GRU, an RNN of one GRUCell or a Bidirectional of either, "
        f"not in TimeDistributed; the model has: {names}. Received: layer={name}"
    )


def _parts(layer):
    """Yields the layers of a model, and those within them, in order."""
    inner = layer._flatten_layers(include_self=False, recursive=False)
    for part in layer.layers if isinstance(layer, keras.Model) else inner:
        yield part
        # not a direction alone, nor what is called at each step
        if not isinstance(
            part, keras.layers.Bidirectional | keras.layers.TimeDistributed
        ):
            yield from _parts(part)


def _directions(layer):
    """Returns the GRUs that a layer runs: none, itself, or forward and backward."""
    is_pair = isinstance(layer, keras.layers.Bidirectional)
    directions = [layer.forward_layer, layer.backward_layer] if is_pair else [layer]
    cells = [getattr(direction, "cell", None) for direction in directions]
    return directions if isinstance(cells[0], keras.layers.GRUCell) else []


def run(cell, x, mask, state, backwards, end) -> Gates:
    """Computes what a cell does at each step of `x`, to the `end` of the layer's."""
    steps = range(x.shape[1])
    read, before = [], []
    for t in reversed(steps) if backwards else steps:
        before.append(state)
        update, reset, candidate = _gates(cell, x[:, t], state)
        update = np.where(mask[:, t, None], update, 1)
        state = update * state + (1 - update) * candidate
        read.append((update, reset, candidate, state))
    if backwards:
        read, before = read[::-1], before[::-1]
    gates = Gates(*(np.stack(parts, axis=1) for parts in zip(*read, strict=True)))
    if mask.any():
        made = cell(x[mask], [np.stack(before, axis=1)[mask]], training=False)
        _compare(cell, gates.state[mask], _as_floats(tree.flatten(made)[-1]))
        _compare(cell, state, end, steps=len(steps))
    return gates


def _compare(cell, states, expected, steps=1):
    """Refuses states that the layer or its cell doesn't make, but for rounding."""
    share = min(0.25, (0.05 if "16" in cell.compute_dtype else 1e-3) * steps**0.5)
    if not np.isclose(states, expected, share, share, equal_nan=True).all():
        message = "The cell must compute what the equations of `Gates` do. Received: "
        raise ValueError(message + type(cell).__name__)


def _gates(cell, x, state):
    kernel, recurrent = map(_as_floats, (cell.kernel, cell.recurrent_kernel))
    bias = np.zeros((2, kernel.shape[1]), "float32")
    if cell.use_bias:  # one row before the reset gate, and with `reset_after` one after
        bias[: 1 + cell.reset_after] = _as_floats(cell.bias)
    of_x = np.split(x @ kernel + bias[0], 3, axis=-1)
    of_state = np.split(state @ recurrent + bias[1], 3, axis=-1)
    update, reset = (
        _as_floats(cell.recurrent_activation(ops.convert_to_tensor(a + b)))
        for a, b in zip(of_x[:2], of_state[:2], strict=True)
    )
    if cell.reset_after:
        recalled = reset * of_state[2]
    else:
        recalled = (reset * state) @ np.split(recurrent, 3, axis=-1)[2]
    recalled = ops.convert_to_tensor(of_x[2] + recalled)
    return update, reset, _as_floats(cell.activation(recalled))


def _first(nested):
    """Returns a mask or a state that stands in a list, or alone, or None."""
    flat = tree.flatten(nested)
    return flat[0] if flat else None


def _as_floats(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))
