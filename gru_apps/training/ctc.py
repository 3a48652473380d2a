"""Connectionist temporal classification: a loss for labels without their times."""

import warnings

import keras
from keras import ops

from gru_apps.training.shapes import weights_of

CERTAIN = 5e3  # a blank ahead by this much is one of padding


@keras.saving.register_keras_serializable(package="gru_apps")
class CTC(keras.losses.Loss):
    """The negative log-probability of all paths that read as the labels.

    Targets are labels `(batch, labels)` from 1, padded with 0 or -1; logits are
    `(batch, frames, 1 + labels)`, the first of them the blank's, and those of frames of
    padding certainly blank, as `build_frame_classifier` makes them. Frames that a Keras
    mask of the logits hides are blank, too. The same numbers as those of
    `keras.losses.CTC`, by a kernel that takes a fraction of its time on a CPU; under
    XLA and on other backends than TensorFlow, which have no such kernel, by the same
    way as Keras.

    A row with more labels than its frames can say, where two alike need a blank between
    them, or with a label that has no logit, cannot be read: it is left out, as if by a
    mask, with a warning, which XLA and other backends swallow. What is NaN stays NaN.
    Raises `ValueError` for other shapes.

    Reference: Graves et al., 2006, doi:10.1145/1143844.1143891.

    >>> logits = keras.ops.zeros((1, 2, 3))  # three of nine paths: 1 1, 0 1, 1 0
    >>> round(float(CTC()([[1, 0]], logits)), 4)  # log 3
    1.0986
    """

    def __init__(self, name="ctc", **kwargs):
        super().__init__(name=name, **kwargs)

    def __call__(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        y_true = _rows(y_true, y_pred)
        if mask is not None:  # Keras would multiply losses of rows by it
            blank = ops.equal(ops.arange(ops.shape(y_pred)[2]), 0)
            hidden = ops.cast(-2 * CERTAIN, y_pred.dtype)
            y_pred = ops.where(mask[:, :, None] | blank, y_pred, hidden)
        if sample_weight is not None:
            sample_weight = weights_of(ops.ones(ops.shape(y_pred)[:1]), sample_weight)
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true, y_pred):
        labels, logits = _compact(y_true), ops.cast(y_pred, "float32")
        readable, tight = _readable(labels, logits)
        # the kernel refuses rows without labels: such a row has one path, all blank
        silent = ops.all(ops.equal(labels, 0), axis=1)
        first = ops.cast(ops.equal(ops.arange(ops.shape(labels)[1]), 0), "int32")
        losses = _losses(
            ops.where((silent | ~readable)[:, None], first, labels), logits
        )
        blank = -ops.sum(ops.log_softmax(logits)[:, :, 0], axis=1)
        losses = ops.where(silent, blank, losses)
        # where a hole in the frames is the blank between two alike, the loss tells
        readable = readable & ~(tight & (losses >= CERTAIN))
        losses = ops.where(readable, losses, 0.0)
        try:
            losses._keras_mask = _warned(readable)  # by it Keras's means leave rows out
        except AttributeError:  # tensors of JAX carry no mask
            share = ops.mean(ops.cast(readable, losses.dtype))
            losses = losses / ops.where(share > 0, share, 1.0)
        return losses


def _rows(labels, logits):
    """Returns labels as `(batch, labels)`, one for each row of logits."""
    given, wanted = tuple(labels.shape), tuple(logits.shape)
    if len(given) == 1:
        labels = ops.expand_dims(labels, axis=-1)
    elif len(given) == 3 and given[-1] == 1:
        labels = ops.squeeze(labels, axis=-1)
    batches = {n for n in (labels.shape[0], wanted[0]) if n is not None}
    if len(labels.shape) != 2 or len(wanted) != 3 or len(batches) > 1:
        raise ValueError(
            "Labels must be `(batch, labels)` and logits `(batch, frames, 1 + labels)`."
            f" Received: shapes={given} and {wanted}"
        )
    return labels


