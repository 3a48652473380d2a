"""Two made-up tasks whose answer needs what was seen long before."""

import math
from collections.abc import Callable

import tensorflow as tf


def adding_problem(
    number: int, length: int, *, seed: tuple[int, int] | tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Draws rows of random numbers, two of them marked, and the sum of those two.

    `seed` is two integers: the same ones draw the same rows. Returns inputs, floats
    `(number, length, 2)`, each step a number of [0, 1) and a mark that is 1 at two
    steps and 0 elsewhere, and targets, floats `(number, 1)`. The two steps are drawn
    from all pairs alike. Whoever answers 1 always has a mean squared error of 1/6.
    Raises `ValueError` for a length below 2.

    Reference: Hochreiter and Schmidhuber, 1997, doi:10.1162/neco.1997.9.8.1735,
    section 5.4; as drawn by Bai et al., 2018, arXiv:1803.01271.

    >>> inputs, targets = adding_problem(3, 5, seed=(0, 0))
    >>> inputs.shape.as_list(), targets.shape.as_list()
    ([3, 5, 2], [3, 1])
    """
    if length < 2:
        raise ValueError(f"`length` must be at least 2. Received: length={length}")
    seeds = tf.unstack(tf.random.split(seed, 3))
    numbers = tf.random.stateless_uniform([number, length], seeds[0])
    first = tf.random.stateless_uniform([number], seeds[1], 0, length, tf.int32)
    apart = tf.random.stateless_uniform([number], seeds[2], 1, length, tf.int32)
    second = (first + apart) % length
    marks = tf.one_hot(first, length) + tf.one_hot(second, length)
    targets = tf.reduce_sum(numbers * marks, axis=1, keepdims=True)
    return tf.stack([numbers, marks], axis=-1), targets


def delayed_copy(
    number: int,
    delay: int,
    *,
    seed: tuple[int, int] | tf.Tensor,
    symbols: int = 8,
    count: int = 4,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Draws a few symbols to be said again in their order, after a delay of blanks.

    Returns inputs, one-hot floats `(number, count + delay + count, symbols + 2)`, and
    targets, integers `(number, count + delay + count)`. First come `count` symbols, 1
    to `symbols`, then `delay` blanks, 0, then `count` times the sign to answer,
    `symbols + 1`. Targets are the symbols where that sign stands, and 0 elsewhere,
    which counts for nothing in `SequenceCrossEntropy`. The loss of guessing is
    `log(symbols)`. Raises `ValueError` for a negative delay.

    Reference: Hochreiter and Schmidhuber, 1997, doi:10.1162/neco.1997.9.8.1735; close
    to the copy task of Arjovsky et al., 2016, arXiv:1511.06464, section 5.1.

    >>> inputs, targets = delayed_copy(1, 3, seed=(0, 0), count=2)
    >>> tf.argmax(inputs, axis=-1).numpy().tolist(), targets.numpy().tolist()
    ([[7, 2, 0, 0, 0, 9, 9]], [[0, 0, 0, 0, 0, 7, 2]])
    """
    if delay < 0:
        raise ValueError(f"`delay` must not be negative. Received: delay={delay}")
    said = tf.random.stateless_uniform([number, count], seed, 1, symbols + 1, tf.int32)
    blanks = tf.zeros([number, delay], tf.int32)
    ask = tf.fill([number, count], symbols + 1)
    inputs = tf.one_hot(tf.concat([said, blanks, ask], axis=1), symbols + 2)
    return inputs, tf.concat([tf.zeros_like(said), blanks, said], axis=1)


def loss_without_order(symbols: int = 8, count: int = 4) -> float:
    """Returns the loss, in nats a symbol, of who knows what was shown but no order.

    In `delayed_copy` the symbols are drawn with replacement, so that two may be alike,
    and cost nothing. At each place the best guess is a symbol's share of those shown:
    the mean of their entropies. Of two symbols that is `(1 - 1 / symbols) * log(2)`.

    >>> round(loss_without_order(symbols=8, count=2), 3)  # 7/8 of log(2)
    0.607
    """
    loss = 0.0
    for times in range(1, count + 1):  # that one symbol is shown
        ways = math.comb(count, times) * (symbols - 1) ** (count - times)
        share = times / count
        loss -= symbols * ways / symbols**count * share * math.log(share)
    return loss


def fresh_batches(
    task: Callable, *sizes: int, steps: int, seed: int, **options
) -> tf.data.Dataset:
    """Makes a dataset of `steps` batches, drawn anew each time it is gone through.

    A batch is `task(*sizes, seed=..., **options)`.

    >>> [inputs.shape.as_list() for inputs, _ in
    ...  fresh_batches(adding_problem, 4, 5, steps=2, seed=0)]
    [[4, 5, 2], [4, 5, 2]]
    """
    seeds = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True)
    # a seed is two integers; the second is there to be given
    batches = seeds.take(steps).map(
        lambda drawn: task(*sizes, seed=tf.stack([drawn, 0]), **options)
    )
    return batches.prefetch(tf.data.AUTOTUNE)
