"""The likeliest ids of every row, and their log-probabilities."""

import numpy as np
from keras import ops

from gru_apps.decoding.backends import (
    BACKEND,
    argmax,
    by_xla,
    is_known,
    rows_at,
    smaller,
    top_k,
)

if BACKEND == "tensorflow":
    import tensorflow as tf

IMPOSSIBLE = float("-inf")
TINY = float(np.finfo("float32").tiny)
NO_SOFTMAX = (
    "Logits must have a softmax: no NaN, no +infinity, and not -infinity alone."
)
BLOCK = 32  # logits: near the square root of some thousand over a few


def shortlist(logits, temperature, top_k, top_p):
    """Returns logits to draw from, -infinity outside the nucleus, and their ids."""
    temperature, top_p = _as(float, temperature), _as(float, top_p)
    top_k = _as(int, top_k)
    hot = temperature >= TINY  # less is 0 where numbers are divided
    if _is_tensor(hot) and by_xla():  # which would compile anew for another size
        top_p = tf.where(hot, top_p, 0.0)
    else:
        top_k = _either(hot, top_k, 1)
    logits = logits / _either(hot, temperature, 1.0)
    vocabulary = ops.shape(logits)[1]
    everything = ops.arange(vocabulary, dtype="int32")
    everything = ops.broadcast_to(everything, ops.shape(logits))

    def nucleus():
        count = _either(top_k > 0, smaller(top_k, vocabulary), vocabulary)
        few, ids = largest(logits, count)
        p = ops.exp(few - ops.max(few, axis=1, keepdims=True))
        p = p / ops.sum(p, axis=1, keepdims=True)
        before = ops.pad(ops.cumsum(p, axis=1)[:, :-1], [[0, 0], [1, 0]])
        kept = (before < top_p) | (before == 0)  # the likeliest whatever `top_p` is
        return ops.where(kept, few, IMPOSSIBLE), ids

    # sorting thousands of logits may take longer than the step that made them
    is_known_cut = not _is_tensor(top_k) and top_k > 0
    is_cut = is_known_cut or (top_k > 0) | (top_p < 1)
    if _is_tensor(is_cut):
        return tf.cond(is_cut, nucleus, lambda: (logits, everything))
    return nucleus() if is_cut else (logits, everything)


def _either(condition, one, other):
    """Returns `one` or `other`; the condition may be a tensor of TensorFlow."""
    if _is_tensor(condition):
        return tf.where(condition, one, other)
    return one if condition else other


def _is_tensor(number):
    return BACKEND == "tensorflow" and tf.is_tensor(number)


def _as(kind, number):
    """Returns a number of Python, or a tensor that goes with those in a graph."""
    if _is_tensor(number):
        return tf.cast(number, {int: tf.int32, float: tf.float32}[kind])
    return kind(number)


def largest(logits, count):
    """Returns the `count` largest of every row and their places, as `top_k` does.

    Logits are `(batch, vocabulary)`. A row with NaN gets any places. Only the blocks
    with the largest maxima are gone through one by one.

    >>> largest(ops.array([[0.0, 3, 1, 3]]), 3)[1].numpy().tolist()
    [[1, 3, 2]]
    """
    batch, vocabulary = ops.shape(logits)
    missing = -vocabulary % BLOCK
    blocks = ops.pad(logits, [[0, 0], [0, missing]], constant_values=IMPOSSIBLE)
    blocks = ops.reshape(blocks, [batch, (vocabulary + missing) // BLOCK, BLOCK])
    maxima = _known(ops.max(blocks, axis=2))
    number = smaller(count, ops.shape(maxima)[1])
    chosen = ops.sort(top_k(maxima, number)[1], axis=1)  # of equal logits, the first
    few = ops.reshape(rows_at(blocks, chosen), [batch, number * BLOCK])
    few, places = top_k(_known(few), count)
    block = rows_at(chosen, places // BLOCK)
    return few, ops.minimum(block * BLOCK + places % BLOCK, vocabulary - 1)


def _known(x):
    # no sort could place NaN, and XLA's takes -0.0 for less than 0.0
    return ops.where(ops.isnan(x) | (x == 0), 0.0, x)


def likeliest(logits):
    """Returns the likeliest id of every row, and its log-probability, both `(batch,)`.

    That is NaN for a row without a softmax, by any id.
    """
    ids = argmax(logits)
    _, gained = centred(logits, rows_at(logits, ids[:, None]))
    return ids, gained[:, 0]


def likeliest_ids(logits, count, going_on):
    """Returns the log-probabilities of the `count` likeliest of every row, and the ids.

    Both are `(batch, count)`. A row that is not `going_on` gains 0, and one without a
    softmax +infinity, so that a beam cannot lose it; each by any ids.
    """
    few, ids = largest(logits, count)
    most = ops.max(few, axis=1, keepdims=True)  # XLA sorts all for `few[:, :1]`
    gained = few - most + centred(logits, most)[1]
    gained = ops.where(ops.isnan(gained), float("inf"), gained)
    return ops.where(going_on[:, None], gained, 0.0), ids


def centred(logits, most):
    """Returns logits less the largest of their row, and that one's log-probability.

    `most` is the largest, and it and its log-probability are `(batch, 1)`: NaN for a
    row without a softmax.
    """
    logits = logits - most
    return logits, -ops.log(ops.sum(ops.exp(logits), axis=1, keepdims=True))


def log_softmax(logits):
    """Returns that of logits `(batch, ..., vocabulary)`, which must have one.

    Others are refused; where XLA compiles, which cannot refuse, they become NaN.
    """
    logs = ops.log_softmax(logits)
    (logs,) = _unless(ops.any(ops.isnan(logs), axis=-1), logs)
    return logs


def checked(scores, ids):
    """Returns both, if all scores are of logits that have a softmax, as `log_softmax`.

    Those of others are NaN or +infinity.
    """
    # not "~(a < b)": TensorFlow makes "a >= b" of it, and NaN passes
    return _unless(ops.isnan(scores) | (scores == float("inf")), scores, ids)


def _unless(bad, *parts):
    if BACKEND != "tensorflow" or by_xla():
        if is_known(bad) and ops.any(bad):
            raise ValueError(NO_SOFTMAX)
        return parts
    message = f"{NO_SOFTMAX} Received: others, at"
    check = tf.debugging.Assert(~tf.reduce_any(bad), [message, tf.where(bad)])
    # each of them, for a signature that leaves one out would not check otherwise
    with tf.control_dependencies([check]):
        return [tf.identity(part) for part in parts]
