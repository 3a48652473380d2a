"""SavedModels with a manifest, each reloaded and compared before it counts."""

import functools
import json
import math
import os
import pathlib
import tempfile
from collections.abc import Callable, Mapping

import keras
import numpy as np
import tensorflow as tf

from gru_apps.serving.plain import meanwhile

LARGE = 1000  # numbers in a weight: smaller ones are not worth rounding
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

    `signatures` are `tf.function`s with an `input_signature`, which answer a dict;
    `tracked` are the models and tokenizers whose variables and tables they use;
    `examples` hold inputs to compare with, by signature: others are not compared. The
    manifest gets the versions, the parameters, and the signatures' inputs and outputs,
    and is returned. Weights that `halve_precision` has rounded take half the space. The
    new SavedModel takes the place of an old one only once it has passed. Raises
    `ValueError` if anything else stands at `path`, if a reloaded answer differs, or if
    the graph holds an operation that needs a GPU.
    """
    described, _ = save_and_reload(
        path, signatures, tracked=tracked, manifest=manifest, examples=examples
    )
    return described


def save_and_reload(path, signatures, *, tracked, manifest, examples) -> tuple:
    """Does what `export_saved_model` does, and returns the SavedModel, too, reloaded.

    `(manifest, loaded)`: loading it once more would take as long again.
    """
    path = pathlib.Path(path)
    _refuse_others(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    module = tf.Module()
    models = [part for part in tracked if isinstance(part, keras.Model)]
    # not the models themselves, whose optimizers are three times their size
    halved, wholes = _parted(models)
    halves = [(v, tf.Variable(_half(v))) for v in halved]
    module.halves = [half for _, half in halves]
    module.wholes = [v.value for v in wholes]
    module.others = [part for part in tracked if part not in models]
    with (
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder,
        for_inference(models),
    ):
        new = pathlib.Path(folder, "model")
        # traced anew, for what was traced on a GPU may hold cuDNN
        traced = {
            function: _reading(halves, function).get_concrete_function()
            for function in dict.fromkeys(signatures.values())
        }
        functions = {name: traced[function] for name, function in signatures.items()}
        tf.saved_model.save(module, str(new), signatures=functions)
        # it holds the paths and the time of this run, and nothing that is needed
        new.joinpath("fingerprint.pb").unlink(missing_ok=True)
        reloaded = tf.saved_model.load(str(new))
        _refuse_cudnn(reloaded)
        for name, inputs in examples.items():
            asked = {k: tf.constant(v) for k, v in inputs.items()}
            original = signatures[name]
            if tf.config.list_physical_devices("GPU"):  # cuDNN computes otherwise
                original = _reading([], original)
            _compare(name, reloaded.signatures[name](**asked), original(**asked))
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
    return manifest, reloaded


def read_manifest(path: str | os.PathLike) -> dict:
    """Returns the manifest of a SavedModel; `FileNotFoundError` if it has none."""
    return json.loads(pathlib.Path(path, MANIFEST).read_text(encoding="utf-8"))


def places_of_weights(tracked: list) -> dict[int, tuple[str, int]]:
    """Returns where a SavedModel of `tracked` holds each weight, by the weight's `id`.

    A place is "halves" or "wholes", a list of variables of what
    `tf.saved_model.load` returns, and an index in it.
    """
    models = [part for part in tracked if isinstance(part, keras.Model)]
    lists = zip(("halves", "wholes"), _parted(models), strict=True)
    return {id(v): (kind, n) for kind, part in lists for n, v in enumerate(part)}


def halve_precision(*models: keras.Model) -> None:
    """Rounds the larger weights of models to what float16 can hold, in place.

    Larger ones have a thousand numbers or more; those that do not train are left. They
    stay float32 to compute with. Call it before the test, so that what is measured
    is what will be saved. Raises `ValueError` for a weight beyond 65504.
    """
    for variable in (v for model in models for v in model.trainable_variables):
        if math.prod(variable.shape) >= LARGE and variable.dtype == "float32":
            if not np.isfinite(half := _half(variable)).all():
                raise ValueError(
                    "Weights must be below 65504 to be halved. "
                    f"Received: {np.abs(variable).max()} in {variable.path}"
                )
            variable.assign(half)


def as_halved(weight: np.ndarray) -> np.ndarray:
    """Returns a weight as `halve_precision` leaves it.

    >>> as_halved(np.full(1000, 0.1, "float32"))[0]
    np.float32(0.099975586)
    """
    if weight.size < LARGE or weight.dtype != "float32":
        return weight
    return _half(weight).astype("float32")


def _refuse_others(path):
    """Refuses to replace, and so to delete, what is no SavedModel."""
    empty = path.is_dir() and not any(path.iterdir())
    if path.exists() and not empty and not (path / "saved_model.pb").is_file():
        raise ValueError(
            "A new SavedModel replaces a SavedModel alone. "
            f"Received: path={path}, which holds something else"
        )


def _parted(models):
    """Returns the variables that are halves, and those that are not, each once."""
    # among them are dropout's seeds, which stay in a graph even if not used
    variables = {id(v): v for model in models for v in model.variables}.values()
    halves = [v for v in variables if _is_half(v)]
    return halves, [v for v in variables if not _is_half(v)]


def _half(variable):
    with np.errstate(over="ignore"):
        return np.asarray(variable).astype("float16")


def _is_half(variable):
    if math.prod(variable.shape) < LARGE or variable.dtype != "float32":
        return False
    return np.array_equal(_half(variable), np.asarray(variable))


def _reading(halves, function):
    """Makes `function` anew, to widen its halved weights, once for each call."""

    @functools.wraps(function.python_function)  # with the names of its inputs
    def widened(*inputs, **named):
        values = [(v, tf.cast(half, v.dtype)) for v, half in halves]
        with keras.StatelessScope(state_mapping=values):
            return function.python_function(*inputs, **named)

    return tf.function(widened, input_signature=function.input_signature)


def for_inference(models):
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
    return meanwhile(changes)


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
        # or what is compared would be broadcast, or made a number of another kind
        kinds = [(tensor.shape, tensor.dtype) for tensor in (answer, expected[key])]
        if kinds[0] != kinds[1] or not same:
            raise ValueError(
                f"Reloaded, {key} of {name} must be {expected[key]}. Received: {answer}"
            )


def _parameters(models):
    weights = {id(weight): weight for model in models for weight in model.weights}
    return sum(int(np.prod(weight.shape)) for weight in weights.values())


def _described(function):
    # in the order of the alphabet, since TensorFlow has another at each run
    inputs = sorted(function.structured_input_signature[1].items())
    outputs = sorted(function.structured_outputs.items())
    return {
        "inputs": {name: _shape_and_dtype(spec) for name, spec in inputs},
        "outputs": {name: _shape_and_dtype(spec) for name, spec in outputs},
    }


def _shape_and_dtype(spec):
    shape = None if spec.shape.rank is None else spec.shape.as_list()
    return {"shape": shape, "dtype": spec.dtype.name}
