"""How much of a GRU's final state still depends on each step of what it read."""

import itertools

import keras
import numpy as np
import tensorflow as tf

from gru_apps.inspection.gates import record_calls, run


def read_memory(model: keras.Model, inputs, layer=None, *, call: int = 0):
    """Reads how much of a GRU's final state still depends on its state at each step.

    Returns `(batch, steps)`: the norm of the gradient of the final state by the state
    after step `t`, a matrix of `units` by `units`, over that of the identity. It is 1
    at the last step, and 1 further back if all was kept. For a `Bidirectional` there
    are two; backward, the last step is the first. Arguments and errors are those of
    `read_gates`.

    Reference: Pascanu et al., 2013, arXiv:1211.5063, section 2.
    """
    memories = []
    for recorded in record_calls(model, inputs, layer, call):
        states = run(*recorded).state
        cell, x, mask, _, backwards, _ = recorded
        order = range(x.shape[1])[:: 1 if backwards else -1]  # from the last step read
        units = states.shape[-1]
        gradient = np.broadcast_to(
            np.eye(units, dtype="float32"), (len(x), units, units)
        )
        norms = np.empty(x.shape[:2])
        for t, before in itertools.zip_longest(order, order[1:]):
            norms[:, t] = np.linalg.norm(gradient, axis=(1, 2)) / units**0.5
            if before is not None and len(x):
                onward = gradient @ _jacobian(cell, x[:, t], states[:, before])
                gradient = np.where(mask[:, t, None, None], onward, gradient)
        memories.append(norms)
    return memories[0] if len(memories) == 1 else tuple(memories)


@tf.function
def _jacobian(cell, x, state):
    with tf.GradientTape() as tape:
        tape.watch(state)
        after, _ = cell(x, [state], training=False)
    return tape.batch_jacobian(after, state)
