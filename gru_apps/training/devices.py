"""Several devices and processes: strategies of TensorFlow, `keras.distribution`."""

import contextlib

import keras
import numpy as np
import tensorflow as tf


def _distribution():
    """Returns Keras's distribution, None where there is none."""
    is_jax = keras.backend.backend() == "jax"  # elsewhere, Keras keeps but ignores it
    return keras.distribution.distribution() if is_jax else None


def strategy_scope(model: keras.Model):
    """Returns the scope of TensorFlow's strategy that a model was built under."""
    if keras.backend.backend() != "tensorflow":
        return contextlib.nullcontext()
    return model.distribute_strategy.scope()


def processes() -> tuple[int, int]:
    """Returns which of the processes that train together this is, and their number."""
    if _distribution() is None:
        return 0, 1
    import jax

    return jax.process_index(), jax.process_count()


def check_agreement(epoch: int, directory) -> None:
    """Raises `ValueError` if other processes go on after another epoch than this."""
    if processes()[1] == 1:
        return
    from jax.experimental import multihost_utils

    epochs = multihost_utils.process_allgather(np.int32(epoch)).tolist()
    if len({*epochs}) > 1:
        raise ValueError(
            "All processes must see the same files in the directory. "
            f"Received: directory={directory}, to go on from after epochs {epochs}"
        )


def shared_out(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Returns of each batch the rows of this process, as many for each device.

    A batch that cannot be shared evenly is filled up with rows of weight 0. The others
    then weigh as much more as a mean over all rows needs, to be that over them; so the
    mean of a loss is that of the batch, and its gradient too.
    """
    if _distribution() is None:
        return dataset
    devices, (place, number) = _distribution().num_model_replicas, processes()

    def rows_of_process(*batch):
        inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(
            batch if len(batch) > 1 else batch[0]
        )
        rows = tf.shape(tf.nest.flatten(inputs)[0])[0]
        all_rows = rows + -rows % devices
        if weights is None:
            weights = tf.ones([rows])
        share = all_rows // number

        def mine(tensor):
            padding = [[0, all_rows - rows]] + [[0, 0]] * (tensor.shape.rank - 1)
            return tf.pad(tensor, padding)[place * share : (place + 1) * share]

        factor = tf.cast(all_rows / rows, "float32")
        weights = tf.nest.map_structure(
            lambda weight: tf.cast(weight, "float32") * factor, weights
        )
        return tf.nest.map_structure(mine, (inputs, targets, weights))

    return dataset.map(rows_of_process)


@contextlib.contextmanager
def shared_out_once():
    """Keeps Keras from sharing out among processes what has been shared out."""
    spread = _distribution()
    if spread is None:
        yield
        return
    before, spread.auto_shard_dataset = spread.auto_shard_dataset, False
    try:
        yield
    finally:
        spread.auto_shard_dataset = before
