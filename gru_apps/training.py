"""Batches of like lengths, and one `fit` that goes on where it was killed."""

import os
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from gru_apps.checkpoints import History, Progress


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


def fit(
    model: keras.Model,
    train: tf.data.Dataset,
    validation: tf.data.Dataset,
    *,
    directory: str | os.PathLike,
    epochs: int,
    loss,
    metrics: Sequence = (),
    optimizer: str = "adam",
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 1e-3,
    warmup: float = 0.05,
    weight_decay: float = 0.0,
    clip_norm: float | None = 1.0,
    ema_momentum: float | None = None,
    patience: int = 3,
    monitor: str = "val_loss",
    seed: int = 0,
    jit_compile: bool = False,
    verbose: str | int = "auto",
) -> History:
    """Trains, leaves the best epoch's weights in `model`, and returns the history.

    `optimizer` is "adam" (arXiv:1412.6980), or "muon", which makes the update of each
    matrix orthogonal (arXiv:2502.16982) and leaves embeddings, the layer `logits` and
    vectors to Adam: it often learns more from as many batches. The learning rate rises
    to `learning_rate` during the share `warmup` of all steps and falls along a cosine
    to 0, unless it is a schedule. Training ends `patience` epochs after the best
    `monitor`. With `ema_momentum`, validation and the best weights are those of a
    moving average. Sample weights count in metrics, too.

    After each epoch a checkpoint is written into `directory`. Killed and called again
    with the same arguments, `train` made anew in the same way, it goes on after the
    last finished epoch and ends as it would have, the seconds of `History` included. A
    checkpoint that is damaged or of another run is not used, with a warning. A finished
    run deletes its own, unless it is part of an execution by `python -m gru_apps run`,
    which deletes all of a notebook once that has come to its end.
    """
    keras.utils.set_random_seed(seed)
    steps = len(train)
    schedule = _schedule(learning_rate, warmup, steps * epochs)
    made = _optimizer(optimizer, schedule, weight_decay, clip_norm, ema_momentum)
    model.compile(made, loss, weighted_metrics=list(metrics), jit_compile=jit_compile)
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True) if made.use_ema else None
    progress = Progress(
        Path(directory) / "checkpoint.weights.h5", swap, monitor, patience
    )
    first_epoch = progress.restore(model, epochs=epochs, steps=steps, seed=seed)
    if first_epoch and verbose:
        print(f"Going on after epoch {first_epoch} of {epochs}.")
    for _ in range(first_epoch):  # each draws the order of one epoch that is done
        iter(train)
    model.fit(
        train.repeat(),  # with it, Keras makes one iterator of `train` per epoch
        steps_per_epoch=steps,
        epochs=epochs,
        initial_epoch=first_epoch,
        validation_data=validation,
        callbacks=[swap, progress] if swap else [progress],
        shuffle=False,  # Keras would warn that it cannot
        verbose=verbose,
    )
    return progress.history


def _schedule(learning_rate, warmup, steps):
    if isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        return learning_rate
    rise = max(1, round(warmup * steps))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - rise), warmup_target=learning_rate, warmup_steps=rise
    )


def _optimizer(name, schedule, weight_decay, clip_norm, ema_momentum):
    options = {
        "weight_decay": weight_decay or None,  # decoupled: with it, Adam is AdamW
        "global_clipnorm": clip_norm,
        "use_ema": ema_momentum is not None,
    }
    if ema_momentum is not None:
        options["ema_momentum"] = ema_momentum
    if name == "adam":
        return keras.optimizers.Adam(schedule, **options)
    if name == "muon":
        # its own default would be a decay that nobody asked for
        options["adam_weight_decay"] = options["weight_decay"]
        # the doubled bias of a GRU is two vectors, and no matrix
        options["exclude_layers"] = ["logits", "bias$"]
        return keras.optimizers.Muon(schedule, **options)
    raise ValueError(
        f'`optimizer` must be "adam" or "muon". Received: optimizer={name}'
    )
