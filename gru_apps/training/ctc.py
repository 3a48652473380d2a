"""Connectionist temporal classification: a loss for labels without their times."""

import warnings

import keras
import tensorflow as tf
from keras import ops

CERTAIN = 5e3  # a blank ahead by this much is one of padding


@keras.saving.register_keras_serializable(package="gru_apps")
class CTC(keras.losses.Loss):
    """The negative log-probability of all paths that read as the labels.

    Targets are labels `(batch, labels)` from 1, padded with 0 or -1; logits are
    `(batch, frames, 1 + labels)`, the first of them the blank's, and those of frames of
    padding certainly blank, as `build_frame_classifier` makes them. The same numbers as
    those of `keras.losses.CTC`, by a kernel that takes a fraction of its time on a CPU.

    A row with more labels than its frames can say, where two alike need a blank between
    them, cannot be read: it is left out with a warning, and the mean is of the others.
    The kernel is not one of XLA's: compile with `jit_compile=False`, or "auto".

    Reference: Graves et al., 2006, doi:10.1145/1143844.1143891.

    >>> logits = keras.ops.zeros((1, 2, 3))  # three of nine paths: 1 1, 0 1, 1 0
    >>> round(float(CTC()([[1, 0]], logits)), 4)  # log 3
    1.0986
    """

    def __init__(self, name="ctc", **kwargs):
        super().__init__(name=name, **kwargs)

    def call(self, y_true, y_pred):
        labels = ops.maximum(ops.cast(y_true, "int32"), 0)
        logits = ops.cast(y_pred, "float32")
        readable = _readable(labels, logits)
        # the kernel refuses rows without labels: such a row has one path, all blank
        silent = ops.all(ops.equal(labels, 0), axis=1)
        first = ops.cast(ops.equal(ops.arange(ops.shape(labels)[1]), 0), "int32")
        asked = ops.where((silent | ~readable)[:, None], first, labels)
        losses = tf.nn.ctc_loss(
            tf.sparse.from_dense(asked),  # dense labels take a slow way
            logits,
            label_length=None,
            logit_length=ops.full(ops.shape(logits)[:1], ops.shape(logits)[1], "int32"),
            logits_time_major=False,
            blank_index=0,
        )
        blank = -ops.sum(ops.log_softmax(logits)[:, :, 0], axis=1)
        losses = ops.where(readable, ops.where(silent, blank, losses), 0.0)
        number = ops.sum(ops.cast(readable, "float32"))
        share = ops.cast(ops.shape(labels)[0], "float32") / ops.maximum(number, 1.0)
        return losses * share


def _readable(labels, logits):
    """Tells which rows some path reads as, and warns of the others."""
    repeats = ops.equal(labels[:, 1:], labels[:, :-1]) & ops.not_equal(labels[:, 1:], 0)
    needed = ops.sum(ops.cast(ops.not_equal(labels, 0), "int32"), axis=1)
    needed = needed + ops.sum(ops.cast(repeats, "int32"), axis=1)
    # not "heard if above": NaN is above nothing, and must stay NaN in the loss
    silent = ops.max(logits[:, :, 1:], axis=2) <= logits[:, :, 0] - CERTAIN
    heard = ops.logical_not(silent)
    readable = ops.sum(ops.cast(heard, "int32"), axis=1) >= needed
    missing = tf.math.count_nonzero(~readable)

    def warn():
        with tf.control_dependencies([tf.py_function(_warn, [missing], [])]):
            return tf.identity(readable)

    return tf.cond(missing > 0, warn, lambda: tf.identity(readable))


def _warn(missing):
    warnings.warn(
        f"CTC left out {int(missing)} rows with more labels than their frames can say.",
        stacklevel=2,
    )
