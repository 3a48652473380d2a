"""The questions of a SavedModel that classifies texts."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from gru_apps.serving.signatures import MAX_SOURCE, Signatures, padded, spec

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
        scores = tf.map_fn(
            of_beginnings,
            ids,
            fn_output_signature=tf.RaggedTensorSpec([None], tf.float32, ragged_rank=0),
            parallel_iterations=1,  # all beginnings of a long text fill the memory
        )
        scores = tf.where(ids > 0, padded(scores), 0.0)
        return {"tokens": padded(tokens, ""), "scores": scores}

    def of_beginnings(ids):
        length = tf.maximum(tf.math.count_nonzero(ids, dtype=tf.int32), 1)
        beginnings = tf.linalg.band_part(tf.ones([length, length], tf.int32), -1, 0)
        return probabilities(ids[:length] * beginnings)[:, 1]

    return {"serving_default": serving_default, "reading": reading}
