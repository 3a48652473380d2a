"""Losses of sequences, which leave out by weight what is not there."""

import itertools

import keras
from keras import ops

from gru_apps.training.shapes import aligned, known_ids, weights_of


@keras.saving.register_keras_serializable(package="gru_apps")
class SequenceCrossEntropy(keras.losses.Loss):
    """Averages the cross-entropy of token logits over the real tokens of a batch.

    Targets are ids `(batch, length)`, or with a last axis of 1, with 0 or -1 for
    padding, which counts for nothing; logits are `(batch, length, vocabulary_size)`.
    Any other shape is a `ValueError`. `label_smoothing` moves that share of a target's
    probability evenly onto all ids (arXiv:1512.00567, section 7).

    >>> loss = SequenceCrossEntropy()
    >>> round(float(loss([[3, 0, 0]], keras.ops.zeros((1, 3, 4)))), 4)  # log 4
    1.3863
    """

    def __init__(self, label_smoothing=0.0, name="sequence_cross_entropy"):
        super().__init__(name=name, reduction="mean_with_sample_weight")
        if not 0 <= label_smoothing < 1:
            raise ValueError(
                "`label_smoothing` must be in [0, 1). "
                f"Received: label_smoothing={label_smoothing}"
            )
        self.label_smoothing = label_smoothing

    def __call__(self, y_true, y_pred, sample_weight=None):
        y_pred = ops.convert_to_tensor(y_pred)
        y_true, known = known_ids(y_true, y_pred)
        weights = weights_of(known, sample_weight)
        return super().__call__(y_true, y_pred, weights)

    def call(self, y_true, y_pred):
        if not self.label_smoothing:
            return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)
        size = y_pred.shape[-1]  # this one-hot costs less than any way around it
        ids = ops.cast(y_true, "int32")
        smooth = ops.one_hot(ids, size, dtype=y_pred.dtype)
        smooth = smooth * (1 - self.label_smoothing) + self.label_smoothing / size
        losses = ops.categorical_crossentropy(smooth, y_pred, from_logits=True)
        # the row of an id that there is not would be smooth and nothing else
        return ops.where((ids >= 0) & (ids < size), losses, float("nan"))

    def get_config(self):
        return {"label_smoothing": self.label_smoothing, "name": self.name}


@keras.saving.register_keras_serializable(package="gru_apps")
class PinballLoss(keras.losses.Loss):
    """Averages `max(q e, (q - 1) e)` over quantiles q, where `e` is target - forecast.

    Its least expectation is at the true quantiles; that of 0.5 is half the absolute
    error. `quantiles` rise within 0..1. Forecasts are `(batch, horizon, quantiles)` or,
    of several series, `(batch, horizon, series, quantiles)`; targets are the same
    without quantiles. An axis of 1 may be added or left out at the end of targets. NaN
    in targets is missing, and counts for nothing; infinity does count, and leaves no
    finite loss. Raises `ValueError` for other quantiles and other shapes.

    Reference: Koenker and Bassett, 1978, doi:10.2307/1913643.

    >>> loss = PinballLoss([0.5, 0.9])
    >>> round(float(loss([[3.0, float("nan")]], [[[1.0, 1.0], [0.0, 0.0]]])), 4)
    1.4
    """

    def __init__(self, quantiles, name="pinball_loss"):
        super().__init__(name=name, reduction="mean_with_sample_weight")
        self.quantiles = [float(quantile) for quantile in quantiles]
        bounds = [0.0, *self.quantiles, 1.0]
        rising = [low < high for low, high in itertools.pairwise(bounds)]
        if not self.quantiles or not all(rising):
            raise ValueError(
                "`quantiles` must rise within 0..1, both left out. "
                f"Received: quantiles={quantiles}"
            )

    def __call__(self, y_true, y_pred, sample_weight=None):
        y_pred = ops.convert_to_tensor(y_pred)
        if y_pred.shape[-1] not in (None, len(self.quantiles)):
            raise ValueError(
                f"Forecasts must have {len(self.quantiles)} quantiles on their last "
                f"axis. Received: shape={tuple(y_pred.shape)}"
            )
        if y_pred.shape[-1] is None:  # in a graph of TensorFlow
            y_pred = _with_last_axis(y_pred, len(self.quantiles))
        y_true = aligned(ops.cast(y_true, "float32"), y_pred)
        known = ops.logical_not(ops.isnan(y_true))
        weights = weights_of(known, sample_weight)
        # NaN would stay NaN, whatever its weight
        return super().__call__(ops.where(known, y_true, 0.0), y_pred, weights)

    def call(self, y_true, y_pred):
        y_pred = ops.convert_to_tensor(y_pred)
        quantiles = ops.convert_to_tensor(self.quantiles, y_pred.dtype)
        errors = ops.cast(y_true, y_pred.dtype)[..., None] - y_pred
        losses = ops.maximum(quantiles * errors, (quantiles - 1) * errors)
        return ops.mean(losses, axis=-1)

    def get_config(self):
        return {"quantiles": self.quantiles, "name": self.name}


def _with_last_axis(tensor, size):
    import tensorflow as tf  # shapes are known with every other backend

    return tf.ensure_shape(tensor, [None] * (len(tensor.shape) - 1) + [size])
