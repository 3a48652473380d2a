"""Batches of examples of like lengths."""

import operator

import numpy as np
import tensorflow as tf

from gru_apps.training.examples import examples_of

LARGEST = 2**30  # bytes of a batch that is mostly padding


def batches(dataset, batch_size: int, *, seed: int | None = None) -> tf.data.Dataset:
    """Batches encoded examples, padded with 0 on the right, from a cache in memory.

    `dataset` is finite and holds single examples, `(inputs, targets)` or `(inputs,
    targets, weights)`; inputs may be a dict or a tuple. Arrays, lists of rows, ragged
    tensors, a `keras.utils.PyDataset` and a `DataLoader` of PyTorch are taken for what
    they hold. Examples are read once: what is drawn at random for one is the same in
    all epochs, so draw in a `map` of what this returns. With a `seed` the whole set is
    shuffled anew each epoch and examples of like length share a batch; without, the
    order stays. TensorFlow's global seed has a part in the order, and `fit` sets it:
    for the same order again, call `keras.utils.set_random_seed` before this. No example
    is lost. A batch of more than 1 GiB, most of it padding, is made of fewer rows.
    Raises `ValueError` if there is no example, or no end of them.

    >>> for inputs, targets in batches(([[5, 2], [8]], [0, 1]), batch_size=2):
    ...     print(inputs.numpy().tolist(), targets.numpy().tolist())
    [[5, 2], [8, 0]] [0, 1]
    """
    batch_size = whole_number("batch_size", batch_size, 1, below=2**63)
    if seed is not None:
        seed = operator.index(seed)
    # a map turns the slices of ragged tensors into the tensors that they are
    dataset = examples_of(dataset).map(lambda *example: example)
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError(f"`dataset` must have an end. Received: dataset={dataset}")
    dataset = dataset.cache()  # filled by the pass over all lengths
    lengths = list(dataset.map(_length).batch(1024).as_numpy_iterator())
    if not lengths:
        raise ValueError(f"`dataset` holds no example. Received: dataset={dataset}")
    lengths, step = np.concatenate(lengths), _bytes_a_step(dataset.element_spec)
    if seed is not None:
        dataset = dataset.shuffle(len(lengths), seed=seed)
    if seed is None or lengths.min() == lengths.max():
        dataset, number = _in_order(dataset, lengths, batch_size, step)
    else:
        dataset, number = _by_length(dataset, lengths, batch_size, step)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(number))
    return dataset.prefetch(tf.data.AUTOTUNE)


def _in_order(dataset, lengths, batch_size, step):
    sizes = []
    for start in range(0, len(lengths), batch_size):
        sizes += _sizes(lengths[start : start + batch_size], step)
    if max(sizes) == min(sizes[:-1], default=sizes[0]):  # none had to be split
        return dataset.padded_batch(sizes[0]), len(sizes)
    numbers = tf.constant(np.repeat(np.arange(len(sizes)), sizes))
    dataset = dataset.enumerate().group_by_window(
        lambda place, _: numbers[place],
        lambda _, window: window.map(lambda _, example: example).padded_batch(
            batch_size
        ),
        window_size_func=lambda number: tf.constant(sizes, tf.int64)[number],
    )
    return dataset, len(sizes)


def _sizes(lengths, step):
    """How many rows of a batch go together, so that none is mostly padding and huge."""
    sizes, longest, real = [0], 0, 0
    for length in np.maximum(lengths, 1).tolist():
        rows = sizes[-1] + 1
        padded = rows * max(longest, length)
        if sizes[-1] and padded * step > LARGEST and padded > 2 * (real + length):
            sizes.append(0)
            longest = real = 0
        sizes[-1] += 1
        longest, real = max(longest, length), real + length
    return sizes


def _by_length(dataset, lengths, batch_size, step):
    # each bucket may end in one smaller batch: few buckets for few batches
    buckets = round((len(lengths) / batch_size) ** 0.5) + 1
    shares = np.linspace(0, 1, buckets + 1)[1:-1]
    bounds = np.quantile(lengths, shares, method="higher")
    # the last bucket holds all that is long, and would pad it to the longest
    start = max(1, lengths.min(), *bounds)  # of few examples there is one bucket alone
    tail = np.geomspace(start, lengths.max(), 9).astype(lengths.dtype)
    bounds = np.unique(np.concatenate([bounds, tail[1:]])).tolist()
    places = np.digitize(lengths, bounds)
    sizes = []
    for bucket in range(len(bounds) + 1):
        inside = lengths[places == bucket]
        longest = int(inside.max(initial=1))
        most = max(1, LARGEST // (step * longest))
        padded = longest * len(inside) > 2 * inside.sum()
        sizes.append(min(batch_size, most) if padded else batch_size)
    dataset = dataset.bucket_by_sequence_length(_length, bounds, sizes)
    rows = np.bincount(places, minlength=len(sizes)).tolist()
    return dataset, sum(-(-n // size) for n, size in zip(rows, sizes, strict=True))


def _bytes_a_step(spec) -> int:
    """The bytes of all components of an example that have a length, for one step."""
    parts = [s for s in tf.nest.flatten(spec) if s.shape.rank and s.shape[0] is None]
    sizes = [s.dtype.size * int(np.prod([n or 1 for n in s.shape[1:]])) for s in parts]
    return max(1, sum(sizes))


def _length(*example) -> tf.Tensor:
    tensors = [t for t in tf.nest.flatten(example) if None in t.shape[:1]]
    return tf.reduce_max([tf.shape(t)[0] for t in tensors] or [0])


def whole_number(name, value, least, below=2**31):
    """Returns an integer, NumPy's too, that is in range, or raises `ValueError`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if isinstance(value, bool):  # `patience=False` may mean: never
        number = least - 1
    if not least <= number < below:
        raise ValueError(
            f"`{name}` must be a whole number of at least {least}, below {below}. "
            f"Received: {name}={value}"
        )
    return number
