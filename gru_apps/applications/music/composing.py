"""The questions of a SavedModel that composes: go on, and how likely is it?"""

from collections.abc import Callable

import tensorflow as tf

from gru_apps import decoding
from gru_apps.serving.signatures import Signatures, check, check_temperature, spec

MAX_STEPS = 10_000  # sixteenths: half an hour of music


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
