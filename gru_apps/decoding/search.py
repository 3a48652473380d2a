"""Greedy search and sampling, on any backend of Keras, and what `beams` shares.

All searches drive a function `step(ids, state) -> (logits, state)`: `ids` are the int32
`(batch,)` chosen last, `logits` floats `(batch, vocabulary)` for what follows, `state`
any nest of tensors whose first axis is the batch, and whose shapes and dtypes stay the
same.

With TensorFlow they run eagerly, in a `tf.function` and in a SavedModel, with any batch
size, and numbers among the options may be int32 or float32 scalar tensors: a signature
can take them as inputs. With JAX and PyTorch they run eagerly; numbers are Python's
there. Those that mean nothing are refused with a `ValueError`, and so are logits
without a softmax, which in a graph of TensorFlow are an `InvalidArgumentError`.

XLA compiles a search as a whole, in a `jax.jit` or a `tf.function(jit_compile=True)`: a
second or two for each new shape, and then a step of a small model takes half of the
time or less. There `ids` are `max_steps` long, numbers that are sizes are Python's,
TensorFlow draws other samples, and logits without a softmax, which nothing refuses,
have scores that are NaN or infinite. The compiled function must call the search itself,
and not a `tf.function` around it, which would keep what it once was compiled for.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from keras import ops, tree

from gru_apps.decoding.backends import (
    NO_ID,
    append,
    cut,
    draw,
    last,
    repeat_while,
    room_for,
    rows_at,
)
from gru_apps.decoding.options import INT32, LARGEST, as_start, check_options
from gru_apps.decoding.shortlist import centred, checked, likeliest, shortlist

Step = Callable[[Any, Any], tuple[Any, Any]]
Number = Any  # int, float, or a scalar tensor of TensorFlow


class Decoded(NamedTuple):
    """Sequences without their start and end ids, padded with 0 to the longest of them.

    `ids` are int32 `(batch, steps)`, `scores` float32 `(batch,)`, `lengths` int32
    `(batch,)`; after a beam search, all have a second axis of `n_best`. A sequence that
    met `max_steps` before its end is `max_steps` long, and every other is shorter.
    """

    ids: Any
    scores: Any
    lengths: Any


def greedy(
    step: Step,
    state: Any,
    start_ids: Any,
    *,
    max_steps: Number,
    end_id: Number | None = None,
) -> Decoded:
    """Takes the likeliest id at every step.

    Stops where every sequence has met `end_id`, or after `max_steps`. Scores are the
    sums of the log-probabilities of the ids taken, the end included.

    >>> def count(ids, state):
    ...     return 9.0 * ops.one_hot(ids + 1, 6), state
    >>> greedy(count, (), [1, 3], max_steps=9, end_id=5).ids.numpy().tolist()
    [[2, 3, 4], [4, 0, 0]]
    """
    check_options(whole=["max_steps"], max_steps=(max_steps, 0, INT32))

    def choose(logits, going_on, index):
        return likeliest(logits)

    return _decode(choose, step, state, start_ids, max_steps, end_id)


def sample(
    step: Step,
    state: Any,
    start_ids: Any,
    *,
    max_steps: Number,
    seed: Number,
    temperature: Number = 1.0,
    top_k: Number = 0,
    top_p: Number = 1.0,
    end_id: Number | None = None,
) -> Decoded:
    """Draws the ids at random, each sequence of the batch for itself.

    Logits are divided by `temperature` (0 is greedy), then only the `top_k` likeliest
    ids stay (0 for all), then the fewest whose probabilities add up to `top_p`, the
    nucleus of Holtzman et al., 2020, arXiv:1904.09751. An integer `seed` always draws
    the same ids, whatever `max_steps` is, but each backend draws its own. Scores are
    log-probabilities as in `greedy`: at temperature 1, and without the cuts.

    >>> def coin(ids, state):
    ...     return ops.zeros((len(ids), 2)), state
    >>> sample(coin, (), [0, 0], max_steps=9, seed=7).ids.numpy().tolist()
    [[0, 1, 1, 0, 1, 1, 1, 0, 0], [1, 1, 1, 0, 1, 1, 0, 0, 0]]
    """
    check_options(
        whole=["max_steps", "seed", "top_k"],
        max_steps=(max_steps, 0, INT32),
        seed=(seed, -LARGEST - 1, LARGEST),
        temperature=(temperature, 0, sys.float_info.max),
        top_k=(top_k, 0, INT32),
        top_p=(top_p, 0, 1),
    )

    def choose(logits, going_on, index):
        most = ops.max(logits, axis=1, keepdims=True)
        logits, gained = centred(logits, most)  # so that no division overflows
        logits = ops.where(going_on[:, None] & ~ops.isnan(gained), logits, 0.0)
        few, ids = shortlist(logits, temperature, top_k, top_p)
        chosen = rows_at(ids, draw(few, seed, index))
        return chosen[:, 0], (gained + rows_at(logits, chosen))[:, 0]

    return _decode(choose, step, state, start_ids, max_steps, end_id)


def _decode(choose, step, state, start_ids, max_steps, end_id) -> Decoded:
    """Steps until all have ended.

    `choose(logits, going_on, index)` picks the ids, and tells their log-probabilities.
    """
    end_id = NO_ID if end_id is None else end_id

    def body(index, state, scores, ids):
        ids_before = last(ids, index)
        going_on = ids_before != NO_ID
        logits, state = step(ops.maximum(ids_before, 0), state)
        logits = ops.cast(logits, "float32")
        chosen, gained = choose(logits, going_on, index + 1)
        scores = scores + ops.where(going_on, gained, 0.0)
        # a row without a softmax ends, to be refused when the others have ended
        going_on = going_on & (chosen != end_id) & ~ops.isnan(scores)
        chosen = ops.where(going_on, chosen, NO_ID)
        return index + 1, state, scores, append(ids, chosen, index)

    ids = as_start(start_ids)
    scores, ids = ops.zeros_like(ids, dtype="float32"), room_for(max_steps, ids)
    _, _, scores, ids = loop(max_steps, body, state, scores, ids)
    return decoded(*checked(scores, ids))


def loop(max_steps, body, state, *variables):
    """Repeats `body(index, state, scores, ids, ...)` as long as any sequence goes on.

    `index` counts the steps that were taken.
    """
    state = tree.map_structure(ops.convert_to_tensor, state)

    def going_on(index, state, scores, ids, *_):
        return ops.any(last(ids, index) != NO_ID)

    parts = (ops.zeros([], dtype="int32"), state, *variables)
    return repeat_while(going_on, body, parts, max_steps)


def decoded(scores, ids) -> Decoded:
    """Takes off the start ids and what no sequence reaches, and pads with 0."""
    ids = ids[..., 1:]
    lengths = ops.sum(ops.cast(ids != NO_ID, "int32"), axis=-1)
    return Decoded(cut(ops.maximum(ids, 0), lengths), scores, lengths)
