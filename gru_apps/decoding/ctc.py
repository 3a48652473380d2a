"""From the label or blank of each frame to labels: best path and prefix beam search.

Logits are floats `(batch, frames, 1 + labels)`, the first of them the blank's. Neither
search needs lengths: frames of padding must be certainly blank, as those of
`build_frame_classifier` are.

With TensorFlow both call its kernels, which were found to agree with the enumeration of
all paths, eagerly and in graphs. With JAX and PyTorch, and where XLA compiles, they are
made of operations of Keras; where it compiles, `ids` are as long as there are frames. A
narrow beam may find a little more or less there: within a frame, the kernel drops
beginnings one by one.
"""

from typing import Any, NamedTuple

from keras import ops

from gru_apps.decoding.backends import BACKEND, by_xla, cut, rows_at, top_k
from gru_apps.decoding.options import INT32, check_options, shape_of
from gru_apps.decoding.shortlist import IMPOSSIBLE, log_softmax

if BACKEND == "tensorflow":
    import tensorflow as tf

UNLIKELY = -1e4  # a log-probability that is 0 as a probability, and yet finite
NEVER = -1e30  # another, below all that frames can add up to


class Decoded(NamedTuple):
    """Labels from 1, padded with 0 to the longest, and their log-probabilities.

    `ids` are int32 `(batch, n_best, length)`, best first, `scores` float32 `(batch,
    n_best)`.
    """

    ids: Any
    scores: Any


def best_path(logits) -> Decoded:
    """Takes the likeliest of every frame, merges repeats, and leaves out blanks.

    `logits` are floats `(batch, frames, 1 + labels)`, the blank's first; frames of
    padding must be certainly blank. The score is that of the one path, which is not all
    that the labels can be heard in. `n_best` is 1. Raises `ValueError` for another
    rank.

    >>> best_path([[[0.0, 9, 0], [0, 9, 0], [9, 0, 0], [0, 9, 0]]]).ids.numpy().tolist()
    [[[1, 1]]]
    """
    logs = log_softmax(_frames(logits))
    if _has_kernel(logs):
        return _by_kernel(logs, strategy="greedy")
    return likeliest_path(logs)


def prefix_beam_search(logits, *, width: int, n_best: int = 1) -> Decoded:
    """Finds the likeliest labels, over all paths that say them.

    `logits` are those of `best_path`. Of the beginnings that end at one frame, the
    `width` likeliest are gone on from. Scores are log-probabilities, exact if the beam
    is as wide as the search space. Raises `ValueError` for another rank, and unless `1
    <= n_best <= min(width, 1 + labels)`, for that many beginnings a single frame must
    give.

    Reference: Graves et al., 2006, doi:10.1145/1143844.1143891, section 3.2; Hannun et
    al., 2014, arXiv:1408.2873.

    >>> logits = ops.log([[[0.6, 0.4], [0.6, 0.4]]])  # paths --, -1, 1-, 11
    >>> best_path(logits).ids.shape, prefix_beam_search(logits, width=2).ids.shape
    (TensorShape([1, 1, 0]), TensorShape([1, 1, 1]))
    """
    logits = _frames(logits)
    check_options(whole=["width"], width=(width, 1, INT32))
    most = min(width, logits.shape[-1] or width)
    check_options(whole=["n_best"], n_best=(n_best, 1, most))
    logs = log_softmax(logits)
    if _has_kernel(logs):
        options = {"beam_width": width, "top_paths": n_best}
        return _by_kernel(logs, strategy="beam_search", **options)
    return likeliest_labels(logs, width, n_best)


def _frames(logits):
    logits = ops.cast(logits, "float32")
    shape = shape_of(logits)
    if shape is None or len(shape) != 3 or shape[2] == 0:
        raise ValueError(
            "`logits` must have shape `(batch, frames, 1 + labels)`. "
            f"Received: shape={shape}"
        )
    return logits


def _has_kernel(logs):
    if by_xla() and None in logs.shape:
        raise ValueError(
            "Where XLA compiles, `logits` must have a shape that is known: leave "
            f"`input_signature` out, or name the sizes. Received: shape={logs.shape}"
        )
    return BACKEND == "tensorflow" and not by_xla()


def _by_kernel(logs, strategy, **options):
    # a clip and a frame more, of blanks: the kernels refuse to have none
    more = [[0, 1], [0, 1], [0, 0]]
    labels = tf.pad(logs[:, :, 1:], more, constant_values=UNLIKELY)
    logs = tf.concat([tf.pad(logs[:, :, :1], more), labels], axis=2)
    batch, frames = tf.unstack(tf.shape(logs)[:2])
    lengths = tf.fill([batch], frames)
    ids, scores = ops.ctc_decode(logs, lengths, strategy=strategy, **options)
    ids = tf.maximum(tf.transpose(ids, [1, 0, 2]), 0)[:-1]  # Keras pads with -1
    length = tf.reduce_max(tf.reduce_sum(tf.sign(ids), axis=2))
    scores = (-scores if strategy == "greedy" else scores)[:-1]  # one is a cost
    return Decoded(ids[:, :, : tf.maximum(length, 0)], scores)


