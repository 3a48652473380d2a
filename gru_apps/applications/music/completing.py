"""Finds the cells of a score that are not given, with several candidates side by side.

The model draws one voice of one sixteenth at a time. It cannot know that two voices
will move in parallel, and from one note to the next it drifts into other keys. So each
piece is drawn by several candidates at once. After each sixteenth, those that made
faults give way to copies of the others: this is a particle filter, whose weights are
`exp(-PENALTY * faults)`.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gru_apps.applications.music import contexts, scores
from gru_apps.decoding.shortlist import IMPOSSIBLE, shortlist

PENALTY = 4.0  # nats for a fault: a parallel, or an end beside the tonic
STRANGE = 0.15  # of a fault: a note that is not in the scale of the key
LONGEST_HOLD = 32  # sixteenths: in 99 % of Bach's chorales no note lasts longer
NUM_VOICES = len(scores.VOICES)
UPPER, LOWER = (0, 0, 0, 1, 1, 2), (1, 2, 3, 2, 3, 3)  # all pairs of voices
BASS_PLACE = scores.VOICE_ORDER.index(3)
FIFTH, OCTAVE = 7, 12
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10, 11)  # both sevenths
HELD = scores.FIRST_HELD_TOKEN - scores.REST_TOKEN  # from a start's token to a hold's


class Candidates(NamedTuple):
    """Rows of pieces that are being drawn; those of one question stand together.

    `tokens` are `(rows, n)`, the start among them. `pitches` and `ages` `(rows, 4)`, in
    the order of naming, tell what sounds now, and for how many sixteenths it has.
    """

    state: tf.Tensor
    tokens: tf.Tensor
    pitches: tf.Tensor
    ages: tf.Tensor


class Told(NamedTuple):
    """What is known beforehand, each `(batch, steps, ...)`."""

    given: tf.Tensor
    context_ids: tf.Tensor
    ahead: tf.Tensor


def complete(
    language_model, cells, context_ids, *, candidates, temperature, seed
) -> tf.Tensor:
    """Returns int32 cells `(batch, steps, 4)` without `PAD`: those cells are found.

    `language_model` are the views of a `GuidedLanguageModel`, and `context_ids` are
    those of `contexts`. The same integer `seed` gives the same music; a `temperature`
    of 0 takes the likeliest.
    """
    batch, steps = tf.unstack(tf.shape(cells)[:2])
    given = scores.tokens_from_cells(cells)
    told = Told(
        tf.reshape(given, [batch, steps, NUM_VOICES]),
        tf.reshape(context_ids, [batch, steps, NUM_VOICES, context_ids.shape[-1]]),
        language_model.ahead(given, training=False),
    )

    steps_of_voices = [language_model.step_at(voice) for voice in range(NUM_VOICES)]

    def body(index, rows):
        here = [tf.repeat(part[:, index], candidates, axis=0) for part in told]
        after = draw(steps_of_voices, rows, *here, index, temperature, seed)
        faults = parallels(rows.pitches, after.pitches)
        faults += strangers(after, here[1][:, 0])
        seeds = _seeds(seed, -1 - index)
        parents = survivors(tf.reshape(faults, [batch, candidates]), seeds)
        return index + 1, Candidates(*(tf.gather(x, parents) for x in after))

    rows = beginning(batch * candidates, language_model.step.input["state"].shape[-1])
    shapes = [tf.TensorShape([None, part.shape[1]]) for part in rows]
    shapes[1] = tf.TensorShape([None, None])
    loop = (tf.constant(0), rows), (tf.TensorShape([]), Candidates(*shapes))
    rows = tf.while_loop(lambda index, _: index < steps, body, *loop)[1]
    found = scores.cells_from_tokens(rows.tokens[::candidates, 1:])
    return tf.ensure_shape(found, cells.shape)


def beginning(rows, state_size) -> Candidates:
    """Returns so many candidates, before anything was drawn."""
    nothing = tf.zeros([rows, NUM_VOICES], tf.int32)
    return Candidates(
        tf.zeros([rows, state_size]),
        tf.fill([rows, 1], scores.START_TOKEN),
        nothing - 1,
        nothing,
    )


def draw(
    steps_of_voices, rows, given, context_ids, ahead, index, temperature, seed
) -> Candidates:
    """Draws the four tokens of a sixteenth, one after the other, or takes the given."""
    state, token, new = rows.state, rows.tokens[:, -1], []
    parts = given, context_ids, allowed(rows.pitches, rows.ages)
    parts = [tf.unstack(part, NUM_VOICES, axis=1) for part in parts]
    of_voices = zip(steps_of_voices, *parts, strict=True)
    for voice, (step, told, context, may_come) in enumerate(of_voices, start=1):
        inputs = {"token_ids": token, "context_ids": context}
        inputs |= {"given_ids": given, "ahead": ahead, "state": state}
        answer = step(inputs, training=False)
        state, logits = answer["state"], tf.cast(answer["logits"], tf.float32)
        logits = tf.where(may_come, logits, IMPOSSIBLE)
        logits, ids = shortlist(logits, temperature, 0, 1.0)
        seeds = _seeds(seed, NUM_VOICES * index + voice)
        drawn = tf.random.stateless_categorical(logits, 1, seeds, dtype=tf.int32)
        drawn = tf.squeeze(tf.gather(ids, drawn, batch_dims=1), axis=1)
        token = tf.where(told > 0, told, drawn)
        new.append(token)
    new = tf.stack(new, axis=1)
    tokens = tf.concat([rows.tokens, new], axis=1)
    is_held = new >= scores.FIRST_HELD_TOKEN
    begun = tf.where(is_held, new - HELD, new)
    pitches = begun - scores.LOWEST_TOKEN + scores.LOWEST
    pitches = tf.where(begun == scores.REST_TOKEN, 0, pitches)
    return Candidates(state, tokens, pitches, tf.where(is_held, rows.ages + 1, 1))


def allowed(pitches, ages) -> tf.Tensor:
    """Returns which tokens may follow: booleans `(..., tokens)`.

    Padding and the start are no music. What is held is what sounds now (`pitches`
    `(...)`, -1 before the first note), and not for ever.
    """
    tokens = tf.range(scores.NUM_TOKENS)
    held = (
        tf.where(pitches > 0, pitches - scores.LOWEST + 1, 0) + scores.FIRST_HELD_TOKEN
    )
    may_hold = (pitches >= 0) & (ages < LONGEST_HOLD)
    starts = (tokens > scores.START_TOKEN) & (tokens < scores.FIRST_HELD_TOKEN)
    return starts | (may_hold[..., None] & (tokens == held[..., None]))


def parallels(before, after) -> tf.Tensor:
    """Counts the parallel fifths, unisons and octaves of a step, float32 `(rows,)`.

    `before` and `after` are pitches `(rows, 4)`, of the voices in any order.

    >>> parallels([[72, 48, 67, 64]], [[74, 50, 69, 64]]).numpy()
    array([2.], dtype=float32)
    """
    before, after = tf.convert_to_tensor(before), tf.convert_to_tensor(after)
    motion = tf.where((before > 0) & (after > 0), tf.sign(after - before), 0)

    def of_pairs(x):
        return tf.gather(x, UPPER, axis=1), tf.gather(x, LOWER, axis=1)

    def intervals(pitches):
        upper, lower = of_pairs(pitches)
        return tf.abs(upper - lower) % OCTAVE

    together = tf.equal(*of_pairs(motion)) & (of_pairs(motion)[0] != 0)
    kept = intervals(before) == intervals(after)
    perfect = (intervals(after) == 0) | (intervals(after) == FIFTH)
    return tf.reduce_sum(tf.cast(together & kept & perfect, tf.float32), axis=1)


def strangers(rows, context_ids) -> tf.Tensor:
    """Counts, as parts of a fault, what does not belong to the key, float32 `(rows,)`.

    Each note that begins outside the scale counts `STRANGE`, and in the last beat a
    bass beside the tonic counts 1. `context_ids` are `(rows, 4)`; without a key, there
    are no such faults.
    """
    key, end = context_ids[:, contexts.KEY], context_ids[:, contexts.END]
    notes = rows.pitches % OCTAVE
    fits = tf.gather(tf.gather(_scales(), key), notes, batch_dims=1)
    begins = (rows.ages == 1) & (rows.pitches > 0)
    strange = tf.reduce_sum(tf.cast(begins & ~fits, tf.float32), axis=1)
    tonic = (key - 1) % OCTAVE
    beside = (key > 0) & (end == 1) & (notes[:, BASS_PLACE] != tonic)
    return STRANGE * strange + tf.cast(beside, tf.float32)


def _scales():
    """Returns which notes are in which key, `(keys, 12)`; all are in an unknown one."""
    modes = [np.isin(np.arange(OCTAVE), mode) for mode in (MAJOR, MINOR)]
    known = [np.roll(mode, tonic) for mode in modes for tonic in range(OCTAVE)]
    return tf.constant(np.stack([np.ones(OCTAVE, bool), *known]))


def survivors(faults, seeds) -> tf.Tensor:
    """Returns which rows go on, int32 `(batch * candidates,)`, some several times.

    Candidates with `faults` `(batch, candidates)` are drawn in proportion to `exp(
    -PENALTY * faults)`, by one random number a piece and even steps from there. Where
    all have as many faults, each goes on once.

    Reference: Kitagawa, 1996, doi:10.2307/1390750, appendix, "systematic" resampling.
    """
    batch, candidates = tf.unstack(tf.shape(faults))
    weights = tf.nn.softmax(-PENALTY * faults)
    start = tf.random.stateless_uniform([batch, 1], seeds)
    places = tf.range(candidates, dtype=tf.float32)
    points = (start + places) / tf.cast(candidates, tf.float32)
    chosen = tf.searchsorted(tf.cumsum(weights, axis=1), points, side="right")
    chosen = tf.minimum(chosen, candidates - 1)
    return tf.reshape(chosen + candidates * tf.range(batch)[:, None], [-1])


def _seeds(seed, place):
    return tf.stack([tf.cast(seed, tf.int64), tf.cast(place, tf.int64)])
