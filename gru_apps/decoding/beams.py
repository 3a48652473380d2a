"""Beam search, on any backend of Keras: see `search` for steps, states and numbers."""

import sys
from typing import Any

from keras import ops, tree

from gru_apps.decoding.backends import (
    NO_ID,
    append,
    is_traced,
    larger,
    last,
    room_for,
    rows_at,
    smaller,
    top_k,
)
from gru_apps.decoding.options import INT32, as_start, check_options
from gru_apps.decoding.search import (
    Decoded,
    Number,
    Step,
    decoded,
    loop,
)
from gru_apps.decoding.shortlist import IMPOSSIBLE, checked, likeliest_ids


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
    exist, empty ones with scores of -infinity. A `width` below `n_best` is raised to
    it.

    `step` gets `batch * width` rows, those of a sequence side by side: what has a row
    for each sequence, as an encoder's memory, belongs in `state`. State that `step`
    returns untouched, like an encoder's memory, is free in a graph.

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
        # one without a softmax ends, too: it stays the best, and is refused at last
        ends, length = (chosen == end_id) | (scores == float("inf")), index + 1
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
    length, _, scores, ids, *done = loop(max_steps, body, state, scores, ids, none, ids)
    going_on = scores != IMPOSSIBLE  # others would be NaN by a penalty of infinity
    scores = ops.where(going_on, scores / penalty(length), IMPOSSIBLE)
    scores = ops.concatenate([done[0], scores], axis=1)
    ids = ops.concatenate([done[1], ids], axis=1)
    scores, ids = checked(scores, ids)  # before those that are NaN may be left out
    # equal keys keep their order: what ended, what did not, and then the impossible
    possible = ops.cast(scores != IMPOSSIBLE, "int32")
    _, scores, ids = _best(n_best, possible, scores, ids)
    return decoded(scores, ids)


def _continuations(scores, logits):
    """Returns the likeliest, twice as many since half may end, and parents' places."""
    batch, width = ops.shape(scores)
    few = smaller(ops.shape(logits)[1], 2 * width)  # of each parent, as of all
    going_on = ops.reshape(scores != IMPOSSIBLE, [-1])
    gained, chosen = likeliest_ids(ops.cast(logits, "float32"), few, going_on)
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
