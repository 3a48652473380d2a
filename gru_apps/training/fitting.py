"""One `fit` for every model, which goes on where it was killed."""

import os
from collections.abc import Sequence
from pathlib import Path

import keras
import tensorflow as tf

from gru_apps.training.checkpoints import History, Progress


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
    mode: str = "auto",
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
    `monitor`: `mode` is "min", "max", or "auto", as Keras tells them. A loss that is
    not finite ends it with a warning, and the best weights. With `ema_momentum`,
    validation and the best weights are those of a moving average. Sample weights count
    in metrics, too.

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
        Path(directory) / "checkpoint.weights.h5", swap, monitor, patience, mode
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
