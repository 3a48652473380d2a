"""What all signatures share: named inputs, padding, and how bad input is refused.

Functions of the other modules return signatures, a dict of `tf.function`s by name, over
trained models and the encoders given with them: raw input in, readable output out.
Their inputs and outputs are named; bad input gets an answer that says so, or an
`InvalidArgumentError` that ends in what was received.
"""

from collections.abc import Callable

import tensorflow as tf

Signatures = dict[str, Callable]
MAX_PADDED = 2**19  # tokens of a batch: a model takes a kilobyte or two for each
MAX_SOURCE = 400  # tokens: attention costs their number times that of the answer


def spec(shape, dtype, name):
    """Names an input of a signature."""
    return tf.TensorSpec(shape, dtype, name)


def padded(ragged, default=0):
    """Makes a right-padded tensor, at least one token long: no layer likes none.

    Refuses a batch that padding to its longest row makes larger than `MAX_PADDED`.
    """
    size = ragged.nrows() * ragged.bounding_shape(axis=1, out_type=tf.int64)
    fits = check(
        size <= MAX_PADDED,
        "text",
        f"at most {MAX_PADDED} tokens with padding: ask long texts by themselves",
        size,
    )
    with tf.control_dependencies([fits]):
        ragged = tf.identity(ragged)
    padded = ragged.to_tensor(tf.cast(default, ragged.dtype))
    missing = tf.maximum(1 - tf.shape(padded)[1], 0)
    return tf.pad(padded, [[0, 0], [0, missing]], constant_values=default)


def check_finite(tensor, name, most=None):
    """Refuses NaN, infinity and what is further from 0 than `most`."""
    range_ = f"finite numbers in -{most}..{most}" if most else "finite numbers"
    # not "~(abs <= most)": TensorFlow makes "abs > most" of it, and NaN passes
    bad = ~tf.math.is_finite(tensor) | (tf.abs(tensor) > (most or tensor.dtype.max))
    bad = tf.boolean_mask(tensor, bad)
    return check(tf.size(bad) == 0, name, range_, bad[:1])


def check(holds, name, range_, received):
    """Refuses an input, named, with what it must be and what was received."""
    message = tf.strings.format(f"`{name}` must be {range_}. Received: {{}}", received)
    return tf.debugging.Assert(holds, [message])


def check_temperature(temperature):
    """Refuses a temperature that is NaN, infinite or below 0."""
    holds = (temperature >= 0) & tf.math.is_finite(temperature)
    return check(holds, "temperature", "finite, and at least 0", temperature)
