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
