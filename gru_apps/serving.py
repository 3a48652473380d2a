"""The questions that a SavedModel answers: raw input in, readable output out.

Each function returns signatures, a dict of `tf.function`s by name, over trained models
and the encoders given with them. Their inputs and outputs are named; bad input gets an
answer that says so, or an `InvalidArgumentError` that ends in what was received.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from gru_apps import decoding

Signatures = dict[str, Callable]

START, END = 2, 3  # ids of text
MAX_SOURCE = 400  # tokens: attention costs their number times that of the answer


def classify_text(model, tokenizer: Callable, labels: Sequence[str]) -> Signatures:
    """Answers `text` `(batch,)` with its `label`, `probability` and `score`.

    `labels` are two; the score is the probability of the second. `tokenizer` maps texts
    to ragged ids. `reading` gives `tokens` and, after each of them, the `scores` of the
    text up to there, both `(batch, length)`, right-padded with "" and 0.
    """
    labels = tf.constant(labels)

    def probabilities(ids):
        return tf.nn.softmax(tf.cast(model(ids, training=False), tf.float32))

    @tf.function(input_signature=[_spec([None], tf.string, "text")])
    def serving_default(text):
        p = probabilities(_padded(tokenizer(text)))
        label = tf.gather(labels, tf.argmax(p, axis=-1))
        return {
            "label": label,
            "probability": tf.reduce_max(p, axis=-1),
            "score": p[:, 1],
        }

    @tf.function(input_signature=[_spec([None], tf.string, "text")])
    def reading(text):
        tokens = tokenizer.tokens_of(text)[:, :MAX_SOURCE]
        ids = _padded(tokenizer(text)[:, :MAX_SOURCE])
        batch, length = tf.unstack(tf.shape(ids))
        beginnings = tf.linalg.band_part(tf.ones([length, length], tf.int32), -1, 0)
        p = probabilities(tf.reshape(ids[:, None] * beginnings, [-1, length]))
        scores = tf.reshape(p[:, 1], [batch, length])
        return {"tokens": _padded(tokens, ""), "scores": tf.where(ids > 0, scores, 0.0)}

    return {"serving_default": serving_default, "reading": reading}


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
    tokens, as the length penalty has it. `beam` gives `width` `translations` and `scores`
    `(batch, width)`, best first; `attention` the `translation` with `source_tokens`
    `(batch, length)`, `target_tokens` `(batch, steps)` and `weights` `(batch, steps,
    length)`, right-padded. The first 400 tokens of a text are read; an empty text is
    translated as one.
    """

    def step(ids, state):
        answer = translator.step({"token_ids": ids, **state}, training=False)
        return answer["logits"], {**state, "state": answer["state"]}

    def search(text, n_best):
        ids = _padded(source(text)[:, :MAX_SOURCE])
        start = tf.fill([tf.shape(ids)[0]], START)
        state = translator.encoder(ids, training=False)
        decoded = decoding.beam_search(
            step,
            state,
            start,
            width=width,
            max_steps=2 * tf.shape(ids)[1] + 10,
            end_id=END,
            length_penalty=length_penalty,
            n_best=n_best,
        )
        said = tf.reduce_any(ids > 0, axis=1)
        return ids, decoded.ids * tf.cast(said, tf.int32)[:, None, None], decoded.scores

    @tf.function(input_signature=[_spec([None], tf.string, "text")])
    def serving_default(text):
        _, answers, scores = search(text, 1)
        translation = target.detokenize(answers[:, 0])
        return {"translation": translation, "score": scores[:, 0]}

    @tf.function(input_signature=[_spec([None], tf.string, "text")])
    def beam(text):
        _, answers, scores = search(text, width)
        shape = tf.shape(answers)
        translations = target.detokenize(tf.reshape(answers, [-1, shape[2]]))
        return {
            "translations": tf.reshape(translations, shape[:2]),
            "scores": scores,
        }

    @tf.function(input_signature=[_spec([None], tf.string, "text")])
    def attention(text):
        ids, answers, _ = search(text, 1)
        answers = answers[:, 0]
        begun = tf.pad(answers, [[0, 0], [1, 0]], constant_values=START)
        inputs = {"source_ids": ids, "target_ids": begun}
        weights = translator.attention(inputs, training=False)[:, :-1]
        return {
            "translation": target.detokenize(answers),
            "source_tokens": _padded(source.tokens_of(text)[:, :MAX_SOURCE], ""),
            "target_tokens": tf.gather(target.tokens, answers),
            "weights": tf.cast(weights, tf.float32),
        }

    return {"serving_default": serving_default, "beam": beam, "attention": attention}


