"""Greedy search, sampling and beam search, in the TensorFlow graph.

All three drive a function `step(ids, state) -> (logits, state)`: `ids` are the int32
`(batch,)` chosen last, `logits` floats `(batch, vocabulary)` for what follows, `state`
any nest of tensors whose first axis is the batch and whose shapes stay the same. They
run eagerly, in a `tf.function` and in a SavedModel, with any batch size. Numbers among
the options may be int32 or float32 scalar tensors: a signature can take them as inputs.
Others are refused with a `ValueError` where they mean nothing.
"""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from gru_apps.decoding.options import LARGEST, as_start, check_options
from gru_apps.decoding.shortlist import IMPOSSIBLE, centred, likeliest_ids, shortlist

Step = Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]]
Number = int | float | tf.Tensor

INT32 = 2**31 - 1  # the largest number of steps, and of all else that is counted
NO_ID = -1  # pads while decoding, where 0 may be an id that was chosen


class Decoded(NamedTuple):
    """Sequences without their start and end ids, padded with 0 to the longest of them.

    `ids` are int32 `(batch, steps)`, `scores` float32 `(batch,)`, `lengths` int32
    `(batch,)`; after a beam search, all have a second axis of `n_best`. A sequence that
    met `max_steps` before its end is `max_steps` long, and every other is shorter.
    """

    ids: tf.Tensor
    scores: tf.Tensor
    lengths: tf.Tensor


def greedy(
    step: Step,
    state: Any,
    start_ids: tf.Tensor,
    *,
    max_steps: Number,
    end_id: Number | None = None,
) -> Decoded:
    """Takes the likeliest id at every step.

    Stops where every sequence has met `end_id`, or after `max_steps`. Scores are the
    sums of the log-probabilities of the ids taken, the end included.

    >>> def count(ids, state):
    ...     return 9.0 * tf.one_hot(ids + 1, depth=6), state
    >>> greedy(count, (), [1, 3], max_steps=9, end_id=5).ids.numpy().tolist()
    [[2, 3, 4], [4, 0, 0]]
    """
    check_options(whole=["max_steps"], max_steps=(max_steps, 0, INT32))

    def choose(logits, going_on, index):
        return tf.argmax(logits, axis=1, output_type=tf.int32)

    return _decode(choose, step, state, start_ids, max_steps, end_id)


