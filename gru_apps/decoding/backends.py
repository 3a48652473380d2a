"""What a search needs and each backend does in its own way.

A sequence of ids grows step by step. With TensorFlow and PyTorch it gets a column a
step. XLA, the compiler of JAX and of `tf.function(jit_compile=True)`, wants shapes that
stay the same: there it has room for all steps from the start, and fills it.
"""

import keras
import numpy as np
from keras import ops, tree

PHILOX = 1  # the number of that generator in TensorFlow
NO_ID = -1  # pads while decoding, where 0 may be an id that was chosen
BACKEND = keras.backend.backend()

smaller, larger = min, max  # of sizes, which may be tensors in a graph of TensorFlow

if BACKEND == "tensorflow":
    import tensorflow as tf

    smaller, larger = tf.minimum, tf.maximum
elif BACKEND == "jax":
    import jax
elif BACKEND == "torch":
    import torch


def by_xla() -> bool:
    """Tells whether TensorFlow has what it traces now compiled by XLA."""
    if BACKEND != "tensorflow":
        return False
    return tf.__internal__.get_enclosing_xla_context() is not None


def _has_room() -> bool:
    return BACKEND == "jax" or by_xla()


def room_for(max_steps, start_ids):
    """Returns start ids `(...)` with an axis at the end, along which ids will stand."""
    ids = start_ids[..., None]
    if not _has_room():
        return ids
    if is_traced(max_steps):
        raise ValueError(
            "`max_steps` must be a number where a search is compiled, for it is a "
            f"size. Received: max_steps={max_steps}"
        )
    places = [[0, 0]] * start_ids.ndim + [[0, max_steps]]
    return ops.pad(ids, places, constant_values=NO_ID)


def last(ids, index):
    """Returns the ids chosen last, after `index` steps."""
    return ops.take(ids, index, axis=-1) if _has_room() else ids[..., -1]


def append(ids, chosen, index):
    """Returns `ids` with those chosen after `index` steps behind them."""
    if _has_room():
        here = ops.arange(ops.shape(ids)[-1]) == index + 1
        return ops.where(here, chosen[..., None], ids)
    return ops.concatenate([ids, chosen[..., None]], axis=-1)


def repeat_while(going_on, body, parts, most):
    """Calls `parts = body(*parts)` while `going_on(*parts)`, `most` times at most."""
    if BACKEND != "tensorflow":

        def without_effects(*parts):
            # layers count the masks of dropout that they draw, though they use none
            with keras.StatelessScope():
                return body(*parts)

        return ops.while_loop(going_on, without_effects, parts, maximum_iterations=most)
    index, state, *variables = parts
    shapes = (
        index.shape,
        tree.map_structure(lambda x: tf.TensorShape([None, *x.shape[1:]]), state),
        *(tf.TensorShape([None] * variable.shape.rank) for variable in variables),
    )
    return tf.while_loop(going_on, body, parts, shapes, maximum_iterations=most)


def rows_at(x, places):
    """Returns what stands at `places` `(batch, k)` of `x` `(batch, n, ...)`.

    >>> rows_at(ops.array([[5, 6], [7, 8]]), ops.array([[1], [0]])).numpy().tolist()
    [[6], [7]]
    """
    if BACKEND == "tensorflow":
        return tf.gather(x, places, batch_dims=1)
    places = ops.reshape(places, [*places.shape, *[1] * (x.ndim - 2)])
    shape = [*places.shape[:2], *x.shape[2:]]
    return ops.take_along_axis(x, ops.broadcast_to(places, shape), axis=1)


def argmax(x):
    """Returns the place of the largest of every row, int32; the first of equal ones."""
    if BACKEND == "tensorflow":  # Keras tells -0.0 from 0.0, in six passes over `x`
        return tf.argmax(x, axis=1, output_type=tf.int32)
    return ops.cast(ops.argmax(ops.where(x == 0, 0.0, x), axis=1), "int32")


def top_k(x, count):
    """Returns the `count` largest of every row and their places, int32.

    Of equal ones the first come first, which `torch.topk` does not promise.
    """
    if BACKEND == "torch":
        x, places = torch.sort(x, dim=-1, descending=True, stable=True)
        return x[..., :count], places[..., :count].to(torch.int32)
    x, places = ops.top_k(x, count)
    return x, ops.cast(places, "int32")


def draw(logits, seed, index):
    """Draws an id of each row of logits, int32 `(batch, 1)`; -infinity is never drawn.

    The same integers `seed` and `index` draw the same ids.
    """
    if BACKEND == "tensorflow":
        seed, index = tf.cast(seed, tf.int64), tf.cast(index, tf.int64)
        if by_xla():  # which would take half of the seed for `stateless_categorical`
            drawn = tf.raw_ops.StatelessRandomUniformV2(
                shape=tf.shape(logits),
                key=tf.bitcast(seed, tf.uint64)[None],
                counter=tf.cast(tf.stack([0, index]), tf.uint64),
                alg=PHILOX,
            )
            drawn = tf.maximum(drawn, np.finfo("float32").tiny)
            return argmax(logits - tf.math.log(-tf.math.log(drawn)))[:, None]
        seeds = tf.stack([seed, index])
        return tf.random.stateless_categorical(logits, 1, seeds, dtype=tf.int32)
    if BACKEND == "jax":
        key = jax.random.key(seed & 0xFFFFFFFF)
        key = jax.random.fold_in(
            jax.random.fold_in(key, seed >> 32 & 0xFFFFFFFF), index
        )
        return jax.random.categorical(key, logits)[:, None].astype("int32")
    generator = torch.Generator(logits.device)
    generator.manual_seed(hash((seed, int(index))))
    p = torch.softmax(logits, dim=-1).nan_to_num(1.0)  # refused at the end
    return torch.multinomial(p, 1, generator=generator).to(torch.int32)


def is_traced(x) -> bool:
    """Tells whether `x` is a name in a graph, and no value yet."""
    if BACKEND == "tensorflow":
        return tf.is_symbolic_tensor(x)
    return BACKEND == "jax" and isinstance(x, jax.core.Tracer)


def is_known(x) -> bool:
    """Tells whether `x` is a value, and no graph of TensorFlow has checked it."""
    return BACKEND != "tensorflow" and not is_traced(x)


def cut(ids, lengths):
    """Returns ids as long as the longest sequence; where XLA compiles, all."""
    if by_xla() or (BACKEND == "jax" and is_traced(ids)):
        return ids
    if BACKEND == "tensorflow":
        return ids[..., : tf.reduce_max(lengths)]  # of none, too
    return ids[..., : int(ops.max(lengths)) if 0 not in lengths.shape else 0]
