"""Metrics of sequences, which leave out by weight what is not there."""

import keras
from keras import ops

from gru_apps.training.shapes import known_ids, weights_of


class _OverTokens:
    """Makes a Keras metric weigh each real token the same, in whatever batch it is."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        mask = getattr(y_pred, "_keras_mask", None)
        y_pred = ops.cast(ops.convert_to_tensor(y_pred), self.dtype)  # of halves, too
        y_true, known = known_ids(y_true, y_pred)
        weights = weights_of(known, sample_weight)
        if mask is not None:  # as Keras's losses count it, and ours with them
            weights = weights * ops.cast(mask, weights.dtype)
        logits = ops.reshape(y_pred, [-1, y_pred.shape[-1]])
        # flat, for Keras would first average within a row, padding included
        super().update_state(ops.ravel(y_true), logits, ops.ravel(weights))


@keras.saving.register_keras_serializable(package="gru_apps")
class TokenAccuracy(_OverTokens, keras.metrics.SparseCategoricalAccuracy):
    """The share of real tokens, ids but 0 and -1, that have the highest logit.

    Targets and logits are those of `SequenceCrossEntropy`.
    """

    def __init__(self, name="accuracy", **kwargs):
        super().__init__(name=name, **kwargs)


@keras.saving.register_keras_serializable(package="gru_apps")
class TokenCrossEntropy(_OverTokens, keras.metrics.SparseCategoricalCrossentropy):
    """The mean of a real token's negative log-probability in nats, never smoothed.

    Targets and logits are those of `SequenceCrossEntropy`. Its exponential is the
    perplexity. (Keras averages `loss` over batches instead.)
    """

    def __init__(self, name="cross_entropy", from_logits=True, **kwargs):
        super().__init__(name=name, from_logits=from_logits, **kwargs)
