"""LiteRT and ONNX files, each run by its own runtime and compared before it counts."""

import os
import pathlib
import tempfile
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from gru_apps.serving import onnx_graphs, plain, quantization
from gru_apps.serving.export import for_inference

_TOLERANCE = 1e-3


def export_litert(
    model: keras.Model,
    path: str | os.PathLike,
    example,
    *,
    quantize: str | None = None,
) -> float:
    """Writes a `.tflite` file for batches of one, runs it, and compares its answer.

    `example` is what the model takes, with a batch of one: an array, a list, a tuple or
    a dict of arrays; for a functional model, also a dict from the names of its inputs
    to arrays. Axes that the model leaves open stay open; a model that declares no
    inputs, as a subclass of `keras.Model`, gets the axes of the example. Inputs keep
    their names, or are `input_0`, `input_1`...; outputs have those of the dict that the
    model answers, or are `logits`, or `logits_0`, `logits_1`... of several. Only
    built-in operations are used. `quantize` is "float16" or "int8" (see
    `quantization`). Returns the largest difference; raises `ValueError` if it is above
    a thousandth, of the largest number where that is above 1, or above 0 for integers,
    and for an example that the model doesn't take, `TypeError` for one of a kind of
    number that it doesn't. Quantized, floats may differ by any amount, but are not NaN,
    and integers are equal.
    """
    from ai_edge_litert.interpreter import Interpreter

    view, example, outputs = _view(model, example)
    specs = {
        tensor.name: tf.TensorSpec([1, *tensor.shape[1:]], tensor.dtype, tensor.name)
        for tensor in view.inputs
    }

    @tf.function(input_signature=[specs])
    def answer(inputs):
        answers = keras.tree.flatten(view([inputs[name] for name in example]))
        return dict(zip(outputs, answers, strict=True))

    with for_inference([view]), plain.steps_and_constants(view):
        concrete = answer.get_concrete_function()
        module = tf.Module()  # tracks what a Keras model does not: its variables
        module.weights = [variable.value for variable in model.variables]
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
        quantization.of_converter(converter, quantize)
        content = converter.convert()
    runner = Interpreter(model_content=content).get_signature_runner()
    expected = answer({name: tf.constant(value) for name, value in example.items()})
    difference = _largest_difference("LiteRT", runner(**example), expected, quantize)
    _replace(path, content)
    return difference


def export_onnx(
    model: keras.Model,
    path: str | os.PathLike,
    example,
    *,
    quantize: str | None = None,
) -> float:
    """Writes an `.onnx` file for batches of any size, runs it, and compares its answer.

    `example` is as in `export_litert`, with a batch of any size, and `quantize` too.
    Returns the largest difference; raises `ValueError` as that does.
    """
    import onnxruntime

    view, example, outputs = _view(model, example)
    expected = view([tf.constant(value) for value in example.values()])
    expected = keras.tree.flatten(expected)
    with (
        for_inference([view]),
        plain.steps_and_constants(view),
        tempfile.TemporaryDirectory() as folder,
    ):
        new = pathlib.Path(folder, "model.onnx")
        view.export(new, format="onnx", verbose=False)
        content = onnx_graphs.with_choices(new.read_bytes())
    content = quantization.of_onnx(content, quantize)
    session = onnxruntime.InferenceSession(content)
    # Keras numbers the inputs' names, but keeps their order
    names = [tensor.name for tensor in session.get_inputs()]
    answers = session.run(None, dict(zip(names, example.values(), strict=True)))
    difference = _largest_difference(
        "ONNX",
        dict(zip(outputs, answers, strict=True)),
        dict(zip(outputs, expected, strict=True)),
        quantize,
    )
    _replace(path, content)
    return difference


def _view(model, example):
    """Makes a model from a list of inputs to a list of outputs.

    Returns it, the example's arrays by the names of the inputs, and the outputs' names.
    """
    try:
        inputs, output = list(model.inputs), model.output
    except (AttributeError, ValueError):  # none are declared
        inputs, names = [], _names("input", example)
    else:
        names = [tensor.name for tensor in inputs]
        if isinstance(example, Mapping) and set(example) == set(names):
            example = [example[name] for name in names]
    arrays = [np.asarray(array) for array in keras.tree.flatten(example)]
    if not inputs:
        inputs = [_input(*pair) for pair in zip(names, arrays, strict=True)]
        output = model(keras.tree.pack_sequence_as(example, inputs), training=False)
    if len(arrays) != len(inputs):
        raise ValueError(
            f"`example` must hold {len(inputs)} arrays, for {', '.join(names)}. "
            f"Received: {len(arrays)}"
        )
    dtypes = [tensor.dtype for tensor in inputs]
    arrays = [
        array.astype(dtype, casting="same_kind")
        for array, dtype in zip(arrays, dtypes, strict=True)
    ]
    # outputs without names, since ONNX has none that is named as an input is
    view = keras.Model(inputs, keras.tree.flatten(output))
    return view, dict(zip(names, arrays, strict=True)), _names("logits", output)


def describe_inputs_and_outputs(model: keras.Model, example) -> tuple[dict, dict]:
    """Returns the shapes and dtypes of inputs and outputs, by the names they have.

    Both are in the order in which an ONNX file has them; None is an axis of any length.
    """
    view, example, outputs = _view(model, example)
    described = (
        {name: {"shape": list(t.shape), "dtype": t.dtype} for name, t in named}
        for named in (
            zip(example, view.inputs, strict=True),
            zip(outputs, view.outputs, strict=True),
        )
    )
    return tuple(described)


def _names(root, structure):
    """Names each part of a structure by its keys, or by `root` and its place."""
    paths = [path for path, _ in keras.tree.flatten_with_path(structure)]
    named = (isinstance(path[0], str) if path else False for path in paths)
    return [
        "_".join(map(str, path if is_named else (root, *path)))
        for path, is_named in zip(paths, named, strict=True)
    ]


def _input(name, array):
    dtype = keras.config.floatx() if array.dtype.kind == "f" else array.dtype.name
    return keras.Input(array.shape[1:], dtype=dtype, name=name)


def _replace(path, content):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(content)
    os.replace(new, path)


def _largest_difference(name, answers, expected, quantize=None):
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
        if wanted.dtype.kind == "f":
            furthest = float(np.max(np.abs(np.float64(found) - np.float64(wanted))))
            allowed = _TOLERANCE * max(1.0, float(np.max(np.abs(wanted))))
            allowed = np.inf if quantize else allowed
        else:  # as floats, integers above 2**53 would be alike
            furthest = float(np.count_nonzero(found != wanted))
            allowed = _TOLERANCE
        if not furthest < allowed:  # NaN is not
            raise ValueError(
                f"{name} must answer as the model does in {key!r}. "
                f"Received: difference={furthest}"
            )
        difference = max(difference, furthest)
    return difference
