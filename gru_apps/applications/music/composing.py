"""The questions of a SavedModel that composes: go on, harmonize, and how likely?"""

import tensorflow as tf

from gru_apps.applications.music import completing, contexts, keys, scores
from gru_apps.serving.signatures import Signatures, check, check_temperature, spec

MAX_STEPS = 10_000  # sixteenths: half an hour of music
MAX_CANDIDATES = 64
# what the voices of Bach's chorales sing, in all keys that training moves them to
RANGES = ((55, 87), (48, 80), (43, 75), (31, 70))


def compose_music(language_model) -> Signatures:
    """Makes the signatures of a `GuidedLanguageModel` of `scores` and `contexts`.

    `serving_default` goes on from a `primer` `(batch, primer_steps, 4)` for `steps`
    sixteenths, and comes to an end. The primer's cells are MIDI numbers where a note
    starts, 0 where a rest does and -1 where the cell before goes on; it begins on a
    beat, and may be empty, but not padded. `harmonize` finds the cells of `voices`
    `(batch, steps, 4)` that are -2, and leaves the others; `fermata` `(batch, steps)`
    is true in the last chord of each phrase, and nowhere if that is not known.

    For both, `key` is a number of `keys`; -1 takes that of the notes that are given,
    any key where there are none, and stays unknown where all are of inner voices.
    Several `candidates` look ahead, as in `completing`; one takes what comes. A
    `temperature` of 0 takes the likeliest; the same `seed` gives the same music. They
    answer with `pitches` `(batch, steps, 4)`, the MIDI numbers that sound (0 for a
    rest), `starts`, booleans that tell where a note or a rest begins, and the `key`
    `(batch,)`.

    `score` takes cells as `pitches`, padded with -2, and returns the mean negative
    log-likelihood of the cells of each piece, in nats (0 for a piece of none), for a
    model that is told no key, no phrases and no voice.
    """
    drawing = [
        spec([], tf.int32, "key"),
        spec([], tf.int32, "candidates"),
        spec([], tf.float32, "temperature"),
        spec([], tf.int32, "seed"),
    ]

    def completed(cells, fermata, keys, candidates, temperature, seed):
        context_ids = contexts.context_ids(fermata, key=keys)
        return completing.complete(
            language_model,
            cells,
            context_ids,
            candidates=candidates,
            temperature=temperature,
            seed=seed,
        )

    @tf.function(
        input_signature=[
            spec([None, None, 4], tf.int32, "primer"),
            spec([], tf.int32, "steps"),
            *drawing,
        ]
    )
    def serving_default(primer, steps, key, candidates, temperature, seed):
        fits, least = (steps >= 0) & (steps <= MAX_STEPS), tf.reduce_min(primer)
        checks = [
            check(fits, "steps", f"0 to {MAX_STEPS}", steps),
            check(least >= scores.HOLD, "primer", "pitches, 0 or -1", least),
            *_checks(key, candidates, temperature),
        ]
        with tf.control_dependencies(checks):
            batch, first = tf.unstack(tf.shape(primer)[:2])
            steps = tf.identity(steps)
        before, _ = scores.score_from_cells(primer)
        found = _any_key(keys.key_of(before, is_whole=False), key, seed)
        more = tf.fill([batch, steps, 4], scores.PAD)
        fermata = tf.pad(contexts.fermatas(steps), [[first, 0]])
        fermata = tf.repeat(fermata[None], batch, axis=0)
        cells = tf.concat([primer, more], axis=1)
        drawn = completed(cells, fermata, found, candidates, temperature, seed)
        pitches, starts = scores.score_from_cells(drawn)
        answer = {"pitches": pitches[:, first:], "starts": starts[:, first:]}
        return answer | {"key": found}

    @tf.function(
        input_signature=[
            spec([None, None, 4], tf.int32, "voices"),
            spec([None, None], tf.bool, "fermata"),
            *drawing,
        ]
    )
    def harmonize(voices, fermata, key, candidates, temperature, seed):
        checks = _checks(key, candidates, temperature) + _check_voices(voices, fermata)
        with tf.control_dependencies(checks):
            voices = tf.identity(voices)
        known, _ = scores.score_from_cells(voices)
        found = _any_key(keys.key_of(known), key, seed)
        # of inner voices alone, half of the keys would be wrong
        outer, some = (tf.reduce_any(v > 0, [1, 2]) for v in (known[:, :, ::3], known))
        is_unsure = (key == keys.UNKNOWN) & some & ~outer
        found = tf.where(is_unsure, keys.UNKNOWN, found)
        drawn = completed(voices, fermata, found, candidates, temperature, seed)
        pitches, starts = scores.score_from_cells(drawn)
        return {"pitches": pitches, "starts": starts, "key": found}

    @tf.function(input_signature=[spec([None, None, 4], tf.int32, "pitches")])
    def score(pitches):
        # a step of padding more: no layer likes none
        targets = tf.pad(scores.tokens_from_cells(pitches), [[0, 0], [0, 4]])
        tokens = tf.pad(targets, [[0, 0], [1, 0]], constant_values=scores.START_TOKEN)
        fermata = tf.zeros(tf.shape(targets[:, ::4]), tf.bool)
        nothing = contexts.context_ids(fermata, key=keys.UNKNOWN, is_ending=False)
        inputs = {"token_ids": tokens[:, :-1], "context_ids": nothing}
        inputs["given_ids"] = tf.zeros_like(targets)
        logits = tf.cast(language_model.model(inputs, training=False), tf.float32)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
        real = tf.cast(targets > 0, tf.float32)
        count = tf.maximum(tf.reduce_sum(real, axis=1), 1.0)
        nll = tf.reduce_sum(loss * real, axis=1) / count
        return {"negative_log_likelihood": nll}

    return {
        "serving_default": serving_default,
        "harmonize": harmonize,
        "score": score,
    }


