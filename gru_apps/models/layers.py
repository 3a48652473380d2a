"""The layers Keras lacks, composed from those it has."""

import keras
import numpy as np
from keras import layers, ops

MASKED = -1e4  # a score that no softmax sees, and that float16 can still hold


def lowest(dtype):
    """Returns a number that no finite one of `dtype` is below, but for rounding."""
    # that of bfloat16, which is nearly that of float32
    return -65504.0 if keras.backend.standardize_dtype(dtype) == "float16" else -3.3e38


def over_steps(layer, x):
    """Calls a layer of the last axis, a dense one say, with `x` `(batch, steps, dim)`.

    Keras takes a dozen operations for it, and for `(batch, dim)` one: a single step,
    which a search takes again and again, goes without its axis.

    >>> over_steps(layers.Dense(4), keras.ops.ones((2, 1, 3))).shape == (2, 1, 4)
    True
    """
    return layer(x[:, 0])[:, None] if x.shape[1] == 1 else layer(x)


class _Attention(layers.Layer):
    """Averages memory by the scores of a subclass, which leave padding out."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"`units` must be at least 1. Received: units={units}")
        self.units = units
        self.supports_masking = True  # by an argument; Keras would warn

    def compute_mask(self, query, previous_mask):
        return None

    def dense(self, units, **options):
        """Makes a part, which computes in the precision of the whole."""
        return layers.Dense(units, dtype=self.dtype_policy, **options)

    def call(self, query, memory, memory_mask):
        # what stands at padding, NaN perhaps, must not come through a gradient either
        memory = ops.where(memory_mask[:, :, None], memory, 0.0)
        scores = self.scores(query, memory)
        mask = memory_mask[:, None, :]
        scores = ops.where(mask, scores, lowest(scores.dtype))
        weights = ops.where(mask, ops.softmax(scores, axis=-1), 0.0)
        return ops.matmul(weights, memory), weights

    def get_config(self):
        return super().get_config() | {"units": self.units}


@keras.saving.register_keras_serializable(package="gru_apps")
class BahdanauAttention(_Attention):
    """Averages memory by relevance to each query: scores `v . tanh(W_q q + W_m m)`.

    `query` is `(batch, steps, query_dim)`, `memory` `(batch, length, memory_dim)` and
    `memory_mask` booleans `(batch, length)`. Returns `context` `(batch, steps,
    memory_dim)` and `weights` `(batch, steps, length)`, whose rows sum to one; over a
    memory of padding alone all are 0. What stands at padding changes nothing. Weights:
    `W_q` `(query_dim, units)`, `W_m` `(memory_dim, units)` with a bias, `v` `(units,
    1)`.

    Reference: Bahdanau et al., 2015, arXiv:1409.0473, section A.1.2.

    >>> query, memory = keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 5, 6))
    >>> mask = keras.ops.ones((2, 5), "bool")
    >>> context, weights = BahdanauAttention(7)(query, memory, mask)
    >>> context.shape == (2, 3, 6), weights.shape == (2, 3, 5)
    (True, True)
    """

    def build(self, query_shape, memory_shape, memory_mask_shape):
        self.query_dense = self.dense(self.units, use_bias=False, name="query")
        self.memory_dense = self.dense(self.units, name="memory")
        self.score_dense = self.dense(1, use_bias=False, name="score")
        self.query_dense.build(query_shape)
        self.memory_dense.build(memory_shape)
        self.score_dense.build((None, self.units))

    def scores(self, query, memory):
        query = over_steps(self.query_dense, query)[:, :, None, :]
        memory = self.memory_dense(memory)[:, None, :, :]
        return self.score_dense(ops.tanh(query + memory))[..., 0]


@keras.saving.register_keras_serializable(package="gru_apps")
class DotProductAttention(_Attention):
    """Averages memory by relevance to each query: scores `W_q q . W_m m / sqrt(units)`.

    Shapes, and what it returns, are those of `BahdanauAttention`.

    Reference: Luong et al., 2015, arXiv:1508.04025, section 3.1 ("general"); the scale
    is that of Vaswani et al., 2017, arXiv:1706.03762, section 3.2.1.
    """

    def build(self, query_shape, memory_shape, memory_mask_shape):
        self.query_dense = self.dense(self.units, use_bias=False, name="query")
        self.memory_dense = self.dense(self.units, use_bias=False, name="memory")
        self.query_dense.build(query_shape)
        self.memory_dense.build(memory_shape)

    def scores(self, query, memory):
        query = over_steps(self.query_dense, query) / self.units**0.5
        dense = self.memory_dense
        if query.shape[1] == 1 and dense.quantization_mode is None:
            # W_m moves to the query: one vector, where the memory has many
            query = ops.matmul(query[:, 0], ops.transpose(dense.kernel))[:, None]
        else:
            memory = dense(memory)
        return ops.einsum("bqu,bmu->bqm", query, memory)


@keras.saving.register_keras_serializable(package="gru_apps")
class MaskedPooling(layers.Layer):
    """Joins the maximum and the mean of a sequence over its steps, padding left out.

    `sequence` is `(batch, steps, dim)`, `sequence_mask` booleans `(batch, steps)`;
    returns `(batch, 2 * dim)`, zeros for a sequence of padding alone. What stands at
    padding changes nothing.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True  # by an argument; Keras would warn

    def compute_mask(self, sequence, previous_mask):
        return None

    def call(self, sequence, sequence_mask):
        mask = sequence_mask[:, :, None]
        # half of float32 does not count beyond 2048
        wide = keras.backend.result_type(sequence.dtype, "float32")
        number = ops.maximum(ops.sum(ops.cast(mask, wide), axis=1), 1)
        # not times 0, which leaves NaN at padding as it is
        mean = ops.sum(ops.cast(ops.where(mask, sequence, 0.0), wide), axis=1) / number
        least = lowest(sequence.dtype)
        highest = ops.where(mask, sequence, least)
        highest = ops.max(highest, axis=1, initial=least)  # of a sequence of no step
        highest = ops.where(ops.any(sequence_mask, axis=1)[:, None], highest, 0)
        return ops.concatenate([highest, ops.cast(mean, sequence.dtype)], axis=-1)