def sample(
    step: Step,
    state: Any,
    start_ids: tf.Tensor,
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
    the same ids, whatever `max_steps` is. Scores are as in `greedy`, without the cuts.

    >>> def coin(ids, state):
    ...     return tf.zeros((len(ids), 2)), state
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
        logits = tf.where(going_on[:, None], logits, 0.0)
        logits, ids = shortlist(logits, temperature, top_k, top_p)
        seeds = tf.stack([tf.cast(seed, tf.int64), tf.cast(index, tf.int64)])
        drawn = tf.random.stateless_categorical(logits, 1, seeds, dtype=tf.int32)
        return tf.gather(ids, drawn, batch_dims=1)[:, 0]

    return _decode(choose, step, state, start_ids, max_steps, end_id)


def beam_search(
    step: Step,
    state: Any,
    start_ids: tf.Tensor,
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
    ...     return tf.one_hot(ids + 1, depth=6), state
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
    width = tf.maximum(width, n_best)
    end_id = NO_ID if end_id is None else end_id

    def penalty(length):
        return ((5.0 + tf.cast(length, tf.float32)) / 6.0) ** length_penalty

    def body(state, scores, ids, done_scores, done_ids):
        logits, following = step(tf.maximum(tf.reshape(ids[:, :, -1], [-1]), 0), state)
        scores, ids, parents = _continuations(scores, ids, logits)
        ends, length = ids[:, :, -1] == end_id, tf.shape(ids)[2] - 1
        ended = tf.where(ends, scores / penalty(length), IMPOSSIBLE)
        done_scores = tf.concat([done_scores, ended[:, :width]], axis=1)
        done_ids = tf.concat([done_ids, ids[:, :width, :-1]], axis=1)
        done_scores, done_ids = _best(width, done_scores, done_ids)
        done_ids = tf.pad(done_ids, [[0, 0], [0, 0], [0, 1]], constant_values=NO_ID)
        scores = tf.where(ends, IMPOSSIBLE, scores)
        scores, ids, parents = _best(width, scores, ids, parents)
        # log-probabilities only fall, but a longer sequence may be penalised less
        hope = scores[:, 0] / tf.maximum(penalty(length + 1), penalty(max_steps))
        over = (done_scores[:, n_best - 1] >= hope) | (done_scores[:, -1] > IMPOSSIBLE)
        scores = tf.where(over[:, None], IMPOSSIBLE, scores)
        ids = tf.where(scores[:, :, None] > IMPOSSIBLE, ids, NO_ID)
        return _reordered(state, following, parents), scores, ids, done_scores, done_ids

    state = tf.nest.map_structure(lambda part: tf.repeat(part, width, axis=0), state)
    ids = tf.repeat(as_start(start_ids)[:, None, None], width, axis=1)
    none = tf.fill(tf.shape(ids)[:2], IMPOSSIBLE)
    scores = tf.where(tf.range(width) == 0, 0.0, none)
    _, scores, ids, *done = _loop(max_steps, body, state, scores, ids, none, ids)
    scores = tf.concat([done[0], scores / penalty(tf.shape(ids)[2] - 1)], axis=1)
    ids = tf.concat([done[1], ids], axis=1)
    # equal keys keep their order: what ended, what did not, and then the impossible
    _, scores, ids = _best(n_best, tf.cast(scores > IMPOSSIBLE, tf.int32), scores, ids)
    return _decoded(scores, ids)


def _decode(choose, step, state, start_ids, max_steps, end_id) -> Decoded:
    """Steps until all have ended; `choose(logits, going_on, index)` picks the ids."""
    end_id = NO_ID if end_id is None else end_id

    def body(state, scores, ids):
        going_on = ids[:, -1] != NO_ID
        logits, state = step(tf.maximum(ids[:, -1], 0), state)
        logits, normalizer = centred(logits, going_on)
        chosen = choose(logits, going_on, tf.shape(ids)[1])
        gained = tf.gather(logits, chosen, batch_dims=1) - normalizer[:, 0]
        scores += tf.where(going_on, gained, 0.0)
        chosen = tf.where(going_on & (chosen != end_id), chosen, NO_ID)
        return state, scores, tf.concat([ids, chosen[:, None]], axis=1)

    ids = as_start(start_ids)[:, None]
    scores = tf.zeros_like(ids[:, 0], tf.float32)
    return _decoded(*_loop(max_steps, body, state, scores, ids)[1:])


def _loop(max_steps, body, state, *variables):
    """Repeats `body(state, scores, ids, ...)` as long as any sequence goes on."""
    state = tf.nest.map_structure(tf.convert_to_tensor, state)
    shapes = (
        tf.nest.map_structure(lambda x: tf.TensorShape([None, *x.shape[1:]]), state),
        *(tf.TensorShape([None] * variable.shape.rank) for variable in variables),
    )

    def going_on(state, scores, ids, *_):
        return tf.reduce_any(ids[..., -1] != NO_ID)

    parts = (state, *variables)
    return tf.while_loop(going_on, body, parts, shapes, maximum_iterations=max_steps)


def _decoded(scores, ids) -> Decoded:
    """Takes off the start ids and what no sequence reaches, and pads with 0."""
    ids = ids[..., 1:]
    lengths = tf.reduce_sum(tf.cast(ids != NO_ID, tf.int32), axis=-1)
    return Decoded(tf.maximum(ids, 0)[..., : tf.reduce_max(lengths)], scores, lengths)


def _continuations(scores, ids, logits):
    """Returns the likeliest, twice as many since half may end, and parents' places."""
    batch, width = tf.unstack(tf.shape(scores))
    few = tf.minimum(tf.shape(logits)[1], 2 * width)  # of each parent, as of all
    gained, chosen = likeliest_ids(logits, few, tf.reshape(scores > IMPOSSIBLE, [-1]))
    scores, shape = tf.reshape(scores, [-1, 1]) + gained, [batch, width * few]
    scores, chosen = tf.reshape(scores, shape), tf.reshape(chosen, shape)
    scores, places = tf.math.top_k(scores, width * tf.minimum(few, 2))
    parents, chosen = places // few, tf.gather(chosen, places, batch_dims=1)
    ids = tf.gather(ids, parents, batch_dims=1)
    return scores, tf.concat([ids, chosen[:, :, None]], axis=2), parents


def _best(count, keys, *parts):
    """Returns the `count` largest keys of every row, and the parts in their places."""
    keys, places = tf.math.top_k(keys, count)
    return keys, *(tf.gather(part, places, batch_dims=1) for part in parts)


def _reordered(state, following, parents):
    """Gives every sequence of the beam what the step made of its parent's state."""
    batch, width = tf.unstack(tf.shape(parents))
    rows = tf.reshape(parents + width * tf.range(batch)[:, None], [-1])

    def reorder(old, new):
        # a loop in a graph has one body: what this hands through is never changed
        constant = new is old and tf.is_symbolic_tensor(new)
        return new if constant else tf.gather(new, rows)

    return tf.nest.map_structure(reorder, state, following)
