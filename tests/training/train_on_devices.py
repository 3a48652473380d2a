"""Trains the same small model on devices of a kind, for `test_devices.py`.

python train_on_devices.py KIND FOLDER, where KIND is one of

- `one`: the backend's first device;
- `two`: two logical devices of the CPU, on TensorFlow by `MirroredStrategy`, on JAX by
  `DataParallel`;
- `join PLACE NUMBER PORT SECONDS`: one process of several, joined on loopback within so
  many seconds;
- `slurm`: the same, joined as the variables of Slurm say.

Prints what each epoch measured, and what the weights add up to, as JSON. With
KILL_AFTER set, the process ends as if killed after so many epochs.
"""

import contextlib
import json
import os
import signal
import sys

KIND, FOLDER, *REST = sys.argv[1:] if __name__ == "__main__" else ["one", ""]
if KIND == "two":
    os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
if KIND == "slurm":
    import jax

    jax.distributed.initialize(initialization_timeout=120)
if KIND == "join":
    import jax

    place, number, port, seconds = map(int, REST)
    jax.distributed.initialize(
        f"127.0.0.1:{port}",
        number,
        place,
        initialization_timeout=seconds,
        heartbeat_timeout_seconds=20,
    )

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

import gru_apps  # noqa: E402
import gru_apps.training.fitting  # noqa: E402
from gru_apps import training  # noqa: E402

IDS = np.random.default_rng(0).integers(1, 9, size=(15, 4)).astype("int32")


def strategy():
    """Returns what has the scope that a model for the devices is built in, or none."""
    if KIND == "one":
        return None
    if keras.backend.backend() == "jax":
        keras.distribution.set_distribution(keras.distribution.DataParallel())
        return None
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], two
    )
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


def kill_after(epochs):
    class Killer(training.checkpoints.Progress):
        def on_epoch_end(self, epoch, logs=None):
            super().on_epoch_end(epoch, logs)
            if epoch + 1 == epochs:
                os.kill(os.getpid(), signal.SIGKILL)

    training.fitting.Progress = Killer


def main():
    is_jax = keras.backend.backend() == "jax"
    # replicas of TensorFlow drop out and clip apart, and weigh their means the same
    rows = IDS if is_jax else IDS[:12]
    share = 0.2 * is_jax
    keras.utils.set_random_seed(1)
    with getattr(strategy(), "scope", contextlib.nullcontext)():
        options = {"units": 4, "dropout": share, "output_dropout": share}
        options["bidirectional"] = is_jax  # TensorFlow makes a graph for each replica
        model = gru_apps.build_text_classifier(9, 3, **options)
    if "KILL_AFTER" in os.environ:
        kill_after(int(os.environ["KILL_AFTER"]))
    history = gru_apps.fit(
        model,
        gru_apps.batches((rows, rows[:, 0] % 3), 4, seed=0),
        gru_apps.batches((IDS[:12], IDS[:12, 0] % 3), 4),
        directory=FOLDER,
        epochs=3,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        learning_rate=0.03,
        clip_norm=1.0 if is_jax else None,
        verbose=2,
    )
    weights = [float(np.abs(w).sum()) for w in model.get_weights()]
    print(json.dumps({"history": history, "weights": weights}))


if __name__ == "__main__":
    main()