@keras.saving.register_keras_serializable(package="gru_apps")
class FrameNormalization(layers.Normalization):
    """Brings each feature of frames to mean 0 and variance 1 over the training set.

    Input and output are floats `(..., feature_dim)`. A feature that was the same in all
    frames, to a millionth of its size, is only moved to 0: what it deviates by later
    keeps its unit. What was traced before `adapt` keeps the old numbers: adapt before
    the first `predict`, `evaluate` or `fit`, or compile anew.
    """

    def adapt(self, data, mask=None) -> None:
        """Takes mean and variance of frames.

        `data` are frames `(frames, feature_dim)`; padded clips `(batch, frames,
        feature_dim)`, whose frames count where `mask`, booleans `(batch, frames)`, is
        true, or without one where they are not all zeros; or a list, generator or
        dataset of either. Raises `ValueError` for frames of another shape, NaN or
        infinity, and if no frame counts.
        """
        if mask is not None or hasattr(data, "shape"):
            frames = _real_frames(data, mask)
        else:
            frames = [_real_frames(part, None) for part in data]
            frames = np.concatenate(frames) if frames else np.zeros((0, 0))
        if not len(frames):
            raise ValueError("`data` must have frames. Received: none that counts")
        if not np.isfinite(frames).all():
            raise ValueError("`data` must be finite. Received: NaN or infinity")
        super().adapt(frames[None])
        least, most = frames.min(axis=0), frames.max(axis=0)
        # what rounding leaves of a variance is none
        same = most - least <= 1e-6 * np.maximum(abs(least), abs(most))
        mean, variance = map(
            ops.convert_to_numpy, (self.adapt_mean, self.adapt_variance)
        )
        set_scale(self, np.where(same, least, mean), np.where(same, 1, variance))


def set_scale(layer, mean, variance):
    """Gives a `keras.layers.Normalization` what it would have adapted to."""
    layer.adapt_mean.assign(np.reshape(mean, layer.adapt_mean.shape))
    layer.adapt_variance.assign(np.reshape(variance, layer.adapt_mean.shape))
    layer.finalize_state()


def _real_frames(data, mask):
    data = np.asarray(data)
    if data.ndim not in (2, 3) or data.dtype.kind not in "biuf":
        raise ValueError(
            "`data` must be frames `(frames, feature_dim)`, clips `(batch, frames, "
            "feature_dim)` or a list of either. "
            f"Received: data of shape {data.shape} and dtype {data.dtype}"
        )
    data = data * 1.0 if data.dtype.kind == "b" else data
    if data.ndim == 3 and mask is None:
        mask = data.any(axis=-1)
    if mask is None:
        return data
    if np.shape(mask) != data.shape[:-1]:
        raise ValueError(
            f"`mask` must be {data.shape[:-1]}, as `data` is {data.shape}. "
            f"Received: mask of shape {np.shape(mask)}"
        )
    return data[np.asarray(mask, bool)]
