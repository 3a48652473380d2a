"""Greedy search, sampling and beam search, on any backend of Keras.

All three drive a function `step(ids, state) -> (logits, state)`: `ids` are the int32
`(batch,)` chosen last, `logits` floats `(batch, vocabulary)` for what follows, `state`
any nest of tensors whose first axis is the batch, and whose shapes and dtypes stay the
same.

With TensorFlow they run eagerly, in a `tf.function` and in a SavedModel, with any batch
size, and numbers among the options may be int32 or float32 scalar tensors: a signature
can take them as inputs. With JAX they run eagerly and in a `jax.jit`, where `ids` are
`max_steps` long; with PyTorch eagerly. Numbers are Python's there. Those that mean
nothing are refused with a `ValueError`, and so are logits without a softmax; in a graph
of TensorFlow these are an `InvalidArgumentError`, and in a `jax.jit`, which cannot
refuse, the scores are NaN or infinite.
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
    is_known,
    is_traced,
    larger,
    last,
    repeat_while,
    room_for,
    rows_at,
    smaller,
    top_k,
)
from gru_apps.decoding.options import LARGEST, as_start, check_options
from gru_apps.decoding.shortlist import IMPOSSIBLE, centred, likeliest_ids, shortlist

Step = Callable[[Any, Any], tuple[Any, Any]]
Number = Any  # int, float, or a scalar tensor of TensorFlow

INT32 = 2**31 - 1  # the largest number of steps, and of all else that is counted


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
        return ops.cast(ops.argmax(logits, axis=1), "int32")

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
    the same ids, whatever `max_steps` is, but each backend draws its own. Scores are as
    in `greedy`, without the cuts.

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
        logits = ops.where(going_on[:, None], logits, 0.0)
        logits, ids = shortlist(logits, temperature, top_k, top_p)
        return rows_at(ids, draw(logits, seed, index))[:, 0]

    return _decode(choose, step, state, start_ids, max_steps, end_id)


def beam_search(
    step: Step,
    state: Any,
    start_ids: Any,
    *,
    width: Number,
    max_steps: Number,
    end_id: Number | None,
    length_penalty: Number = 0.6,
    n_best: Number = 1,
) -> Decoded:
    """Follows the `width` likeliest sequences side by side and returns the `n_best`.

    Scores are log-probabilities over `((5 + n) / 6) ** length_penalty` (Wu et al.,
    2016, arXiv:1609.08144, equation 14), where `n` counts the end. A sequence ends
    where its end is among the `width` likeliest continuations, and leaves its place to
    another. The search is over when `width` have ended (so a beam of 1 is greedy, and
    one as wide as the search space exhaustive), or when no other can still be among the
    `n_best`. Those that ended come first, then others, each best first; where too few
    exist, empty ones with scores of -infinity. A `width` below `n_best` counts as that.
    State that `step` returns untouched, like an encoder's memory, is free in a graph.

    >>> def count(ids, state):
    ...     return ops.one_hot(ids + 1, 6), state
    >>> best = beam_search(count, (), [3], width=9, max_steps=2, end_id=5, n_best=2)
    >>> best.ids.numpy().tolist(), best.lengths.numpy().tolist()
    ([[[4], [0]]], [[1, 0]])
    """
    check_options(
        whole=["width", "n_best", "max_steps"],
        width=(width, 1, INT32),
        n_best=(n_best, 1, INT32),
        max_steps=(max_steps, 0, INT32),
        length_penalty=(length_penalty, -sys.float_info.max, sys.float_info.max),
    )
    width = larger(width, n_best)
    end_id = NO_ID if end_id is None else end_id

    def penalty(length):
        length = ops.cast(length, "float32")
        return ((5.0 + length) / 6.0) ** length_penalty

    def body(index, state, scores, ids, done_scores, done_ids):
        chosen_last = ops.reshape(last(ids, index), [-1])
        logits, following = step(ops.maximum(chosen_last, 0), state)
        scores, chosen, parents = _continuations(scores, logits)
        ids = rows_at(ids, parents)
        ends, length = chosen == end_id, index + 1
        ended = ops.where(ends, scores / penalty(length), IMPOSSIBLE)[:, :width]
        done_scores = ops.concatenate([done_scores, ended], axis=1)
        done_ids = ops.concatenate([done_ids, ids[:, :width]], axis=1)
        done_scores, done_ids = _best(width, done_scores, done_ids)
        done_ids = append(done_ids, ops.full_like(done_ids[:, :, 0], NO_ID), index)
        ids = append(ids, chosen, index)
        scores = ops.where(ends, IMPOSSIBLE, scores)
        scores, ids, parents = _best(width, scores, ids, parents)
        # log-probabilities only fall, but a longer sequence may be penalised less
        hope = scores[:, 0] / ops.maximum(penalty(length + 1), penalty(max_steps))
        over = (done_scores[:, n_best - 1] >= hope) | (done_scores[:, -1] != IMPOSSIBLE)
        scores = ops.where(over[:, None], IMPOSSIBLE, scores)
        ids = ops.where(scores[:, :, None] != IMPOSSIBLE, ids, NO_ID)
        state = _reordered(state, following, parents)
        return length, state, scores, ids, done_scores, done_ids

    def repeated(part):
        return ops.repeat(ops.convert_to_tensor(part), width, axis=0)

    state = tree.map_structure(repeated, state)
    ids = ops.repeat(as_start(start_ids)[:, None], width, axis=1)
    none = ops.full(ops.shape(ids), IMPOSSIBLE, dtype="float32")
    scores = ops.where(ops.arange(width) == 0, 0.0, none)
    ids = room_for(max_steps, ids)
    length, _, scores, ids, *done = _loop(
        max_steps, body, state, scores, ids, none, ids
    )
    scores = ops.concatenate([done[0], scores / penalty(length)], axis=1)
    _check(scores)  # before those that are NaN may be left out
    ids = ops.concatenate([done[1], ids], axis=1)
    # equal keys keep their order: what ended, what did not, and then the impossible
    possible = ops.cast(scores != IMPOSSIBLE, "int32")
    _, scores, ids = _best(n_best, possible, scores, ids)
    return _decoded(scores, ids)


def _decode(choose, step, state, start_ids, max_steps, end_id) -> Decoded:
    """Steps until all have ended; `choose(logits, going_on, index)` picks the ids."""
    end_id = NO_ID if end_id is None else end_id

    def body(index, state, scores, ids):
        ids_before = last(ids, index)
        going_on = ids_before != NO_ID
        logits, state = step(ops.maximum(ids_before, 0), state)
        logits, normalizer = centred(logits, going_on)
        chosen = choose(logits, going_on, index + 1)
        gained = rows_at(logits, chosen[:, None])[:, 0] - normalizer[:, 0]
        scores = scores + ops.where(going_on, gained, 0.0)
        chosen = ops.where(going_on & (chosen != end_id), chosen, NO_ID)
        return index + 1, state, scores, append(ids, chosen, index)

    ids = as_start(start_ids)
    scores, ids = ops.zeros_like(ids, dtype="float32"), room_for(max_steps, ids)
    _, _, scores, ids = _loop(max_steps, body, state, scores, ids)
    _check(scores)
    return _decoded(scores, ids)


def _loop(max_steps, body, state, *variables):
    """Repeats `body(index, state, scores, ids, ...)` as long as any sequence goes on.

    `index` counts the steps that were taken.
    """
    state = tree.map_structure(ops.convert_to_tensor, state)

    def going_on(index, state, scores, ids, *_):
        return ops.any(last(ids, index) != NO_ID)

    parts = (ops.zeros([], dtype="int32"), state, *variables)
    return repeat_while(going_on, body, parts, max_steps)


def _decoded(scores, ids) -> Decoded:
    """Takes off the start ids and what no sequence reaches, and pads with 0."""
    ids = ids[..., 1:]
    lengths = ops.sum(ops.cast(ids != NO_ID, "int32"), axis=-1)
    return Decoded(cut(ops.maximum(ids, 0), lengths), scores, lengths)


def _check(scores):
    """Refuses what came of logits without a softmax, where no graph has done so."""
    if is_known(scores) and not ops.all(scores < float("inf")):
        raise ValueError(
            "Logits must have a softmax: no NaN, no +infinity, and not -infinity alone."
        )


def _continuations(scores, logits):
    """Returns the likeliest, twice as many since half may end, and parents' places."""
    batch, width = ops.shape(scores)
    few = smaller(ops.shape(logits)[1], 2 * width)  # of each parent, as of all
    gained, chosen = likeliest_ids(logits, few, ops.reshape(scores != IMPOSSIBLE, [-1]))
    scores, shape = ops.reshape(scores, [-1, 1]) + gained, [batch, width * few]
    scores, chosen = ops.reshape(scores, shape), ops.reshape(chosen, shape)
    scores, places = top_k(scores, width * smaller(few, 2))
    return scores, rows_at(chosen, places), places // few


def _best(count, keys, *parts):
    """Returns the `count` largest keys of every row, and the parts in their places."""
    keys, places = top_k(keys, count)
    return keys, *(rows_at(part, places) for part in parts)


def _reordered(state, following, parents):
    """Gives every sequence of the beam what the step made of its parent's state."""
    batch, width = ops.shape(parents)
    first = width * ops.arange(batch, dtype="int32")
    rows = ops.reshape(parents + first[:, None], [-1])

    def reorder(old, new):
        # a loop in a graph has one body: what this hands through is never changed
        constant = new is old and is_traced(new)
        return new if constant else ops.take(new, rows, axis=0)

    return tree.map_structure(reorder, state, following)
