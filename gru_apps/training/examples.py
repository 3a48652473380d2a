"""Examples in the forms that they come in: datasets, arrays, lists, `PyDataset`."""

import sys
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf


def examples_of(data) -> tf.data.Dataset:
    """Returns a dataset of single examples.

    `data` is such a dataset; a `keras.utils.PyDataset` or a `DataLoader` of PyTorch,
    whose batches are taken apart; or arrays, ragged tensors or lists, of rows of unlike
    length too, with one row per example: alone, as `(inputs, targets)` or as `(inputs,
    targets, weights)`, inputs a dict or a tuple if there are several. Floats of 64 bits
    become Keras's. Raises `ValueError` for anything else, and for numbers of rows that
    differ.
    """
    if isinstance(data, tf.data.Dataset):
        return data
    if is_loader(data):
        return batches_of(data).unbatch()
    columns = _columns(data)
    rows = {int(column.shape[0]) for column in _leaves(columns)}
    if len(rows) != 1:
        raise ValueError(
            "Inputs, targets and weights must have as many rows. "
            f"Received: rows={sorted(rows)}"
        )
    return tf.data.Dataset.from_tensor_slices(columns)


def is_loader(data) -> bool:
    """Tells whether data come in batches, as a `PyDataset` or a torch `DataLoader`."""
    torch = sys.modules.get("torch")  # whoever has a loader has imported it
    kinds = [keras.utils.PyDataset, *([torch.utils.data.DataLoader] if torch else [])]
    return isinstance(data, tuple(kinds))


def batches_of(data) -> tf.data.Dataset:
    """Returns the batches of a `PyDataset` or a `DataLoader`, which must have a last.

    Each is made once beforehand, for the shapes that they have in common. `workers` of
    a `PyDataset` are not used. Raises `ValueError` if there is no batch, or no end of
    them.
    """
    is_keras = isinstance(data, keras.utils.PyDataset)
    number = data.num_batches if is_keras else _length_of(data)
    if not number:
        kind = type(data).__name__
        raise ValueError(f"`{kind}` must have batches. Received: number={number}")

    def generate():
        if not is_keras:
            yield from map(_batch, data)
            return
        data.on_epoch_begin()
        for index in range(number):
            yield _batch(data[index])
        data.on_epoch_end()

    signature = None
    for batch in (data[index] for index in range(number)) if is_keras else data:
        specs = tf.nest.map_structure(_spec, _batch(batch))
        signature = specs if signature is None else _common(signature, specs)
    batches = tf.data.Dataset.from_generator(generate, output_signature=signature)
    return batches.apply(tf.data.experimental.assert_cardinality(number))


def _length_of(loader):
    try:
        return len(loader)
    except TypeError:  # of a stream
        return None


def _columns(data):
    if isinstance(data, tuple):
        return tuple(map(_columns, data))
    if isinstance(data, Mapping):
        return {name: _columns(value) for name, value in data.items()}
    if isinstance(data, list):
        return _of_rows(data)
    if isinstance(data, (tf.RaggedTensor, tf.SparseTensor)):
        return data
    if (hasattr(data, "__array__") or tf.is_tensor(data)) and np.ndim(data):
        return _of_keras(data if tf.is_tensor(data) else np.asarray(data))
    raise ValueError(
        "Examples come as a tf.data.Dataset, a PyDataset, a DataLoader, arrays, ragged "
        f"tensors or lists. Received: {type(data).__name__}"
    )


def _of_rows(rows):
    """Stacks rows, or makes them ragged in their first axis."""
    if not rows:
        return np.zeros([0], keras.config.floatx())
    rows = [np.asarray(row) for row in rows]
    full = [row for row in rows if row.size] or rows
    kind = np.result_type(*full)  # an empty list would be one of floats
    inner = {row.shape[1:] for row in full}
    if len({row.ndim for row in rows}) > 1 or len(inner) > 1:
        raise ValueError(
            "Rows of a list may differ in length alone. "
            f"Received: shapes={sorted({row.shape for row in rows})[:4]}"
        )
    if len({row.shape for row in rows}) == 1:
        return _of_keras(np.stack(rows).astype(kind))
    inner = inner.pop()
    rows = [row.astype(kind).reshape(-1, *inner) for row in rows]
    values = _of_keras(np.concatenate(rows))
    return tf.RaggedTensor.from_row_lengths(values, [len(row) for row in rows])


def _of_keras(array):
    """Casts 64-bit floats, as Keras does with arrays."""
    is_double = array.dtype in (np.float64, tf.float64)
    return tf.cast(array, keras.config.floatx()) if is_double else array


def _leaves(columns):
    parts = columns.values() if isinstance(columns, dict) else columns
    if isinstance(columns, (dict, tuple)):
        return [leaf for part in parts for leaf in _leaves(part)]
    return [columns]


def _batch(batch):
    """Gives each batch the form that Keras's does."""
    batch = tuple(batch) if isinstance(batch, list) else batch
    batch = batch if isinstance(batch, (tuple, dict)) else (batch,)
    return tf.nest.map_structure(lambda part: _of_keras(np.asarray(part)), batch)


def _spec(array):
    return tf.TensorSpec([None, *array.shape[1:]], tf.as_dtype(array.dtype))


def _common(some, others):
    return tf.nest.map_structure(
        lambda one, other: one.most_specific_common_supertype([other]), some, others
    )
