"""The questions that a SavedModel answers: raw input in, readable output out.

Each function returns signatures, a dict of `tf.function`s by name, over trained models
and the encoders given with them. Their inputs and outputs are named; bad input gets an
answer that says so, or an `InvalidArgumentError` that ends in what was received.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from gru_apps.ctc_decoding import prefix_beam_search

Signatures = dict[str, Callable]

MAX_SOURCE = 400  # tokens: attention costs their number times that of the answer
MAX_LENGTH = 4000  # tokens: a GRU takes them one by one, some seconds for so many


def classify_text(model, tokenizer: Callable, labels: Sequence[str]) -> Signatures:
    """Answers `text` `(batch,)` with its `label`, `probability` and `score`.

    `labels` are two; the score is the probability of the second. `tokenizer` maps texts
    to ragged ids, of which the first 4000 count. `reading` gives `tokens`, at most 400,
    and after each of them the `scores` of the text up to there, both `(batch, length)`,
    right-padded with "" and 0.
    """
    labels = tf.constant(labels)

    def probabilities(ids):
        return tf.nn.softmax(tf.cast(model(ids, training=False), tf.float32))

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def serving_default(text):
        p = probabilities(padded(tokenizer(text)[:, :MAX_LENGTH]))
        label = tf.gather(labels, tf.argmax(p, axis=-1))
        return {
            "label": label,
            "probability": tf.reduce_max(p, axis=-1),
            "score": p[:, 1],
        }

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def reading(text):
        tokens = tokenizer.tokens_of(text)[:, :MAX_SOURCE]
        ids = padded(tokenizer(text)[:, :MAX_SOURCE])
        batch, length = tf.unstack(tf.shape(ids))
        beginnings = tf.linalg.band_part(tf.ones([length, length], tf.int32), -1, 0)
        p = probabilities(tf.reshape(ids[:, None] * beginnings, [-1, length]))
        scores = tf.reshape(p[:, 1], [batch, length])
        return {"tokens": padded(tokens, ""), "scores": tf.where(ids > 0, scores, 0.0)}

    return {"serving_default": serving_default, "reading": reading}


def classify_speech(model, streaming_step, features: Callable) -> Signatures:
    """Answers `waveform` `(batch, samples)` at `sample_rate`: `digit`, `probability`.

    Waveforms are floats in -1..1; `sample_rate`, in hertz, is a scalar or one for each
    clip. Clips are padded on the right with zeros: a clip ends with its last sample
    other than 0. A clip of none has digit -1, probability 0. `features` maps one
    waveform and its rate to frames `(frames, dim)`.

    `features` takes frames `mfcc` `(batch, frames, dim)`, padded with frames of zeros.
    `step` takes the next frame, `mfcc` `(batch, dim)`, and `state` `(batch, size)`,
    zeros at the start, and returns what `features` would say of the frames so far, and
    `state`.
    """

    def answer(logits):
        p = tf.nn.softmax(tf.cast(logits, tf.float32))
        digit = tf.argmax(p, axis=-1, output_type=tf.int32)
        return {"digit": digit, "probability": tf.reduce_max(p, axis=-1)}

    silent = {"digit": -1, "probability": 0.0}
    default = _of_waveforms(model, features, answer, silent)
    return {"serving_default": default} | _of_frames(
        model, streaming_step, answer, answer
    )


def recognize_speech(
    model,
    streaming_step,
    features: Callable,
    words: Sequence[str],
    *,
    width: int = 16,
    n_best: int = 5,
) -> Signatures:
    """Answers `waveform` `(batch, samples)` at `sample_rate`: `digits`, `probability`.

    Waveforms, rates, padding and `features` are as in `classify_speech`. `digits` are
    those of a clip with spaces between, the likeliest that a beam of `width` finds;
    those of a clip of zeros alone are "", with probability 1. `words` are the names of
    the labels. `beam` gives the `n_best`, `digits` and `probabilities` `(batch,
    n_best)`. `features` takes frames `mfcc` as in `classify_speech`.

    `step`, of `streaming_step`, takes the next frame, `mfcc` `(batch, dim)`, and
    `state` `(batch, size)`, zeros at the start. It returns the `digit` of that frame,
    "" for the blank, its `probability`, and `state`. Frames with the same digit in a
    row are one digit.
    """
    words = tf.constant(["", *words])

    def spoken(ids):
        joined = tf.strings.reduce_join(tf.gather(words, ids), axis=-1, separator=" ")
        return tf.strings.strip(joined)  # of padding

    def answer(logits):
        best = prefix_beam_search(logits, width=width)
        p = tf.exp(best.scores[:, 0])
        return {"digits": spoken(best.ids[:, 0]), "probability": p}

    def several(logits):
        best = prefix_beam_search(logits, width=width, n_best=n_best)
        return {"digits": spoken(best.ids), "probabilities": tf.exp(best.scores)}

    def of_frame(logits):
        p = tf.nn.softmax(tf.cast(logits, tf.float32))
        digit = tf.gather(words, tf.argmax(p, axis=-1))
        return {"digit": digit, "probability": tf.reduce_max(p, axis=-1)}

    silent = {"digits": "", "probability": 1.0}
    only = {"digits": "", "probabilities": tf.one_hot(0, n_best)}
    return {
        "serving_default": _of_waveforms(model, features, answer, silent),
        "beam": _of_waveforms(model, features, several, only),
    } | _of_frames(model, streaming_step, answer, of_frame)


def _of_waveforms(model, features, answer, silent):
    """Makes a signature that takes sound; `silent` is the answer to a clip of none."""
    dim = model.input_shape[-1]

    @tf.function(
        input_signature=[
            spec([None, None], tf.float32, "waveform"),
            spec(None, tf.int32, "sample_rate"),
        ]
    )
    def of_waveforms(waveform, sample_rate):
        with tf.control_dependencies([check_finite(waveform, "waveform")]):
            rates = tf.broadcast_to(sample_rate, tf.shape(waveform)[:1])
        # one clip of silence more: of no clip at all, the frames would have no shape
        clips = tf.pad(waveform, [[0, 1], [0, 0]])
        rates = tf.pad(rates, [[0, 1]], constant_values=8000)
        frames = tf.map_fn(
            lambda clip: features(*clip),
            (clips, rates),
            fn_output_signature=tf.RaggedTensorSpec([None, dim], ragged_rank=0),
        )
        heard = tf.reduce_any(waveform != 0, axis=1)
        answers = answer(model(frames.to_tensor(), training=False)[:-1])
        return {
            name: tf.where(
                tf.reshape(heard, [-1] + [1] * (part.shape.rank - 1)),
                part,
                silent[name],
            )
            for name, part in answers.items()
        }

    return of_waveforms


def _of_frames(model, streaming_step, answer, answer_of_frame):
    """Makes the signatures that take frames: `features` for all of them, and `step`."""
    dim = model.input_shape[-1]
    size = streaming_step.input["state"].shape[-1]

    @tf.function(input_signature=[spec([None, None, dim], tf.float32, "mfcc")])
    def of_features(mfcc):
        with tf.control_dependencies([check_finite(mfcc, "mfcc")]):
            return answer(model(tf.identity(mfcc), training=False))

    @tf.function(
        input_signature=[
            spec([None, dim], tf.float32, "mfcc"),
            spec([None, size], tf.float32, "state"),
        ]
    )
    def step(mfcc, state):
        with tf.control_dependencies([check_finite(mfcc, "mfcc")]):
            inputs = {"features": tf.identity(mfcc), "state": state}
        after = streaming_step(inputs, training=False)
        return answer_of_frame(after["logits"]) | {"state": after["state"]}

    return {"features": of_features, "step": step}


def spec(shape, dtype, name):
    """Names an input of a signature."""
    return tf.TensorSpec(shape, dtype, name)


def padded(ragged, default=0):
    """Makes a right-padded tensor, at least one token long: no layer likes none."""
    padded = ragged.to_tensor(tf.cast(default, ragged.dtype))
    missing = tf.maximum(1 - tf.shape(padded)[1], 0)
    return tf.pad(padded, [[0, 0], [0, missing]], constant_values=default)


def check_finite(tensor, name):
    """Refuses NaN and infinity, with what was received."""
    bad = tf.boolean_mask(tensor, ~tf.math.is_finite(tensor))
    message = tf.strings.format(
        f"`{name}` must be finite numbers. Received: {{}}", bad[:1]
    )
    return tf.debugging.Assert(tf.size(bad) == 0, [message])
