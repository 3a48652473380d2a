"""One `fit` for every model, which goes on where it was killed."""

import contextlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from gru_apps.training.batching import batches, whole_number
from gru_apps.training.building import build_all, no_batch_drawn
from gru_apps.training.checkpoints import History, Progress
from gru_apps.training.devices import (
    check_agreement,
    processes,
    shared_out,
    shared_out_once,
    strategy_scope,
)
from gru_apps.training.examples import batches_of, is_loader
from gru_apps.training.fingerprints import Fingerprint
from gru_apps.training.locks import locked
from gru_apps.training.optimizers import optimizer_of, schedule_of


def fit(
    model: keras.Model,
    train,
    validation,
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
    mode: str = "auto",
    seed: int = 0,
    seconds: float | None = None,
    jit_compile: bool | str = False,
    verbose: str | int = "auto",
) -> History:
    """Trains, leaves the best epoch's weights in `model`, and returns the history.

    `train` and `validation` are datasets of batches, `train` of a known number; or a
    `keras.utils.PyDataset` or a `DataLoader` of PyTorch; or arrays, ragged tensors or
    lists as `batches` takes them, in batches of 32. `optimizer` is "adam"
    (arXiv:1412.6980), or "muon", which makes the update of each matrix orthogonal
    (arXiv:2502.16982) and leaves embeddings, the layer `logits` and vectors to Adam: it
    often learns more from as many batches. The learning rate rises from 0 to
    `learning_rate` during the share `warmup` of all steps, one at least, and falls
    along a cosine to 0, unless it is a schedule. `weight_decay` is decoupled, as in
    AdamW; `clip_norm` clips the norm of the whole gradient. `seed` sets the random
    state of the whole process, so that models built after `fit` begin alike, unless you
    set another. Training ends `patience` epochs after the best `monitor`: `mode` is
    "min", "max", or "auto", as Keras tells them. A loss that is not finite ends it with
    a warning, and the best weights; the first batch after so many `seconds`, if they
    are given, ends it amidst an epoch. With `ema_momentum`, validation and the best
    weights are those of a moving average. Sample weights count in metrics, too. JAX
    always compiles, TensorFlow with `jit_compile`, or where it can with "auto".

    All devices of a `keras.distribution.DataParallel` (JAX), or of the strategy in
    whose scope the model was built (TensorFlow), take a share of each batch. With JAX,
    those of several processes do: all of them call `fit` with the same data, and with a
    `directory` that all of them see; the first one writes. A batch that cannot be
    shared evenly is filled with rows of weight 0, and averages over an epoch count it
    as a full one. Each replica of TensorFlow takes a mean of its own rows, and clips
    its own gradient.

    After each epoch a checkpoint is written into `directory`. Killed and called again
    with the same arguments, `train` made anew in the same way, it goes on after the
    last finished epoch and ends as it would have, the seconds of `History` included. A
    checkpoint that is damaged or of another run is not used, with a warning: the data
    of the first epoch, the model's layers, loss, metrics and optimizer, code included,
    must be the same, and what cannot be compared is said. A finished run deletes its
    own, unless it is part of an execution by `python -m gru_apps run`, which deletes
    all of a notebook once that has come to its end.

    Raises `ValueError` for arguments out of range, data without batches or an end, a
    `monitor` that is not measured (after the first epoch), if another training goes on
    in `directory`, and if processes do not see the same there;
    `OSError`, the last checkpoint kept, if one cannot be written.
    """
    epochs = whole_number("epochs", epochs, 1)
    patience = whole_number("patience", patience, 0)
    seed = whole_number("seed", seed, 0, below=2**32)
    _check_ranges(warmup, weight_decay, clip_norm, ema_momentum, mode)
    process, number = processes()
    if seconds is not None and number > 1:  # their clocks would stop them apart
        raise ValueError(
            f"`seconds` are those of one process. Received: {number} processes"
        )
    keras.utils.set_random_seed(seed)
    redraw = {
        name
        for name, data in [("train", train), ("validation", validation)]
        if is_loader(data)  # which may count its epochs
    }
    train, validation = _batches(train, seed), _batches(validation, None)
    steps = _steps(train, validation)
    recipe = [optimizer, learning_rate, warmup, weight_decay, clip_norm, ema_momentum]
    arguments, unknown = _fingerprints(
        loss=loss, metrics=list(metrics), optimizer=[*recipe, jit_compile]
    )
    schedule = schedule_of(learning_rate, warmup, steps * epochs)
    lock = locked(Path(directory)) if process == 0 else contextlib.nullcontext()
    with lock, strategy_scope(model):
        made = optimizer_of(optimizer, schedule, weight_decay, clip_norm, ema_momentum)
        model.compile(
            made,
            loss,
            weighted_metrics=list(metrics),
            # step by step, JAX would take a hundred times as long
            jit_compile=jit_compile or keras.backend.backend() == "jax",
        )
        build_all(model, train.element_spec)
        described, more = _fingerprints(model=model)
        arguments |= described | {"epochs": epochs, "steps": steps, "seed": seed}
        arguments |= {"monitor": monitor, "patience": patience, "mode": mode}
        averages = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
        swap = averages if made.use_ema else None
        path = Path(directory) / "checkpoint.weights.h5"
        progress = Progress(path, swap, monitor, patience, mode, writes=process == 0)
        first_epoch = progress.restore(
            model,
            {"train": train, "validation": validation},
            arguments,
            unknown + more,
            redraw=redraw,
        )
        check_agreement(first_epoch, directory)
        if first_epoch and verbose and process == 0:
            print(f"Going on after epoch {first_epoch} of {epochs}.")
        data = {name: shared_out(d) for name, d in progress.datasets().items()}
        with no_batch_drawn(model, data["train"].element_spec), shared_out_once():
            model.fit(
                # with `repeat`, Keras makes one iterator of `train` per epoch
                data["train"].repeat(),
                steps_per_epoch=steps,
                epochs=epochs,
                initial_epoch=first_epoch,
                validation_data=data["validation"],
                callbacks=[*([swap] if swap else []), progress, *_deadline(seconds)],
                shuffle=False,  # Keras would warn that it cannot
                verbose=verbose if process == 0 else 0,
            )
    return progress.history


