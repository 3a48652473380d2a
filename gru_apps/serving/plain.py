"""Functional models without what converters cannot see through."""

import contextlib

import keras
import numpy as np
import tensorflow as tf


def steps_and_constants(view: keras.Model):
    """Unrolls GRUs of a single step, and makes constants of loose tensors, meanwhile.

    A loop would cost more than its one step, and hides the weights from a quantizer. A
    tensor that was computed while the model was built would be an input of an ONNX
    file.
    """
    nodes = [node for part in view._nodes_by_depth.values() for node in part]
    lengths = {}
    for node in nodes:
        if isinstance(node.operation, keras.layers.GRU):
            length = node.input_tensors[0].shape[1]
            lengths.setdefault(node.operation, set()).add(length)
    single = [layer for layer, found in lengths.items() if found == {1}]
    changes = [(layer, "unroll", True) for layer in single]
    for arguments in (node.arguments for node in nodes if node.arguments):
        for name in ("args", "kwargs"):
            plain = keras.tree.map_structure(_constant, getattr(arguments, name))
            changes.append((arguments, name, plain))
    return meanwhile(changes)


@contextlib.contextmanager
def meanwhile(changes):
    """Sets attributes, `(part, name, value)` each, and puts the old values back."""
    before = [getattr(part, name) for part, name, _ in changes]
    for part, name, value in changes:
        setattr(part, name, value)
    try:
        yield
    finally:
        for (part, name, _), value in zip(changes, before, strict=True):
            setattr(part, name, value)


def _constant(value):
    return np.asarray(value) if isinstance(value, tf.Tensor) else value
