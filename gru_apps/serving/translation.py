"""The questions of a SavedModel that translates."""

from collections.abc import Callable

import tensorflow as tf

from gru_apps.decoding import beam_search
from gru_apps.serving.signatures import MAX_SOURCE, Signatures, padded, spec

START, END = 2, 3  # ids of text


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
        decoded = beam_search(
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