def classify_speech(model, streaming_step, features: Callable) -> Signatures:
    """Answers `waveform` `(batch, samples)` at `sample_rate` with `digit`, `probability`.

    Waveforms are floats in -1..1; `sample_rate`, in hertz, is a scalar or one for each
    clip. Clips are padded on the right with zeros: a clip ends with its last sample
    other than 0. A clip of none has digit -1, probability 0. `features` maps one waveform
    and its rate to frames `(frames, dim)`.

    `features` takes frames `mfcc` `(batch, frames, dim)`, padded with frames of zeros.
    `step` takes the next frame, `mfcc` `(batch, dim)`, and `state` `(batch, size)`, zeros
    at the start, and returns what `features` would say of the frames so far, and `state`.
    """
    dim = model.input_shape[-1]
    size = streaming_step.input_shape["state"][-1]

    def answer(logits):
        p = tf.nn.softmax(tf.cast(logits, tf.float32))
        digit = tf.argmax(p, axis=-1, output_type=tf.int32)
        return {"digit": digit, "probability": tf.reduce_max(p, axis=-1)}

    @tf.function(
        input_signature=[
            _spec([None, None], tf.float32, "waveform"),
            _spec(None, tf.int32, "sample_rate"),
        ]
    )
    def serving_default(waveform, sample_rate):
        with tf.control_dependencies([_check_finite(waveform, "waveform")]):
            rates = tf.broadcast_to(sample_rate, tf.shape(waveform)[:1])
        frames = tf.map_fn(
            lambda clip: features(*clip),
            (waveform, rates),
            fn_output_signature=tf.RaggedTensorSpec([None, dim], ragged_rank=0),
        )
        heard = tf.reduce_any(waveform != 0, axis=1)
        answers = answer(model(frames.to_tensor(), training=False))
        return {
            "digit": tf.where(heard, answers["digit"], -1),
            "probability": tf.where(heard, answers["probability"], 0.0),
        }

    @tf.function(input_signature=[_spec([None, None, dim], tf.float32, "mfcc")])
    def of_features(mfcc):
        with tf.control_dependencies([_check_finite(mfcc, "mfcc")]):
            return answer(model(tf.identity(mfcc), training=False))

    @tf.function(
        input_signature=[
            _spec([None, dim], tf.float32, "mfcc"),
            _spec([None, size], tf.float32, "state"),
        ]
    )
    def step(mfcc, state):
        with tf.control_dependencies([_check_finite(mfcc, "mfcc")]):
            inputs = {"features": tf.identity(mfcc), "state": state}
        after = streaming_step(inputs, training=False)
        return answer(after["logits"]) | {"state": after["state"]}

    return {"serving_default": serving_default, "features": of_features, "step": step}


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
    where the cell before goes on; it begins on a beat, and may be empty. `temperature`
    0 takes the likeliest; the same `seed` gives the same music. Answers with `pitches`
    `(batch, steps, voices)`, the MIDI numbers that sound (0 for a rest), and `starts`,
    booleans that tell where a note begins.

    `score` takes such cells as `pitches`, padded with -2, and returns the mean negative
    log-likelihood of the cells of each piece, in nats.
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
        return tf.where(tf.range(logits.shape[-1]) <= start_token, -1e9, logits), state

    def begin(tokens):
        """Reads all tokens but the last one."""
        batch = tf.shape(tokens)[0]
        size = language_model.step.input_shape["state"][-1]
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
            _spec([None, None, 4], tf.int32, "primer"),
            _spec([], tf.int32, "steps"),
            _spec([], tf.float32, "temperature"),
            _spec([], tf.int32, "seed"),
        ]
    )
    def serving_default(primer, steps, temperature, seed):
        tf.debugging.assert_non_negative(
            steps, tf.strings.format("`steps` must not be negative. Received: {}", steps)
        )
        tf.debugging.assert_non_negative(
            temperature,
            tf.strings.format(
                "`temperature` must not be negative. Received: {}", temperature
            ),
        )
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

    @tf.function(input_signature=[_spec([None, None, 4], tf.int32, "pitches")])
    def score(pitches):
        targets = tokens_from_cells(pitches)
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


def _spec(shape, dtype, name):
    return tf.TensorSpec(shape, dtype, name)


def _padded(ragged, default=0):
    """Makes a right-padded tensor, at least one token long: no layer likes none."""
    padded = ragged.to_tensor(tf.cast(default, ragged.dtype))
    missing = tf.maximum(1 - tf.shape(padded)[1], 0)
    return tf.pad(padded, [[0, 0], [0, missing]], constant_values=default)


def _check_finite(tensor, name):
    bad = tf.boolean_mask(tensor, ~tf.math.is_finite(tensor))
    message = tf.strings.format(f"`{name}` must be finite numbers. Received: {{}}", bad[:1])
    return tf.debugging.Assert(tf.size(bad) == 0, [message])
