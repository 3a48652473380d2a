"""The likeliest ids of every row, and their log-probabilities."""

from keras import ops

from gru_apps.decoding.backends import BACKEND, is_known, smaller, top_k

if BACKEND == "tensorflow":
    import tensorflow as tf

IMPOSSIBLE = float("-inf")
NO_SOFTMAX = (
    "Logits must have a softmax: no NaN, no +infinity, and not -infinity alone."
)
BLOCK = 32  # logits: near the square root of some thousand over a few


def shortlist(logits, temperature, top_k, top_p):
    """Returns logits to draw from, -infinity outside the nucleus, and their ids."""
    if BACKEND == "tensorflow":
        temperature, top_k = tf.cast(temperature, tf.float32), tf.cast(top_k, tf.int32)
    top_k = _either(temperature > 0, top_k, 1)
    logits = logits / _either(temperature > 0, temperature, 1.0)
    vocabulary = ops.shape(logits)[1]
    everything = ops.arange(vocabulary, dtype="int32")
    everything = ops.broadcast_to(everything, ops.shape(logits))

    def likeliest():
        count = _either(top_k > 0, smaller(top_k, vocabulary), vocabulary)
        few, ids = largest(logits, count)
        p = ops.exp(few - few[:, :1])  # the likeliest is the first
        p = p / ops.sum(p, axis=1, keepdims=True)
        before = ops.pad(ops.cumsum(p, axis=1)[:, :-1], [[0, 0], [1, 0]])
        kept = (before < top_p) | (before == 0)  # the likeliest whatever `top_p` is
        return ops.where(kept, few, IMPOSSIBLE), ids

    # sorting thousands of logits may take longer than the step that made them
    is_cut = (top_k > 0) | (top_p < 1)
    if BACKEND == "tensorflow":
        return tf.cond(is_cut, likeliest, lambda: (logits, everything))
    return likeliest() if is_cut else (logits, everything)


def _either(condition, one, other):
    """Returns `one` or `other`; the condition may be a tensor of TensorFlow."""
    if BACKEND == "tensorflow":
        return tf.where(condition, one, other)
    return one if condition else other


def largest(logits, count, going_on=None):
    """Returns the `count` largest of every row and their places, as `top_k` does.

    Logits are `(batch, vocabulary)`. A row that is not `going_on` may be NaN: it gets
    any places. With TensorFlow only the blocks with the largest maxima are gone through
    one by one.

    >>> largest(ops.array([[0.0, 3, 1, 3]]), 3)[1].numpy().tolist()
    [[1, 3, 2]]
    """
    if BACKEND != "tensorflow":
        if going_on is not None:
            logits = ops.where(going_on[:, None], logits, 0.0)
        return top_k(logits, count)
    batch, vocabulary = tf.unstack(tf.shape(logits))
    missing = -vocabulary % BLOCK
    blocks = tf.pad(logits, [[0, 0], [0, missing]], constant_values=IMPOSSIBLE)
    blocks = tf.reshape(blocks, [batch, (vocabulary + missing) // BLOCK, BLOCK])
    going_on = tf.reshape(True if going_on is None else going_on, [-1, 1])
    maxima = tf.where(going_on, tf.reduce_max(blocks, axis=2), 0.0)
    chosen = tf.math.top_k(maxima, tf.minimum(count, tf.shape(maxima)[1]))[1]
    chosen = tf.sort(chosen, axis=1)  # of equal logits, the first come first
    few = tf.gather(blocks, chosen, batch_dims=1)
    few = tf.reshape(few, [batch, tf.shape(chosen)[1] * BLOCK])
    few, places = tf.math.top_k(tf.where(going_on, few, 0.0), count)
    block = tf.gather(chosen, places // BLOCK, batch_dims=1)
    return few, tf.minimum(block * BLOCK + places % BLOCK, vocabulary - 1)


def centred(logits, going_on):
    """Returns logits less the largest of their row, and the logs of their normalizers.

    A difference of the two, `(batch, vocabulary)` and `(batch, 1)`, both float32, is a
    log-probability: a search needs few of them. Rows that are `going_on` must have a
    softmax: of NaN, of +infinity or of -infinity alone, a search would answer some id
    or other. With TensorFlow that is an `InvalidArgumentError`; else the normalizer is
    NaN. Others may become NaN.
    """
    logits = ops.cast(logits, "float32")
    logits = logits - ops.max(logits, axis=1, keepdims=True)
    normalizer = ops.sum(ops.exp(logits), axis=1, keepdims=True)
    if BACKEND != "tensorflow":
        return logits, ops.log(normalizer)
    with tf.control_dependencies([_check(tf.math.is_nan(normalizer[:, 0]) & going_on)]):
        return tf.identity(logits), tf.math.log(normalizer)


def likeliest_ids(logits, count, going_on):
    """Returns the log-probabilities of the `count` likeliest of every row, and the ids.

    Both are `(batch, count)`. A row that is not `going_on` gains 0 by any ids.
    """
    logits, normalizer = centred(logits, going_on)
    few, ids = largest(logits, count, going_on)
    gained = few - normalizer
    if BACKEND != "tensorflow":  # where no graph refuses it, a search must not lose it
        gained = ops.where(ops.isnan(normalizer), float("inf"), gained)
    return ops.where(going_on[:, None], gained, 0.0), ids


def log_softmax(logits):
    """Returns that of logits `(batch, ..., vocabulary)`, which must have one.

    Others are refused; in a `jax.jit`, which cannot refuse, they become NaN.
    """
    logs = ops.log_softmax(logits)
    if BACKEND != "tensorflow":
        if is_known(logs) and ops.any(ops.isnan(logs)):
            raise ValueError(NO_SOFTMAX)
        return logs
    with tf.control_dependencies([_check(tf.reduce_any(tf.math.is_nan(logs), -1))]):
        return tf.identity(logs)


def _check(bad):
    message = f"{NO_SOFTMAX} Received: others, at"
    return tf.debugging.Assert(~tf.reduce_any(bad), [message, tf.where(bad)])
