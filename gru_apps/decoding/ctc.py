"""From the label or blank of each frame to labels: best path and prefix beam search.

Both call the kernels of TensorFlow, which were found to agree with the enumeration of
all paths. Logits are floats `(batch, frames, 1 + labels)`, the first of them the
blank's. Neither needs lengths: frames of padding must be certainly blank, as those of
`build_frame_classifier` are.
"""

from typing import NamedTuple

import tensorflow as tf
from keras import ops

from gru_apps.decoding.options import check_options
from gru_apps.decoding.shortlist import log_softmax

INT32 = 2**31 - 1
IMPOSSIBLE = -1e4  # a log-probability that is 0 as a probability, and yet finite


class Decoded(NamedTuple):
    """Labels from 1, padded with 0 to the longest, and their log-probabilities.

    `ids` are int32 `(batch, n_best, length)`, best first, `scores` float32 `(batch,
    n_best)`.
    """

    ids: tf.Tensor
    scores: tf.Tensor


def best_path(logits) -> Decoded:
    """Takes the likeliest of every frame, merges repeats, and leaves out blanks.

    The score is that of the one path, which is not all that the labels can be heard in.
    `n_best` is 1.

    >>> best_path([[[0.0, 9, 0], [0, 9, 0], [9, 0, 0], [0, 9, 0]]]).ids.numpy().tolist()
    [[[1, 1]]]
    """
    return _decoded(_frames(logits), strategy="greedy")


def prefix_beam_search(logits, *, width: int, n_best: int = 1) -> Decoded:
    """Finds the likeliest labels, over all paths that say them.

    Of the beginnings that end at one frame, the `width` likeliest are gone on from.
    Scores are log-probabilities, exact if the beam is as wide as the search space.
    Raises `ValueError` unless `1 <= n_best <= width`, and unless there are as many
    labels, for that many beginnings a single frame must give.

    Reference: Graves et al., 2006, doi:10.1145/1143844.1143891, section 3.2; Hannun et
    al., 2014, arXiv:1408.2873.

    >>> logits = tf.math.log([[[0.6, 0.4], [0.6, 0.4]]])  # paths --, -1, 1-, 11
    >>> best_path(logits).ids.shape, prefix_beam_search(logits, width=2).ids.shape
    (TensorShape([1, 1, 0]), TensorShape([1, 1, 1]))
    """
    logits = _frames(logits)
    check_options(whole=["width"], width=(width, 1, INT32))
    most = min(width, logits.shape[-1] or width)
    check_options(whole=["n_best"], n_best=(n_best, 1, most))
    options = {"beam_width": width, "top_paths": n_best}
    return _decoded(logits, strategy="beam_search", **options)


def _frames(logits):
    logits = tf.cast(logits, tf.float32)
    if logits.shape.rank != 3 or logits.shape[2] == 0:
        raise ValueError(
            "`logits` must have shape `(batch, frames, 1 + labels)`. "
            f"Received: shape={tuple(logits.shape)}"
        )
    return logits


def _decoded(logits, strategy, **options):
    logits = log_softmax(logits)
    # a clip and a frame more, of blanks: the kernels refuse to have none
    more = [[0, 1], [0, 1], [0, 0]]
    labels = tf.pad(logits[:, :, 1:], more, constant_values=IMPOSSIBLE)
    logits = tf.concat([tf.pad(logits[:, :, :1], more), labels], axis=2)
    batch, frames = tf.unstack(tf.shape(logits)[:2])
    lengths = tf.fill([batch], frames)
    ids, scores = ops.ctc_decode(logits, lengths, strategy=strategy, **options)
    ids = tf.maximum(tf.transpose(ids, [1, 0, 2]), 0)[:-1]  # Keras pads with -1
    length = tf.reduce_max(tf.reduce_sum(tf.sign(ids), axis=2))
    scores = (-scores if strategy == "greedy" else scores)[:-1]  # one is a cost
    return Decoded(ids[:, :, : tf.maximum(length, 0)], scores)
