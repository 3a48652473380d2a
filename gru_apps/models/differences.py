"""Frames as what they differ by, so that level and microphone do not matter."""

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.layers import FrameNormalization


@keras.saving.register_keras_serializable(package="gru_apps")
class FrameDifferences(layers.Layer):
    """Tells each frame by what it differs: from the mean so far, and from the last one.

    `frames` are floats `(batch, steps, dim)`, `frames_mask` booleans `(batch, steps)`
    with padding on the right. Returns `(batch, steps, 2 * dim)`: `x[t]` less the mean
    of `x[0]` to `x[t]`, then `x[t] - x[t - 1]`, 0 for the first. Each is brought to
    mean 0 and variance 1 over the training set by `adapt`. What is added to all frames
    of a clip is gone: in cepstra, the level of a recording and the colour of its
    microphone. No answer depends on frames that follow; `step` does the same frame by
    frame.

    Nothing stands before a first frame that it could differ from. `adapt` may put some
    typical frames there: a short clip that begins amidst a word is then understood much
    better, and what is added to all frames fades from what the model reads.

    References: Viikki and Laurila, 1998, doi:10.1016/S0167-6393(98)00033-8, for the
    mean; Furui, 1986, doi:10.1109/TASSP.1986.1164788, for the change; the online
    normalization of Kaldi, https://kaldi-asr.org/doc/online_decoding.html, for frames
    before the first.

    >>> layer, frames = FrameDifferences(), keras.random.normal((1, 9, 3))
    >>> mask = keras.ops.ones((1, 9), "bool")
    >>> layer(frames, mask).shape
    TensorShape([1, 9, 6])
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True  # by an argument; Keras would warn
        self.mean = MeanSoFar(name="mean", dtype="float32")
        self.scale = FrameNormalization(name="scale", dtype=self.dtype_policy)

    def build(self, frames_shape, frames_mask_shape=None):
        if not self.scale.built:  # it has adapted
            self.scale.build((*frames_shape[:-1], 2 * frames_shape[-1]))
        if not self.mean.built:
            self.mean.build(frames_shape)

    def compute_mask(self, frames, previous_mask):
        return None

    def adapt(self, data, before=0.0) -> None:
        """Takes mean and variance of the differences.

        `data` are padded clips `(batch, frames, dim)`, whose frames of zeros do not
        count, or a list, generator or dataset of such batches or of single clips; one
        array `(frames, dim)` is one clip.
        `before`, a number or one for each feature, says how many frames like the mean
        of `data` count before the first frame of a clip. Raises `ValueError` if one is
        negative or not finite, if there are not as many as features, and where
        `FrameNormalization` does.
        """
        clips = [data] if hasattr(data, "shape") else data
        # of whole numbers without a sign, differences would be none
        clips = [clip for part in clips for clip in _clips(np.asarray(part) * 1.0)]
        if not any(map(len, clips)):
            raise ValueError("`data` must have frames. Received: none that counts")
        dim = clips[0].shape[-1]
        before = np.asarray(before, "float32")
        if before.shape not in ((), (dim,)) or not np.isfinite(before).all():
            raise ValueError(f"`before` must be {dim} numbers. Received: {before}")
        if (before < 0).any():
            raise ValueError(f"`before` must be at least 0. Received: {before}")
        self.build((None, None, dim))
        typical = np.concatenate(clips).mean(axis=0) * np.any(before)
        before = np.broadcast_to(before, [dim])
        self.mean.set_weights([before, typical])
        self.scale.adapt([_differences(clip, before, typical) for clip in clips])

    def call(self, frames, frames_mask):
        wide = ops.cast(ops.where(frames_mask[:, :, None], frames, 0.0), "float32")
        number = ops.cumsum(ops.cast(frames_mask, "float32"), axis=1)[:, :, None]
        mean = self.mean(ops.cumsum(wide, axis=1), number)
        last = ops.concatenate([wide[:, :1], wide[:, :-1]], axis=1)
        differences = ops.concatenate([wide - mean, wide - last], axis=-1)
        return self.scale(ops.cast(differences, frames.dtype))

    def step(self, frame, state):
        """Returns the differences of one frame `(batch, dim)`, and the state after it.

        `state`, `(batch, 2 * dim + 1)` and zeros at first, joins the sum of the frames,
        the last one, and their number.
        """
        wide, dim = ops.cast(frame, state.dtype), frame.shape[-1]
        total, last, number = ops.split(state, [dim, 2 * dim], axis=-1)
        last = ops.where(number > 0, last, wide)
        total, number = total + wide, number + 1
        differences = [wide - self.mean(total, number), wide - last]
        differences = ops.cast(ops.concatenate(differences, axis=-1), frame.dtype)
        scaled = self.scale(differences[:, None])[:, 0]
        return scaled, ops.concatenate([total, wide, number], axis=-1)


@keras.saving.register_keras_serializable(package="gru_apps")
class MeanSoFar(layers.Layer):
    """Divides sums of frames `(..., dim)` by their numbers `(..., 1)`.

    Of each feature, `before` frames count as well, which have the value `typical`.
    """

    def build(self, total_shape, number_shape=None):
        options = {"shape": total_shape[-1:], "initializer": "zeros"}
        self.before = self.add_weight(name="before", trainable=False, **options)
        self.typical = self.add_weight(name="typical", trainable=False, **options)

    def call(self, total, number):
        before = ops.cast(self.before, total.dtype)
        typical = ops.cast(self.typical, total.dtype)
        return (total + before * typical) / ops.maximum(number + before, 1)


def _clips(data):
    """Returns the real frames of one clip, or of padded ones, as a list."""
    if data.ndim == 3:
        return [clip[clip.any(axis=-1)] for clip in data]
    return [data]


def _differences(clip, before, typical):
    number = np.arange(1, len(clip) + 1)[:, np.newaxis] + before
    means = (clip.cumsum(axis=0) + before * typical) / number
    changes = np.diff(clip, axis=0, prepend=clip[:1])
    return np.concatenate([clip - means, changes], axis=1)
