"""SavedModel, LiteRT and ONNX; each is reloaded and compared before it counts."""

import contextlib
import json
import os
import pathlib
import tempfile
from collections.abc import Callable, Mapping

import keras
import numpy as np
import tensorflow as tf

MANIFEST = pathlib.Path("assets.extra", "manifest.json")


def export_saved_model(
    path: str | os.PathLike,
    signatures: Mapping[str, Callable],
    *,
    tracked: list,
    manifest: Mapping,
    examples: Mapping[str, Mapping],
) -> dict:
    """Saves signatures as a SavedModel, reloads it, and compares what the two answer.

    `tracked` are the models and tokenizers whose variables and tables the signatures
    use; `examples` hold, by signature, inputs to compare with. The manifest gets the
    versions, the parameters, and the signatures' inputs and outputs, and is returned.
    The new SavedModel takes the place of an old one only once it has passed. Raises
    `ValueError` if a reloaded answer differs, or if the graph holds an operation that
    needs a GPU.
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    module = tf.Module()
    models = [part for part in tracked if isinstance(part, keras.Model)]
    # not the models themselves, whose optimizers are three times their size; among
    # their variables are dropout's seeds, which stay in a graph even if not used
    module.variables_of_models = [v.value for m in models for v in m.variables]
    module.others = [part for part in tracked if part not in models]
    with (
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder,
        _for_inference(models),
    ):
        new = pathlib.Path(folder, "model")
        functions = {
            name: function.get_concrete_function()
            for name, function in signatures.items()
        }
        tf.saved_model.save(module, str(new), signatures=functions)
        # it holds the paths and the time of this run, and nothing that is needed
        new.joinpath("fingerprint.pb").unlink(missing_ok=True)
        reloaded = tf.saved_model.load(str(new))
        _refuse_cudnn(reloaded)
        for name, inputs in examples.items():
            asked = {k: tf.constant(v) for k, v in inputs.items()}
            _compare(
                name, reloaded.signatures[name](**asked), signatures[name](**asked)
            )
        manifest = dict(manifest) | {
            "parameters": _parameters(models),
            "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
            "signatures": {n: _described(f) for n, f in reloaded.signatures.items()},
        }
        new.joinpath(MANIFEST.parent).mkdir(exist_ok=True)
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        new.joinpath(MANIFEST).write_text(text, encoding="utf-8")
        old = pathlib.Path(folder, "old")
        if path.exists():
            os.replace(path, old)
        os.replace(new, path)
    return manifest


def read_manifest(path: str | os.PathLike) -> dict:
    """Returns what a SavedModel says of itself; `FileNotFoundError` if it is none."""
    return json.loads(pathlib.Path(path, MANIFEST).read_text(encoding="utf-8"))


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

    with _for_inference([model]):
        concrete = answer.get_concrete_function()
        module = tf.Module()  # tracks what a Keras model does not: its variables
        module.weights = [variable.value for variable in model.variables]
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
        content = converter.convert()
    _replace(path, content)
    runner = Interpreter(model_content=content).get_signature_runner()
    return _largest_difference("LiteRT", runner(**example), answer(_tensors(example)))


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
    with _for_inference([model]), tempfile.TemporaryDirectory() as folder:
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


@contextlib.contextmanager
def _for_inference(models):
    """Makes what is traced meanwhile load everywhere.

    cuDNN would need a GPU. Keras draws masks of dropout even where it uses none, and
    their seed is a variable that no SavedModel tracks. What a normalization adapted to
    are loose tensors, which ONNX takes for inputs.
    """
    changes = []
    for layer in (layer for model in models for layer in model._flatten_layers()):
        if isinstance(layer, keras.layers.GRU):
            changes.append((layer, "use_cudnn", False))
            changes.append((layer.cell, "dropout", 0.0))
            changes.append((layer.cell, "recurrent_dropout", 0.0))
        elif isinstance(layer, keras.layers.Normalization):
            changes.append((layer, "mean", np.asarray(layer.mean)))
            changes.append((layer, "variance", np.asarray(layer.variance)))
    before = [getattr(part, name) for part, name, _ in changes]
    for part, name, value in changes:
        setattr(part, name, value)
    try:
        yield
    finally:
        for (part, name, _), value in zip(changes, before, strict=True):
            setattr(part, name, value)


def _refuse_cudnn(reloaded):
    for name, function in reloaded.signatures.items():
        graph = function.graph.as_graph_def()
        nodes = [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
        found = {node.op for node in nodes if "cudnn" in node.op.lower()}
        if found:
            raise ValueError(f"Signature {name} needs a GPU. Received: {found}")


def _compare(name, answers, expected):
    if set(answers) != set(expected):
        raise ValueError(
            f"Signature {name} must answer {sorted(expected)}. "
            f"Received: {sorted(answers)}"
        )
    for key, answer in answers.items():
        same = (
            np.allclose(answer, expected[key], rtol=1e-4, atol=1e-5)
            if answer.dtype.is_floating
            else np.array_equal(answer, expected[key])
        )
        if not same:
            raise ValueError(
                f"Reloaded, {key} of {name} must be {expected[key]}. Received: {answer}"
            )


def _largest_difference(name, answers, expected):
    pairs = ((answers[k], expected[k]) for k in expected)  # floats, integers, booleans
    difference = max(
        float(np.max(np.abs(np.float64(a) - np.float64(e)))) for a, e in pairs
    )
    if not difference < 1e-3:
        raise ValueError(
            f"{name} must answer as the model does. Received: difference={difference}"
        )
    return difference


def _parameters(models):
    weights = {id(weight): weight for model in models for weight in model.weights}
    return sum(int(np.prod(weight.shape)) for weight in weights.values())


def _described(function):
    inputs = function.structured_input_signature[1].items()
    outputs = function.structured_outputs.items()
    return {
        "inputs": {name: _shape_and_dtype(spec) for name, spec in inputs},
        "outputs": {name: _shape_and_dtype(spec) for name, spec in outputs},
    }


def _shape_and_dtype(spec):
    shape = None if spec.shape.rank is None else spec.shape.as_list()
    return {"shape": shape, "dtype": spec.dtype.name}
