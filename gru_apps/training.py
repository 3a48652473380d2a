"""Batches of like lengths, and one `fit` that goes on where it was killed."""

import hashlib
import json
import os
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

import h5py
import keras
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


def fit(
    model: keras.Model,
    train: tf.data.Dataset,
    validation: tf.data.Dataset,
    *,
    directory: str | os.PathLike,
    epochs: int,
    loss,
    metrics: Sequence = (),
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
) -> dict[str, list[float]]:
    """Trains with Adam, leaves the best epoch's weights in `model`, returns history.

    The learning rate rises to `learning_rate` during the share `warmup` of all steps
    and falls along a cosine to 0, unless it is a schedule. Training ends `patience`
    epochs after the best `monitor`. With `ema_momentum`, validation and the best
    weights are those of a moving average. Sample weights count in metrics, too.

    After each epoch a checkpoint is written into `directory`. Killed and called again
    with the same arguments, `train` made anew in the same way, it goes on after the
    last finished epoch and ends as it would have. A finished run deletes its
    checkpoint; that of another run is not used, with a warning.
    """
    keras.utils.set_random_seed(seed)
    steps = len(train)
    average = {} if ema_momentum is None else {"ema_momentum": ema_momentum}
    optimizer = keras.optimizers.Adam(
        _schedule(learning_rate, warmup, steps * epochs),
        weight_decay=weight_decay or None,  # decoupled: with it, this is AdamW
        global_clipnorm=clip_norm,
        use_ema=bool(average),
        **average,
    )
    model.compile(
        optimizer, loss, weighted_metrics=list(metrics), jit_compile=jit_compile
    )
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True) if average else None
    progress = _Progress(
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


class _Progress(keras.callbacks.EarlyStopping):
    """Early stopping that outlives a kill, with all else that a run goes on from.

    One file holds the weights and the optimizer as Keras writes them, the best
    weights, and the rest as JSON; it replaces the last one in a single step.
    """

    def __init__(self, path, swap, monitor, patience):
        super().__init__(monitor, patience=patience, restore_best_weights=True)
        self.path, self.swap = path, swap
        self.history, self.restored = {}, {}

    def restore(self, model, **arguments) -> int:
        """Loads the checkpoint, if there is one, and returns the first epoch to do."""
        # but for what differs each time a model is built: numbers in names, addresses
        config = re.sub(r'_\d+(?=")|"shared_object_id": \d+', "", model.to_json())
        arguments["model"] = hashlib.sha256(config.encode()).hexdigest()
        self.arguments = arguments | {
            "monitor": self.monitor,
            "patience": self.patience,
        }
        if not self.path.exists():
            return 0
        with h5py.File(self.path) as file:
            state = json.loads(file["progress/json"][()])
            best = [file[f"progress/{i}"][()] for i in range(state["best_weights"])]
        differing = [k for k, v in self.arguments.items() if state["arguments"][k] != v]
        if differing:
            warnings.warn(
                f"{self.path} belongs to a run with other {', '.join(differing)}: "
                "this one starts anew and will replace it.",
                stacklevel=3,
            )
            return 0
        model.optimizer.build(model.trainable_variables)
        model.load_weights(self.path)
        self.history = state["history"]
        self.restored = state["early_stopping"] | {"best_weights": best}
        return self.arguments["epochs"] if state["stopped"] else state["epoch"]

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)  # which forgets the best
        vars(self).update(self.restored)

    def on_epoch_begin(self, epoch, logs=None):
        weights = {id(variable) for variable in self.model.weights}
        seeds = [v for v in self.model.variables if id(v) not in weights]  # of dropout
        for index, variable in enumerate(seeds):
            key = [self.arguments["seed"], epoch, index]
            variable.assign([int(np.random.SeedSequence(key).generate_state(1)[0]), 0])

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        if self.swap:  # the best weights are averages, those to go on with are not
            self.swap.on_epoch_begin(epoch + 1)
        names = ["best", "best_epoch", "wait", "stopped_epoch"]
        state = {
            "arguments": self.arguments,
            "epoch": epoch + 1,
            "stopped": self.model.stop_training,
            "history": self.history,
            "best_weights": len(self.best_weights or ()),
            "early_stopping": {name: getattr(self, name) for name in names},
        }
        self._write(state)

    def _write(self, state):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_name("unfinished.weights.h5")
        self.model.save_weights(unfinished)
        with h5py.File(unfinished, "a") as file:
            file["progress/json"] = json.dumps(state)
            for index, weight in enumerate(self.best_weights or ()):
                file[f"progress/{index}"] = weight
        os.replace(unfinished, self.path)

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        self.path.unlink(missing_ok=True)
