"""LiteRT and ONNX files, each run by its own runtime and compared before it counts."""

import os
import pathlib
import tempfile
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from gru_apps.serving.export import for_inference

_TOLERANCE = 1e-3


def export_litert(
    model: keras.Model, path: str | os.PathLike, example: Mapping[str, np.ndarray]
) -> float:
    """Writes a `.tflite` file for batches of one, runs it, and compares its answer.

    `example` maps the names of inputs to arrays with a batch of one; axes that the
    model leaves open stay open. Only built-in operations are used. Returns the largest
    difference; raises `ValueError` if it is above 1e-3.
    """
    from ai_edge_litert.interpreter import Interpreter

    specs = {
        tensor.name: tf.TensorSpec([1, *tensor.shape[1:]], tensor.dtype, tensor.name)
        for tensor in model.inputs
    }

    @tf.function(input_signature=[specs])
    def answer(inputs):
        outputs = model(_as_called(model, inputs), training=False)
        return outputs if isinstance(outputs, dict) else {"logits": outputs}

    with for_inference([model]):
        concrete = answer.get_concrete_function()
        module = tf.Module()  # tracks what a Keras model does not: its variables
        module.weights = [variable.value for variable in model.variables]
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
        content = converter.convert()
    runner = Interpreter(model_content=content).get_signature_runner()
    expected = answer(_tensors(example))
    difference = _largest_difference("LiteRT", runner(**example), expected)
    _replace(path, content)
    return difference


def export_onnx(
    model: keras.Model, path: str | os.PathLike, example: Mapping[str, np.ndarray]
) -> float:
    """Writes an `.onnx` file for batches of any size, runs it, and compares its answer.

    Returns the largest difference; raises `ValueError` if it is above 1e-3.
    """
    import onnxruntime

    # outputs without names, since ONNX has none that is named as an input is
    view = keras.Model(model.input, keras.tree.flatten(model.output))
    expected = view(_as_called(model, _tensors(example)), training=False)
    with for_inference([model]), tempfile.TemporaryDirectory() as folder:
        new = pathlib.Path(folder, "model.onnx")
        view.export(new, format="onnx", verbose=False)
        content = new.read_bytes()
    session = onnxruntime.InferenceSession(content)
    # Keras numbers the inputs' names, but keeps their order
    names = [tensor.name for tensor in session.get_inputs()]
    order = [tensor.name for tensor in model.inputs]
    feed = {
        name: np.asarray(example[key]) for name, key in zip(names, order, strict=True)
    }
    answers = session.run(None, feed)
    expected = keras.tree.flatten(expected)
    difference = _largest_difference(
        "ONNX", dict(enumerate(answers)), dict(enumerate(expected))
    )
    _replace(path, content)
    return difference


def _as_called(model, inputs):
    """Gives a model its inputs in the structure that it was built with."""
    if isinstance(model.input, dict):
        return dict(inputs)
    (only,) = inputs.values()
    return only


def _tensors(example):
    return {name: tf.constant(value) for name, value in example.items()}


def _replace(path, content):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(content)
    os.replace(new, path)


def _largest_difference(name, answers, expected):
    """Compares every output, by shape and number; NaN is no answer."""
    if len(answers) != len(expected):
        raise ValueError(
            f"{name} must have {len(expected)} outputs. Received: {len(answers)}"
        )
    difference = 0.0
    for key, wanted in expected.items():
        found, wanted = np.asarray(answers[key]), np.asarray(wanted)
        if found.shape != wanted.shape:  # or they would be broadcast
            raise ValueError(
                f"{name} must answer with shape {wanted.shape} in {key!r}. "
                f"Received: shape={found.shape}"
            )
        if not found.size:
            continue
        # floats, integers, booleans
        furthest = float(np.max(np.abs(np.float64(found) - np.float64(wanted))))
        if not furthest < _TOLERANCE:  # NaN is not
            raise ValueError(
                f"{name} must answer as the model does in {key!r}. "
                f"Received: difference={furthest}"
            )
        difference = max(difference, furthest)
    return difference
