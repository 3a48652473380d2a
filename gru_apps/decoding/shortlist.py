"""The likeliest of the ids that a sample is drawn from."""

import tensorflow as tf

IMPOSSIBLE = float("-inf")


def shortlist(logits, temperature, top_k, top_p):
    """Returns logits to draw from, -infinity outside the nucleus, and their ids."""
    temperature = tf.cast(temperature, tf.float32)
    top_k = tf.where(temperature > 0, tf.cast(top_k, tf.int32), 1)
    logits /= tf.where(temperature > 0, temperature, 1.0)
    vocabulary = tf.shape(logits)[1]
    everything = tf.broadcast_to(tf.range(vocabulary), tf.shape(logits))

    def likeliest():
        count = tf.where(top_k > 0, tf.minimum(top_k, vocabulary), vocabulary)
        few, ids = tf.math.top_k(logits, count)
        before = tf.cumsum(tf.nn.softmax(few), axis=1, exclusive=True)
        kept = (before < top_p) | (before == 0)  # the likeliest whatever `top_p` is
        return tf.where(kept, few, IMPOSSIBLE), ids

    # sorting thousands of logits may take longer than the step that made them
    return tf.cond((top_k > 0) | (top_p < 1), likeliest, lambda: (logits, everything))


def log_softmax(logits, going_on=True):
    """Returns logits `(batch, ..., vocabulary)` and their log-softmax, both float32.

    Rows that are not `going_on` have logits of 0. The others must have a softmax: of
    NaN, of +infinity or of -infinity alone, a search would answer some id or other.
    That is an `InvalidArgumentError`.
    """
    logits = tf.where(tf.expand_dims(going_on, -1), tf.cast(logits, tf.float32), 0.0)
    logs = tf.nn.log_softmax(logits)
    bad = tf.reduce_any(tf.math.is_nan(logs), axis=-1)
    message = (
        "Logits must have a softmax: no NaN, no +infinity, and not -infinity alone. "
        "Received: others, at"
    )
    check = tf.debugging.Assert(~tf.reduce_any(bad), [message, tf.where(bad)])
    with tf.control_dependencies([check]):
        return tf.identity(logits), tf.identity(logs)
