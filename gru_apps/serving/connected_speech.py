"""The questions of a SavedModel that hears words in a row: which ones, and when?"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from gru_apps.decoding import prefix_beam_search
from gru_apps.models.layers import MASKED
from gru_apps.serving.signatures import Signatures
from gru_apps.serving.speech import _of_frames, _of_waveforms

PIECE = 1200  # frames, half a minute: longer clips are read in pieces
SEARCH = 100  # frames to each side of an even cut, where a pause is looked for


def recognize_speech(
    model,
    streaming_step,
    features: Callable,
    words: Sequence[str],
    *,
    width: int = 16,
    n_best: int = 5,
) -> Signatures:
    """Answers `waveform` `(batch, samples)` at `sample_rate`: `digits`, `probability`.

    Waveforms, rates, padding and `features` are as in `classify_speech`. `digits` are
    those of a clip with spaces between, the likeliest that a beam of `width` finds;
    those of a clip of zeros alone are "", with probability 1. `words` are the names of
    the labels. `beam` gives the `n_best`, `digits` and `probabilities` `(batch,
    n_best)`. `features` takes frames `mfcc` as in `classify_speech`. The model reads a
    clip of more than half a minute in pieces, which are cut where it is quiet.

    `step`, of `streaming_step`, takes the next frame, `mfcc` `(batch, dim)`, and
    `state` `(batch, size)`, zeros at the start. It returns the `digit` of that frame,
    "" for the blank, its `probability`, and `state`. Frames with the same digit in a
    row are one digit. On frames of sound as it comes, see `classify_speech`.
    """
    words = tf.constant(["", *words])

    def spoken(ids):
        joined = tf.strings.reduce_join(tf.gather(words, ids), axis=-1, separator=" ")
        return tf.strings.strip(joined)  # of padding

    def answer(logits):
        best = prefix_beam_search(logits, width=width)
        p = tf.exp(best.scores[:, 0])
        return {"digits": spoken(best.ids[:, 0]), "probability": p}

    def several(logits):
        best = prefix_beam_search(logits, width=width, n_best=n_best)
        return {"digits": spoken(best.ids), "probabilities": tf.exp(best.scores)}

    def of_frame(logits):
        p = tf.nn.softmax(tf.cast(logits, tf.float32))
        digit = tf.gather(words, tf.argmax(p, axis=-1))
        return {"digit": digit, "probability": tf.reduce_max(p, axis=-1)}

    model = PieceReader(model)
    silent = {"digits": "", "probability": 1.0}
    only = {"digits": "", "probabilities": tf.one_hot(0, n_best)}
    return {
        "serving_default": _of_waveforms(model, features, answer, silent),
        "beam": _of_waveforms(model, features, several, only),
    } | _of_frames(model, streaming_step, answer, of_frame, silent)


class PieceReader:
    """Reads clips by a classifier of frames, long ones in pieces of half a minute.

    Called with frames `(batch, frames, dim)`, padded with frames of zeros, it returns
    logits `(batch, frames, labels)`, which are certainly blank at padding: those of the
    pieces, one after another. Pieces are read side by side, which takes a fraction of
    the time, and each is as long as clips that the classifier knows.
    """

    def __init__(self, model):
        self.model, self.layers = model, model.layers
        self.input_shape = model.input_shape

    def __call__(self, features, training=False):
        real = tf.reduce_any(features != 0, axis=-1)
        positions = tf.range(1, tf.shape(features)[1] + 1)
        lengths = tf.reduce_max(tf.where(real, positions, 0), axis=1)
        cuts = tf.map_fn(
            lambda clip: piece_lengths(clip[0][: clip[1]]),
            (features, lengths),
            fn_output_signature=tf.RaggedTensorSpec([None], tf.int32, 0),
        )
        clips = tf.RaggedTensor.from_tensor(features, lengths)
        pieces = tf.RaggedTensor.from_row_lengths(clips.values, cuts.flat_values)
        padded = tf.pad(pieces.to_tensor(), [[0, 0], [0, 1], [0, 0]])  # or none at all
        logits = self.model(padded, training=training)
        logits = tf.RaggedTensor.from_tensor(logits, cuts.flat_values)
        blank = tf.cast(tf.range(logits.shape[-1]) > 0, logits.dtype) * MASKED
        shape = tf.concat([tf.shape(features)[:2], tf.shape(blank)], axis=0)
        return clips.with_values(logits.values).to_tensor(blank, shape=shape)


def piece_lengths(frames) -> tf.Tensor:
    """Cuts frames `(frames, dim)` where the first coefficient, their level, is low.

    Returns the lengths of the pieces, int32 `(pieces,)`: as few as have about half a
    minute at most, the cuts within 2.5 seconds of even ones.

    >>> piece_lengths(tf.ones([1200, 13])).numpy().tolist()
    [1200]
    >>> falling_and_rising = tf.abs(tf.range(1250.0) - 690)[:, tf.newaxis]
    >>> piece_lengths(falling_and_rising).numpy().tolist()
    [690, 560]
    """
    size = tf.shape(frames)[0]
    number = tf.maximum(1, -(-size // PIECE))
    even = size * tf.range(1, number) // number
    level = tf.nn.avg_pool1d(frames[tf.newaxis, :, :1], 9, 1, "SAME")[0, :, 0]
    near = tf.range(-SEARCH, SEARCH)
    nearby = tf.gather(level, even[:, tf.newaxis] + near)
    quiet = tf.argmin(nearby, axis=1, output_type=tf.int32)
    cuts = tf.concat([[0], even - SEARCH + quiet, [size]], axis=0)
    return cuts[1:] - cuts[:-1]