class _Deadline(keras.callbacks.Callback):
    def __init__(self, seconds):
        super().__init__()
        self.end = time.monotonic() + seconds

    def on_train_batch_end(self, batch, logs=None):
        if time.monotonic() > self.end:
            self.model.stop_training = True


def _deadline(seconds):
    if seconds is None:
        return []
    if not seconds > 0:
        raise ValueError(f"`seconds` must be above 0. Received: seconds={seconds}")
    return [_Deadline(seconds)]


def _fingerprints(**parts):
    prints = {name: Fingerprint(part) for name, part in parts.items()}
    unknown = [f"{name}: {what}" for name, p in prints.items() for what in p.unknown]
    return {name: p.digest for name, p in prints.items()}, unknown


def _check_ranges(warmup, weight_decay, clip_norm, ema_momentum, mode):
    ranges = [
        ("warmup", warmup, "within 0..1", lambda v: 0 <= v <= 1),
        ("weight_decay", weight_decay, "0 or more", lambda v: v >= 0),
        ("clip_norm", clip_norm, "above 0, or None", lambda v: v is None or v > 0),
        ("ema_momentum", ema_momentum, "in [0, 1)", lambda v: v is None or 0 <= v < 1),
        ("mode", mode, '"auto", "min" or "max"', {"auto", "min", "max"}.__contains__),
    ]
    for name, value, words, holds in ranges:
        if not holds(value):
            raise ValueError(f"`{name}` must be {words}. Received: {name}={value}")


def _batches(data, seed):
    if isinstance(data, tf.data.Dataset):
        return data
    if is_loader(data):
        return batches_of(data)
    return batches(data, 32, seed=seed)  # as many as Keras takes


def _steps(train, validation):
    """The batches of an epoch; refuses data that have none, or no end."""
    number, most = int(train.cardinality()), int(validation.cardinality())
    if number < 1:
        kinds = {0: "none", tf.data.INFINITE_CARDINALITY: "batches without an end"}
        raise ValueError(
            "`train` must have a number of batches that is known, of at least 1: "
            "`take` some, or tell it with tf.data.experimental.assert_cardinality. "
            f"Received: {kinds.get(number, 'an unknown number')}"
        )
    if most in (0, tf.data.INFINITE_CARDINALITY):
        received = "batches without an end" if most else "none"
        raise ValueError(
            f"`validation` must have batches, and an end. Received: {received}"
        )
    return number
