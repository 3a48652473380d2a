"""Batches of examples of like lengths."""

import numpy as np
import tensorflow as tf


def batches(
    dataset: tf.data.Dataset, batch_size: int, *, seed: int | None = None
) -> tf.data.Dataset:
    """Batches encoded examples, padded with 0 on the right, from a cache in memory.

    `dataset` is finite and holds single examples, `(inputs, targets)` or `(inputs,
    targets, weights)`; inputs may be a dict or a tuple. With a `seed` the whole set is
    shuffled anew each epoch and examples of like length share a batch; without, the
    order stays. No example is lost. Raises `ValueError` if there is none.

    >>> dataset = tf.data.Dataset.from_tensor_slices(([[5, 2], [8, 1]], [0, 1]))
    >>> for inputs, targets in batches(dataset, batch_size=2):
    ...     print(inputs.numpy().tolist(), targets.numpy().tolist())
    [[5, 2], [8, 1]] [0, 1]
    """
    # a map turns the slices of ragged tensors into the tensors that they are
    dataset = dataset.map(lambda *example: example)
    dataset = dataset.cache()  # filled by the pass over all lengths
    lengths = list(dataset.map(_length).batch(1024).as_numpy_iterator())
    if not lengths:
        raise ValueError(f"`dataset` holds no example. Received: dataset={dataset}")
    lengths, bounds = np.concatenate(lengths), []
    if seed is not None:
        dataset = dataset.shuffle(len(lengths), seed=seed)
    if seed is None or lengths.min() == lengths.max():
        dataset = dataset.padded_batch(batch_size)
    else:
        # each bucket may end in one smaller batch: few buckets for few batches
        buckets = round((len(lengths) / batch_size) ** 0.5) + 1
        shares = np.linspace(0, 1, buckets + 1)[1:-1]
        bounds = np.quantile(lengths, shares, method="higher")
        # the last bucket holds all that is long, and would pad it to the longest
        tail = np.geomspace(max(1, bounds[-1]), lengths.max(), 9).astype(lengths.dtype)
        bounds = np.unique(np.concatenate([bounds, tail[1:]])).tolist()
        dataset = dataset.bucket_by_sequence_length(
            _length, bounds, [batch_size] * (len(bounds) + 1)
        )
    _, sizes = np.unique(np.digitize(lengths, bounds), return_counts=True)
    number = sum(-(-int(size) // batch_size) for size in sizes)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(number))
    return dataset.prefetch(tf.data.AUTOTUNE)


def _length(*example) -> tf.Tensor:
    tensors = [t for t in tf.nest.flatten(example) if None in t.shape[:1]]
    return tf.reduce_max([tf.shape(t)[0] for t in tensors] or [0])
