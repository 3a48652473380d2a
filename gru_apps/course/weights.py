"""Weights of the notebooks' models, small enough to ship, with how they were trained.

Those of a part are a `.keras` file that holds the history of its training, too, or, if
the SavedModel beside it has them already, the history alone, in a `.json` file.
"""

import io
import json
import os
import pathlib
import zipfile

import keras
import numpy as np
import tensorflow as tf

from gru_apps import training
from gru_apps.serving import export

PLACES = pathlib.Path("assets.extra", "weights.json")  # by part, in a SavedModel


def read_history(path: pathlib.Path) -> training.History | None:
    """Returns how the weights of a part were trained, None if there are none.

    `path` is that of the part, without `.keras` or `.json`.
    """
    if path.with_suffix(".keras").exists():
        with zipfile.ZipFile(path.with_suffix(".keras")) as file:
            text = file.read("history.json")
    elif path.with_suffix(".json").exists():
        text = path.with_suffix(".json").read_bytes()
    else:
        return None
    kept = json.loads(text)
    history = training.History(kept["history"])
    history.seconds = kept["seconds"]
    return history


def load(model: keras.Model, path: pathlib.Path) -> None:
    """Gives a model the weights of a part, from its file or from the SavedModel."""
    if path.with_suffix(".keras").exists():
        model.load_weights(path.with_suffix(".keras"))
        return
    saved = path.parents[1] / "1"
    give(model, stored(tf.saved_model.load(str(saved)), saved, path.name))


def stored(loaded, saved: pathlib.Path, part: str) -> list[np.ndarray]:
    """Returns the weights of a part in a SavedModel; `KeyError` if it has none."""
    places = json.loads((saved / PLACES).read_text(encoding="utf-8"))[part]
    found = [getattr(loaded, kind)[number] for kind, number in places]
    return [np.asarray(v).astype(_whole(v.dtype)) for v in found]


def give(model: keras.Model, arrays: list[np.ndarray]) -> None:
    """Gives a model its weights, in the order of `model.weights`."""
    model.set_weights(arrays)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with copies of its weights


def keep(model: keras.Model, history: training.History, path: pathlib.Path) -> None:
    """Writes a `.keras` file, its larger weights rounded to eight bits, and packed.

    The model itself keeps the weights as they are.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
    path = path.with_suffix(".keras")
    whole, optimizer = model.get_weights(), getattr(model, "optimizer", None)
    new = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        model.set_weights([_rounded(weight) for weight in whole])
        if optimizer is not None:  # twice the size of the weights
            model.optimizer, model.compiled = None, False
        model.save(new)
    finally:
        if optimizer is not None:
            model.optimizer, model.compiled = optimizer, True
        model.set_weights(whole)
    with (
        zipfile.ZipFile(new) as plain,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as small,
    ):
        for name in plain.namelist():
            content = plain.read(name)
            packed = _packed(content) if name.endswith(".h5") else content
            small.writestr(name, packed)
        small.writestr("history.json", _as_json(history))
    new.unlink()


def as_stored(model: keras.Model) -> list[np.ndarray]:
    """Returns the weights as a SavedModel of halved precision would hold them."""
    return [export.as_halved(weight) for weight in model.get_weights()]


def leave_to_saved_model(
    saved: pathlib.Path, parts: dict, places: dict[int, tuple[str, int]]
) -> None:
    """Says in a SavedModel where it has the weights of parts, and drops their files.

    `parts` are, by name, a model, its weights by `as_stored` when it was trained, and
    its history; `places` are those of `export.places_of_weights`. A part whose weights
    have changed since, or are not all in the SavedModel, keeps its file.
    """
    of_parts = {}
    for part, (model, trained, history) in parts.items():
        found = [places.get(id(weight)) for weight in model.weights]
        if None in found or not all(map(np.array_equal, trained, as_stored(model))):
            continue
        of_parts[part] = found
        own = saved.with_name("weights") / part
        own.parent.mkdir(parents=True, exist_ok=True)
        own.with_suffix(".keras").unlink(missing_ok=True)
        own.with_suffix(".json").write_text(_as_json(history), encoding="utf-8")
    (saved / PLACES).write_text(json.dumps(of_parts) + "\n", encoding="utf-8")


def _as_json(history):
    kept = {"history": dict(history), "seconds": history.seconds}
    return json.dumps(kept, default=float) + "\n"


def _whole(dtype):
    return "float32" if dtype == "float16" else dtype.as_numpy_dtype


def _rounded(weight):
    """Rounds the numbers of a larger weight to eight bits, beside their exponents."""
    if weight.size < 1000 or weight.dtype != "float32":
        return weight
    fraction, exponent = np.frexp(weight)
    return np.ldexp(np.round(fraction * 2**8) / 2**8, exponent)


def _packed(content):
    """Packs the weights in an HDF5 file, byte by byte of the numbers: half are zero."""
    import h5py

    new = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as source, h5py.File(new, "w") as target:
        target.attrs.update(source.attrs)

        def copy(name, part):
            if isinstance(part, h5py.Group):
                made = target.require_group(name)
            else:
                packing = {"compression": 9, "shuffle": True} if part.size > 100 else {}
                made = target.create_dataset(name, data=part[()], **packing)
            made.attrs.update(part.attrs)

        source.visititems(copy)
    return new.getvalue()
