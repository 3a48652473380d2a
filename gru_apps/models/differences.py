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

    References: Viikki and Laurila, 1998, doi:10.1016/S0167-6393(98)00033-8, for the
    mean; Furui, 1986, doi:10.1109/TASSP.1986.1164788, for the change.

    >>> layer, frames = FrameDifferences(), keras.random.normal((1, 9, 3))
    >>> mask = keras.ops.ones((1, 9), "bool")
    >>> layer(frames, mask).shape
    TensorShape([1, 9, 6])
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True  # by an argument; Keras would warn
        self.scale = FrameNormalization(name="scale", dtype=self.dtype_policy)

    def build(self, frames_shape, frames_mask_shape=None):
        if not self.scale.built:  # it has adapted
            self.scale.build((*frames_shape[:-1], 2 * frames_shape[-1]))

    def compute_mask(self, frames, previous_mask):
        return None

    def adapt(self, data) -> None:
        """Takes mean and variance of the differences.

        `data` are padded clips `(batch, frames, dim)`, whose frames of zeros do not
        count, or a list, generator or dataset of such batches or of single clips.
        """
        clips = [data] if hasattr(data, "shape") else data
        self.scale.adapt([_differences(np.asarray(clip)) for clip in clips])

    def call(self, frames, frames_mask):
        wide = ops.cast(ops.where(frames_mask[:, :, None], frames, 0.0), "float32")
        number = ops.cumsum(ops.cast(frames_mask, "float32"), axis=1)[:, :, None]
        mean = ops.cumsum(wide, axis=1) / ops.maximum(number, 1)
        last = ops.concatenate([wide[:, :1], wide[:, :-1]], axis=1)
        differences = ops.concatenate([wide - mean, wide - last], axis=-1)
        return self.scale(ops.cast(differences, frames.dtype))

    def step(self, frame, state):
        """Returns the differences of one frame `(batch, dim)`, and the state after it.

        `state`, `(batch, 2 * dim + 1)` and zeros at first, joins the mean, the last
        frame and the number of frames.
        """
        wide, dim = ops.cast(frame, state.dtype), frame.shape[-1]
        mean, last, number = ops.split(state, [dim, 2 * dim], axis=-1)
        last = ops.where(number > 0, last, wide)
        mean, number = mean + (wide - mean) / (number + 1), number + 1
        differences = ops.concatenate([wide - mean, wide - last], axis=-1)
        scaled = self.scale(ops.cast(differences, frame.dtype)[:, None])[:, 0]
        return scaled, ops.concatenate([mean, wide, number], axis=-1)


def _differences(clips):
    """The differences of the real frames of a clip, or of padded ones end to end."""
    if clips.ndim == 3:
        return np.concatenate([_differences(c[c.any(axis=-1)]) for c in clips])
    means = clips.cumsum(axis=0) / np.arange(1, len(clips) + 1)[:, np.newaxis]
    changes = np.diff(clips, axis=0, prepend=clips[:1])
    return np.concatenate([clips - means, changes], axis=1)
