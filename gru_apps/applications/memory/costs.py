"""What a recurrent layer costs: numbers kept for its gradient, and milliseconds."""

import time
from collections.abc import Mapping

import keras
import tensorflow as tf

_ROWS = 7  # a number of rows that no layer has of units


def memory_per_step(layer: keras.layers.RNN, features: int) -> int:
    """Counts the numbers that training keeps for each step of a sequence.

    The gradient goes back through all steps, and asks for much that was computed on the
    way forward. This returns how many numbers one more step of one sequence adds to
    that. It counts them in the graph that TensorFlow makes of the layer's cell, so that
    they are the same on every machine. `layer` reads `features` numbers a step.

    A kernel that joins steps, as cuDNN's, may keep less. To answer, a layer needs no
    more than its state. Raises `ValueError` for a layer that is not recurrent.

    >>> memory_per_step(keras.layers.GRU(4), features=2)  # 6 a unit, and the input
    26
    """
    if not hasattr(getattr(layer, "cell", None), "state_size"):
        raise ValueError(f"`layer` must be recurrent. Received: layer={layer}")
    if not layer.built:
        layer.build((None, None, features))
    shorter, longer = (_kept(layer, steps, features) for steps in (10, 11))
    return longer - shorter


def milliseconds(
    models: Mapping[str, keras.Model], inputs, targets, *, repeats: int = 5
) -> dict:
    """Measures a batch's milliseconds, of compiled models: to train, and to answer.

    The models take turns, so that a machine that is busy for a while slows down all of
    them. The first call of each, which traces, is left out; the least of `repeats`
    others counts, for what else a machine does only makes it slower. Returns floats by
    name of the model, and there by the names `training` and `answering`.
    """
    calls = {
        "training": lambda model: model.train_on_batch(inputs, targets),
        "answering": lambda model: model.predict_on_batch(inputs),
    }
    seconds = {name: {kind: [] for kind in calls} for name in models}
    for turn in range(1 + repeats):
        for name, model in models.items():
            for kind, call in calls.items():
                start = time.perf_counter()
                call(model)
                if turn:
                    seconds[name][kind].append(time.perf_counter() - start)
    return {
        name: {kind: 1e3 * min(all_of_kind) for kind, all_of_kind in of_model.items()}
        for name, of_model in seconds.items()
    }


def _kept(layer, steps, features):
    """How many numbers of one sequence's way forward its way back asks for."""

    @tf.function
    def gradient(inputs):
        state = layer.get_initial_state(_ROWS)
        with tf.GradientTape() as tape:
            for x in tf.unstack(inputs, axis=1):
                output, state = layer.cell(x, state)
            loss = tf.reduce_sum(output**2)
        return tape.gradient(loss, layer.trainable_variables)

    inputs = tf.TensorSpec([_ROWS, steps, features])
    operations = gradient.get_concrete_function(inputs).graph.get_operations()
    backward = [op.name.startswith("gradient_tape") for op in operations].index(True)
    forward = set(operations[:backward])
    asked_for = {t.name: t for op in operations[backward:] for t in op.inputs}
    return sum(
        tensor.shape[1]
        for tensor in asked_for.values()
        if tensor.op in forward
        and tensor.shape.rank == 2
        and tensor.shape[0] == _ROWS  # made of sequences, not a weight
    )