def _checks(key, candidates, temperature):
    keys_range = f"0 to {keys.NUM_KEYS - 1}, or {keys.UNKNOWN}"
    is_number = (candidates >= 1) & (candidates <= MAX_CANDIDATES)
    return [
        check((key >= keys.UNKNOWN) & (key < keys.NUM_KEYS), "key", keys_range, key),
        check(is_number, "candidates", f"1 to {MAX_CANDIDATES}", candidates),
        check_temperature(temperature),
    ]


def _check_voices(voices, fermata):
    """Refuses what no voice sings, what goes on from nothing, and unlike lengths."""
    steps, marks = tf.shape(voices)[:2], tf.shape(fermata)
    least = tf.reduce_min(voices)
    sung = voices > 0
    lowest, highest = (tf.constant(bounds) for bounds in zip(*RANGES, strict=True))
    strange = tf.boolean_mask(voices, sung & ((voices < lowest) | (voices > highest)))
    named = zip(scores.VOICES, RANGES, strict=True)
    ranges = [f"{name} {low} to {high}" for name, (low, high) in named]
    goes_on = (voices[:, :-1] == scores.PAD) & (voices[:, 1:] == scores.HOLD)
    fits = tf.reduce_all(steps == marks) & (steps[1] <= MAX_STEPS)
    return [
        check(least >= scores.PAD, "voices", "pitches, 0, -1 or -2", least),
        check(tf.size(strange) == 0, "voices", ", ".join(ranges), strange[:1]),
        check(
            ~tf.reduce_any(goes_on), "voices", "held after a cell that is given", [-1]
        ),
        check(
            fits, "fermata", f"as long as the voices, {MAX_STEPS} at most", marks[1:]
        ),
    ]


def _any_key(found, key, seed):
    """Returns keys `(batch,)`: the one that is asked for, or found, or else any."""
    seeds = tf.stack([tf.cast(seed, tf.int64), 0])
    drawn = tf.random.stateless_uniform(
        tf.shape(found), seeds, 0, keys.NUM_KEYS, tf.int32
    )
    found = tf.where(found == keys.UNKNOWN, drawn, found)
    return tf.where(key == keys.UNKNOWN, found, key)
