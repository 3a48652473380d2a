"""What a SavedModel holds beside its graph: weights by part, vocabularies, numbers."""

import json
import pathlib
import re
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

import gru_apps.models  # noqa: F401  so that Keras knows our layers
from gru_apps.course import weights


class Trained:
    """A SavedModel at `path`, from which networks are built anew."""

    def __init__(self, path: pathlib.Path):
        self.path, self.loaded = path, tf.saved_model.load(str(path))
        places = path / weights.PLACES
        known = json.loads(places.read_text("utf-8")) if places.exists() else {}
        files = path.with_name("weights").glob("*.keras")
        self.parts = [*known, *sorted(file.stem for file in files)]

    def weights(self, part: str) -> list[np.ndarray]:
        """Returns the weights of a part, from the SavedModel or from its file.

        Raises `ValueError` if they ship in neither.
        """
        if part not in self.parts:
            there = ", ".join(self.parts) or "none"
            raise ValueError(
                f"{self.path} must have the weights of {part!r}: run its notebook "
                f"again. Received: weights of {there}"
            )
        file = self.path.with_name("weights") / f"{part}.keras"
        if file.exists():
            return keras.saving.load_model(file, compile=False).get_weights()
        return weights.stored(self.loaded, self.path, part)

    def build(self, part: str, builder: Callable):
        """Builds a model of the sizes of a part, and gives it the weights.

        `builder` takes the shapes of the weights, and returns a model, or views of
        which one is called `model`.
        """
        arrays = self.weights(part)
        views = builder([array.shape for array in arrays])
        weights.give(getattr(views, "model", views), arrays)
        return views

    def vocabulary(self, place: int = 0) -> list[bytes]:
        """Returns the tokens of a tokenizer, in the order of their ids."""
        ids = entries(self.loaded.others[place].ids, tf.int32)
        tokens = [b""] * (1 + max(ids.values()))
        for token, number in ids.items():
            tokens[number] = token
        return tokens

    def number(self, pattern: str) -> float:
        """Returns the constant whose name in the graph matches a pattern, 1 if none.

        The manifest does not say what else was found in training: the temperature that
        logits are divided by is `truediv/y`, the penalty of a beam search `pow/y`.
        """
        for node in self.nodes("Const"):
            if re.fullmatch(pattern, node.name):
                return round(float(tf.make_ndarray(node.attr["value"].tensor)), 6)
        return 1.0

    def nodes(self, operation: str) -> list:
        """Returns the operations of that kind in the graph of `serving_default`."""
        graph = self.loaded.signatures["serving_default"].graph.as_graph_def()
        every = [*graph.node, *(n for f in graph.library.function for n in f.node_def)]
        return [node for node in every if node.op == operation]

    def constant(self, dtype: tf.DType, size: int) -> np.ndarray | None:
        """Returns the list of so many numbers or texts in signatures, or None."""
        captured = self.loaded.signatures["serving_default"].captured_inputs
        kept = [t for t in captured if t.dtype == dtype and t.shape == (size,)]
        return kept[0].numpy() if kept else None


def entries(table, dtype: tf.DType) -> dict:
    """Returns the keys of a table that a SavedModel keeps, strings, and its values."""
    keys, values = tf.raw_ops.LookupTableExportV2(
        table_handle=table.resource_handle, Tkeys=tf.string, Tvalues=dtype
    )
    return dict(zip(keys.numpy().tolist(), values.numpy().tolist(), strict=True))
