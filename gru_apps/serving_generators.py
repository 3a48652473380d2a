"""The questions that a SavedModel answers with something new: translations, music.

Signatures are made, named and refuse bad input as those of `serving` do.
"""

from collections.abc import Callable

import tensorflow as tf

from gru_apps import decoding
from gru_apps.serving import (
    MAX_SOURCE,
    Signatures,
    check,
    check_temperature,
    padded,
    spec,
)

START, END = 2, 3  # ids of text
MAX_STEPS = 10_000  # sixteenths: half an hour of music


def translate_text(
    translator,
    source: Callable,
    target: Callable,
    *,
    width: int = 5,
    length_penalty: float = 1.0,
) -> Signatures:
    """Answers `text` `(batch,)` with its `translation` and `score`.

    `source` and `target` are tokenizers. The score is the mean log-probability of the
    tokens, as the length penalty has it. `beam` gives `width` `translations` and
    `scores` `(batch, width)`, best first; `attention` the `translation` with
    `source_tokens` `(batch, length)`, `target_tokens` `(batch, steps)` and `weights`
    `(batch, steps, length)`, right-padded with "" and 0. The first 400 tokens of a text
    are read; an empty text is translated as one, of no target tokens.
    """

    def step(ids, state):
        inputs = {name: state[name] for name in ["memory", "memory_mask", "state"]}
        answer = translator.step({"token_ids": ids, **inputs}, training=False)
        logits, left = tf.cast(answer["logits"], tf.float32), state["left"]
        # a text ends by its own length, whatever others are in the batch
        only_end = tf.where(tf.range(logits.shape[-1]) == END, 0.0, -1e9)
        logits = tf.where(left[:, None] > 0, logits, only_end)
        return logits, {**state, "state": answer["state"], "left": left - 1}

    def search(text, n_best):
        ids = padded(source(text)[:, :MAX_SOURCE])
        start = tf.fill([tf.shape(ids)[0]], START)
        left = 10 + 2 * tf.reduce_sum(tf.cast(ids > 0, tf.int32), axis=1)
        state = {**translator.encoder(ids, training=False), "left": left}
        decoded = decoding.beam_search(
            step,
            state,
            start,
            width=width,
            max_steps=2 * tf.shape(ids)[1] + 11,
            end_id=END,
            length_penalty=length_penalty,
            n_best=n_best,
        )
        said = tf.cast(tf.reduce_any(ids > 0, axis=1), tf.int32)[:, None]
        steps = tf.reduce_max(decoded.lengths * said)
        return ids, (decoded.ids * said[:, :, None])[:, :, :steps], decoded.scores

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def serving_default(text):
        _, answers, scores = search(text, 1)
        translation = target.detokenize(answers[:, 0])
        return {"translation": translation, "score": scores[:, 0]}

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def beam(text):
        _, answers, scores = search(text, width)
        batch, number, steps = tf.unstack(tf.shape(answers))
        answers = tf.reshape(answers, [batch * number, steps])
        translations = tf.reshape(target.detokenize(answers), [batch, number])
        return {"translations": translations, "scores": scores}

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def attention(text):
        ids, answers, _ = search(text, 1)
        answers = answers[:, 0]
        begun = tf.pad(answers, [[0, 0], [1, 0]], constant_values=START)
        inputs = {"source_ids": ids, "target_ids": begun}
        weights = translator.attention(inputs, training=False)[:, :-1]
        weights = tf.where(answers[:, :, None] > 0, tf.cast(weights, tf.float32), 0.0)
        return {
            "translation": target.detokenize(answers),
            "source_tokens": padded(source.tokens_of(text)[:, :MAX_SOURCE], ""),
            "target_tokens": tf.gather(target.tokens, answers),
            "weights": weights,
        }

    return {"serving_default": serving_default, "beam": beam, "attention": attention}