def _compact(labels):
    """Brings labels to the left of padding, and at least one of padding at the end."""
    labels = ops.pad(ops.maximum(ops.cast(labels, "int32"), 0), [[0, 0], [0, 1]])
    places = ops.arange(ops.shape(labels)[1], dtype="int32")
    behind = ops.cast(ops.equal(labels, 0), "int32") * ops.shape(labels)[1]
    return ops.take_along_axis(labels, ops.argsort(places + behind, axis=1), axis=1)


def _readable(labels, logits):
    """Tells which rows some path can read as, and which only with a hole as a blank."""
    real = ops.not_equal(labels, 0)
    repeats = ops.equal(labels[:, 1:], labels[:, :-1]) & real[:, 1:]
    number = ops.sum(ops.cast(real, "int32"), axis=1)
    needed = number + ops.sum(ops.cast(repeats, "int32"), axis=1)
    of_labels, least = logits[:, :, 1:], logits[:, :, :1] - CERTAIN
    # NaN is heard, and stays NaN; not "~(a <= b)", of which TensorFlow makes "a > b"
    heard = (of_labels > least) | ops.isnan(of_labels) | ops.isnan(least)
    heard = ops.any(heard, axis=2)
    before = ops.concatenate([ops.zeros_like(heard[:, :1]), heard[:, :-1]], axis=1)
    begins = heard & ~before
    heard = ops.sum(ops.cast(heard, "int32"), axis=1)
    holes = ops.maximum(ops.sum(ops.cast(begins, "int32"), axis=1) - 1, 0)
    known = ops.all(labels < ops.shape(logits)[2], axis=1)
    readable = known & (number <= heard) & (needed <= heard + holes)
    return readable, needed > heard


def _losses(labels, logits):
    if keras.backend.backend() != "tensorflow":
        number = ops.sum(ops.cast(ops.not_equal(labels, 0), "int32"), axis=1)
        length = ops.full((logits.shape[0],), logits.shape[1], "int32")
        return ops.ctc_loss(labels, logits, number, length, mask_index=0)
    return _losses_by_kernel(labels, logits)


def _losses_by_kernel(labels, logits):
    import tensorflow as tf

    batch, frames = ops.shape(logits)[0], ops.shape(logits)[1]
    # the kernels refuse to have no row and no frame
    row, frame = (tf.cast(tf.equal(n, 0), tf.int32) for n in (batch, frames))
    one = tf.one_hot(tf.zeros([row], tf.int32), tf.shape(labels)[1], dtype=tf.int32)
    labels = tf.concat([labels, one], axis=0)
    logits = tf.pad(logits, [[0, row], [0, frame], [0, 0]])
    number = tf.math.count_nonzero(labels, axis=1, dtype=tf.int32)
    xla = _is_compiled()
    losses = tf.nn.ctc_loss(
        labels if xla else tf.sparse.from_dense(labels),  # dense takes a slow way
        logits,
        label_length=number if xla else None,
        logit_length=tf.fill(tf.shape(logits)[:1], tf.shape(logits)[1]),
        logits_time_major=False,
        blank_index=0,
    )
    return losses[:batch]


def _is_compiled():
    """Tells whether TensorFlow compiles the graph with XLA."""
    import tensorflow as tf
    from tensorflow.python.ops import control_flow_util

    graph = tf.compat.v1.get_default_graph()
    return control_flow_util.GraphOrParentsInXlaContext(graph)


def _warned(readable):
    if keras.backend.backend() != "tensorflow" or _is_compiled():
        return readable
    import tensorflow as tf

    missing = tf.math.count_nonzero(~readable)

    def warn():
        with tf.control_dependencies([tf.py_function(_warn, [missing], [])]):
            return tf.identity(readable)

    return tf.cond(missing > 0, warn, lambda: tf.identity(readable))


def _warn(missing):
    warnings.warn(
        f"CTC left out {int(missing)} rows with more labels than their frames can say, "
        "or with a label that has no logit.",
        stacklevel=2,
    )
