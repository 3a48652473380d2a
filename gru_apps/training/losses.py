"""Losses of sequences, which leave out by weight what is not there."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="gru_apps")
class SequenceCrossEntropy(keras.losses.Loss):
    """Averages the cross-entropy of token logits over the real tokens of a batch.

    Targets are ids `(batch, length)` with 0 for padding, which counts for nothing;
    logits are `(batch, length, vocabulary_size)`. `label_smoothing` moves that share
    of a target's probability evenly onto all ids (arXiv:1512.00567, section 7).

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
        weights = token_weights(y_true, sample_weight)
        return super().__call__(y_true, y_pred, weights)

    def call(self, y_true, y_pred):
        if not self.label_smoothing:
            return ops.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)
        size = y_pred.shape[-1]  # this one-hot costs less than any way around it
        smooth = ops.one_hot(ops.cast(y_true, "int32"), size, dtype=y_pred.dtype)
        smooth = smooth * (1 - self.label_smoothing) + self.label_smoothing / size
        return ops.categorical_crossentropy(smooth, y_pred, from_logits=True)

    def get_config(self):
        return {"label_smoothing": self.label_smoothing, "name": self.name}


@keras.saving.register_keras_serializable(package="gru_apps")
class PinballLoss(keras.losses.Loss):
    """Averages `max(q e, (q - 1) e)` over quantiles q, where `e` is target - forecast.

    Its least expectation is at the true quantiles; that of 0.5 is half the absolute
    error. Targets are `(batch, horizon)`, NaN where they are missing, which count for
    nothing; forecasts are `(batch, horizon, quantiles)`.

    Reference: Koenker and Bassett, 1978, doi:10.2307/1913643.

    >>> loss = PinballLoss([0.5, 0.9])
    >>> round(float(loss([[3.0, float("nan")]], [[[1.0, 1.0], [0.0, 0.0]]])), 4)
    1.4
    """

    def __init__(self, quantiles, name="pinball_loss"):
        super().__init__(name=name, reduction="mean_with_sample_weight")
        self.quantiles = [float(quantile) for quantile in quantiles]

    def __call__(self, y_true, y_pred, sample_weight=None):
        y_true = ops.convert_to_tensor(y_true, "float32")
        known = ops.logical_not(ops.isnan(y_true))
        weights = _weights(known, sample_weight)
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


@keras.saving.register_keras_serializable(package="gru_apps")
class CTC(keras.losses.Loss):
    """The negative log-probability of all paths that read as the labels.

    Targets are labels `(batch, labels)` from 1, padded with 0; logits are `(batch,
    frames, 1 + labels)`, the first of them the blank's, and those of frames of padding
    certainly blank, as `build_frame_classifier` makes them. The same numbers as those
    of `keras.losses.CTC`, by a kernel that takes a fraction of its time on a CPU.
    What no path reads as, because the frames are too few, has an infinite loss.

    Reference: Graves et al., 2006, doi:10.1145/1143844.1143891.

    >>> logits = keras.ops.zeros((1, 2, 3))  # three of nine paths: 1 1, 0 1, 1 0
    >>> round(float(CTC()([[1, 0]], logits)), 4)  # log 3
    1.0986
    """

    def __init__(self, name="ctc", **kwargs):
        super().__init__(name=name, **kwargs)

    def call(self, y_true, y_pred):
        labels, logits = ops.cast(y_true, "int32"), ops.cast(y_pred, "float32")
        # the kernel refuses rows without labels: such a row has one path, all blank
        silent = ops.all(ops.equal(labels, 0), axis=1)
        first = ops.equal(ops.arange(ops.shape(labels)[1]), 0)
        labels = ops.where(silent[:, None] & first, 1, labels)
        losses = tf.nn.ctc_loss(
            tf.sparse.from_dense(labels),  # dense labels take a slow way
            logits,
            label_length=None,
            logit_length=ops.full(ops.shape(logits)[:1], ops.shape(logits)[1], "int32"),
            logits_time_major=False,
            blank_index=0,
        )
        blank = -ops.sum(ops.log_softmax(logits)[:, :, 0], axis=1)
        return ops.where(silent, blank, losses)


def token_weights(targets, sample_weight=None):
    """Returns weights of 0 for padding, and what `sample_weight` says for the rest."""
    return _weights(ops.not_equal(targets, 0), sample_weight)


def _weights(known, sample_weight):
    weights = ops.cast(known, "float32")
    if sample_weight is None:
        return weights
    sample_weight = ops.cast(sample_weight, "float32")
    per_example = len(sample_weight.shape) < len(weights.shape)
    return weights * (sample_weight[:, None] if per_example else sample_weight)