def compose_music(
    language_model,
    *,
    tokens_from_cells: Callable,
    cells_from_tokens: Callable,
    score_from_cells: Callable,
    start_token: int,
    num_contexts: int,
) -> Signatures:
    """Goes on from a `primer` `(batch, primer_steps, voices)` for `steps` sixteenths.

    The primer's cells are MIDI numbers where a note starts, 0 where a rest does and -1
    where the cell before goes on; it begins on a beat, and may be empty, but not
    padded. `steps` are 0 to 10,000. `temperature` 0 takes the likeliest; the same
    `seed` gives the same music. Answers with `pitches` `(batch, steps, voices)`, the
    MIDI numbers that sound (0 for a rest), and `starts`, booleans that tell where a
    note begins.

    `score` takes such cells as `pitches`, padded with -2, and returns the mean negative
    log-likelihood of the cells of each piece, in nats (0 for a piece of none).
    """

    def read(ids, state):
        context = state["place"] % num_contexts
        inputs = {"token_ids": ids, "context_ids": context, "state": state["state"]}
        after = language_model.step(inputs, training=False)
        state = {"state": after["state"], "place": state["place"] + 1}
        return tf.cast(after["logits"], tf.float32), state

    def step(ids, state):
        logits, state = read(ids, state)
        # neither padding nor the start is music
        music = tf.range(logits.shape[-1]) > start_token
        return tf.where(music, logits, decoding.IMPOSSIBLE), state

    def begin(tokens):
        """Reads all tokens but the last one."""
        batch = tf.shape(tokens)[0]
        size = language_model.step.input["state"].shape[-1]
        state = {
            "state": tf.zeros([batch, size]),
            "place": tf.zeros([batch], tf.int32),
        }
        last = tf.shape(tokens)[1] - 1

        def body(index, state):
            return index + 1, read(tokens[:, index], state)[1]

        return tf.while_loop(lambda index, _: index < last, body, (0, state))[1]

    @tf.function(
        input_signature=[
            spec([None, None, 4], tf.int32, "primer"),
            spec([], tf.int32, "steps"),
            spec([], tf.float32, "temperature"),
            spec([], tf.int32, "seed"),
        ]
    )
    def serving_default(primer, steps, temperature, seed):
        fits, least = (steps >= 0) & (steps <= MAX_STEPS), tf.reduce_min(primer)
        checks = [
            check(fits, "steps", f"0 to {MAX_STEPS}", steps),
            check(least >= -1, "primer", "pitches, 0 or -1", least),
            check_temperature(temperature),
        ]
        with tf.control_dependencies(checks):
            steps = tf.identity(steps)
        tokens = tokens_from_cells(primer)
        tokens = tf.pad(tokens, [[0, 0], [1, 0]], constant_values=start_token)
        decoded = decoding.sample(
            step,
            begin(tokens),
            tokens[:, -1],
            max_steps=4 * steps,
            seed=seed,
            temperature=temperature,
        )
        cells = tf.concat([primer, cells_from_tokens(decoded.ids)], axis=1)
        pitches, starts = score_from_cells(cells)
        first = tf.shape(primer)[1]
        return {"pitches": pitches[:, first:], "starts": starts[:, first:]}

    @tf.function(input_signature=[spec([None, None, 4], tf.int32, "pitches")])
    def score(pitches):
        # a step of padding more: no layer likes none
        targets = tf.pad(tokens_from_cells(pitches), [[0, 0], [0, 4]])
        tokens = tf.pad(targets, [[0, 0], [1, 0]], constant_values=start_token)[:, :-1]
        places = tf.zeros_like(tokens) + tf.range(tf.shape(tokens)[1]) % num_contexts
        inputs = {"token_ids": tokens, "context_ids": places}
        logits = tf.cast(language_model.model(inputs, training=False), tf.float32)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
        real = tf.cast(targets > 0, tf.float32)
        count = tf.maximum(tf.reduce_sum(real, axis=1), 1.0)
        nll = tf.reduce_sum(loss * real, axis=1) / count
        return {"negative_log_likelihood": nll}

    return {"serving_default": serving_default, "score": score}
