"""The likeliest ids of every row, and their log-probabilities."""

import tensorflow as tf

IMPOSSIBLE = float("-inf")
BLOCK = 32  # logits: near the square root of some thousand over a few


def shortlist(logits, temperature, top_k, top_p):
    """Returns logits to draw from, -infinity outside the nucleus, and their ids."""
    temperature = tf.cast(temperature, tf.float32)
    top_k = tf.where(temperature > 0, tf.cast(top_k, tf.int32), 1)
    logits /= tf.where(temperature > 0, temperature, 1.0)
    vocabulary = tf.shape(logits)[1]
    everything = tf.broadcast_to(tf.range(vocabulary), tf.shape(logits))

    def likeliest():
        count = tf.where(top_k > 0, tf.minimum(top_k, vocabulary), vocabulary)
        few, ids = largest(logits, count)
        before = tf.cumsum(tf.nn.softmax(few), axis=1, exclusive=True)
        kept = (before < top_p) | (before == 0)  # the likeliest whatever `top_p` is
        return tf.where(kept, few, IMPOSSIBLE), ids

    # sorting thousands of logits may take longer than the step that made them
    return tf.cond((top_k > 0) | (top_p < 1), likeliest, lambda: (logits, everything))


def largest(logits, count, going_on=True):
    """Returns the `count` largest of every row and their places, as `top_k` does.

    Logits are `(batch, vocabulary)`. A row that is not `going_on` may be NaN: it gets
    any places. Only the blocks with the largest maxima are gone through one by one.

    >>> largest(tf.constant([[0.0, 3, 1, 3]]), 3)[1].numpy().tolist()
    [[1, 3, 2]]
    """
    batch, vocabulary = tf.unstack(tf.shape(logits))
    missing = -vocabulary % BLOCK
    blocks = tf.pad(logits, [[0, 0], [0, missing]], constant_values=IMPOSSIBLE)
    blocks = tf.reshape(blocks, [batch, (vocabulary + missing) // BLOCK, BLOCK])
    going_on = tf.reshape(going_on, [-1, 1])
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
    or other. That is an `InvalidArgumentError`. Others may become NaN.
    """
    logits = tf.cast(logits, tf.float32)
    logits -= tf.reduce_max(logits, axis=1, keepdims=True)
    normalizer = tf.reduce_sum(tf.exp(logits), axis=1, keepdims=True)
    checks = [_check(tf.math.is_nan(normalizer[:, 0]) & going_on)]
    with tf.control_dependencies(checks):
        return tf.identity(logits), tf.math.log(normalizer)


def likeliest_ids(logits, count, going_on):
    """Returns the log-probabilities of the `count` likeliest of every row, and the ids.

    Both are `(batch, count)`. A row that is not `going_on` gains 0 by any ids.
    """
    logits, normalizer = centred(logits, going_on)
    few, ids = largest(logits, count, going_on)
    return tf.where(going_on[:, None], few - normalizer, 0.0), ids


def log_softmax(logits):
    """Returns that of logits `(batch, ..., vocabulary)`, which must have one."""
    logs = tf.nn.log_softmax(logits)
    with tf.control_dependencies([_check(tf.reduce_any(tf.math.is_nan(logs), -1))]):
        return tf.identity(logs)


def _check(bad):
    message = (
        "Logits must have a softmax: no NaN, no +infinity, and not -infinity alone. "
        "Received: others, at"
    )
    return tf.debugging.Assert(~tf.reduce_any(bad), [message, tf.where(bad)])