def likeliest_path(logs) -> Decoded:
    """What `best_path` finds, from log-probabilities, by operations of Keras."""
    if 0 in logs.shape:
        return _nothing(logs.shape[0], 1)
    path = ops.cast(ops.argmax(logs, axis=2), "int32")
    before = ops.pad(path, [[0, 0], [1, 0]])[:, :-1]
    said = (path > 0) & (path != before)
    frames = logs.shape[1]
    order = ops.arange(frames) + frames * ops.cast(~said, "int32")
    ids = ops.take_along_axis(path * ops.cast(said, "int32"), ops.argsort(order), 1)
    return _found(ids[:, None], ops.sum(ops.max(logs, axis=2), axis=1)[:, None], logs)


def likeliest_labels(logs, width, n_best) -> Decoded:
    """What `prefix_beam_search` finds, from log-probabilities, by operations of Keras.

    For each beginning two log-probabilities are kept: that of the paths that end with a
    blank, and that of those that end with its last label.
    """
    batch, frames, classes = logs.shape
    if 0 in logs.shape:
        return _nothing(batch, n_best)
    places, labels = ops.arange(frames), ops.arange(1, classes)

    def body(frame, beam):
        ids, blank, label = beam
        of_frame = ops.maximum(ops.take(logs, frame, axis=1), NEVER)
        either = ops.logaddexp(blank, label)
        alive = either > NEVER / 2  # others only fill the beam
        length = ops.sum(ops.cast(ids > 0, "int32"), axis=2)
        at_last = ops.cast(places == length[:, :, None] - 1, "int32")
        last = ops.sum(ids * at_last, axis=2)
        is_last = labels == last[:, :, None]
        # a label again, with no blank between, is the same label
        longer = ops.where(is_last, blank[:, :, None], either[:, :, None])
        longer = longer + of_frame[:, None, 1:]
        longer = ops.where(longer > NEVER / 2, longer, IMPOSSIBLE)
        # a beginning that is another with one label more: what the two gain, adds up
        shorter = ids * (1 - at_last)
        grows = ops.all(ids[:, :, None] == shorter[:, None], axis=3)
        grows = grows & alive[:, :, None] & (alive & (length > 0))[:, None]
        grows = grows[:, :, :, None] & is_last[:, None]
        to_last = ops.where(grows, longer[:, :, None], IMPOSSIBLE)
        gained = ops.max(to_last, axis=(1, 3)) if classes > 1 else NEVER
        longer = ops.where(ops.any(grows, axis=2), IMPOSSIBLE, longer)
        stay_blank = ops.maximum(either + of_frame[:, :1], NEVER)
        stay_label = ops.where(last > 0, label + rows_at(of_frame, last), NEVER)
        stay_label = ops.maximum(ops.logaddexp(stay_label, gained), NEVER)
        stay = ops.logaddexp(stay_blank, stay_label)
        longer = ops.reshape(longer, [batch, width * (classes - 1)])
        scores, chosen = top_k(ops.concatenate([stay, longer], axis=1), width)
        stays, number = chosen < width, max(classes - 1, 1)
        added = ops.where(stays, 0, (chosen - width) % number + 1)
        parents = ops.where(stays, chosen, (chosen - width) // number)
        behind = places == rows_at(length, parents)[:, :, None]
        ids = ops.where(behind, added[:, :, None], rows_at(ids, parents))
        blank = ops.where(stays, rows_at(stay_blank, parents), NEVER)
        return ids, blank, ops.where(stays, rows_at(stay_label, parents), scores)

    ids = ops.zeros([batch, width, frames], "int32")
    label = ops.full([batch, width], NEVER, "float32")
    blank = ops.where(ops.arange(width) == 0, 0.0, label)
    ids, blank, label = ops.fori_loop(0, frames, body, (ids, blank, label))
    scores = ops.logaddexp(blank, label)[:, :n_best]
    alive = scores > NEVER / 2
    ids = ops.where(alive[:, :, None], ids[:, :n_best], 0)
    return _found(ids, ops.where(alive, scores, IMPOSSIBLE), logs)


def _nothing(batch, n_best):
    scores = ops.where(ops.arange(n_best) == 0, 0.0, IMPOSSIBLE)
    ids = ops.zeros([batch, n_best, 0], "int32")
    return Decoded(ids, ops.broadcast_to(scores, [batch, n_best]))


def _found(ids, scores, logs):
    bad = ops.any(ops.isnan(logs), axis=(1, 2))  # where nothing could refuse it
    lengths = ops.sum(ops.cast(ids > 0, "int32"), axis=2)
    return Decoded(cut(ids, lengths), ops.where(bad[:, None], float("nan"), scores))
