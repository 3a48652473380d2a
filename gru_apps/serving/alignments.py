"""Which characters of a text each word of its translation looked at."""

import tensorflow as tf

from gru_apps.serving.sentences import START, joined
from gru_apps.serving.signatures import MAX_SOURCE, padded

MOST = 8  # sentences of a text that are shown


def attention(search, text):
    """Answers the signature `attention` of `translate_text`."""
    read = _first(search.read(text), MOST)
    sentences = read.sentences
    ids, answers, _ = search.decoded(sentences.flat_values, read.values, 1)
    begun = tf.pad(answers[:, 0], [[0, 0], [1, 0]], constant_values=START)
    inputs = {"source_ids": ids, "target_ids": begun}
    weights = search.translator.attention(inputs, training=False)[:, :-1]
    tokens = search.source.tokens_of(sentences.flat_values)[:, :MAX_SOURCE]
    steps = tf.reduce_sum(tf.cast(answers[:, 0] > 0, tf.int64), axis=1)
    words = search.words(answers, read.values)[:, 0]
    words = tf.RaggedTensor.from_tensor(words, lengths=steps)
    said = search.written(answers, read.values)
    weights = _side_by_side(
        sentences, tf.cast(weights, tf.float32), steps, tokens.row_lengths()
    )
    tokens = _original(tokens, read, search.reader.marks)
    source_tokens = padded(sentences.with_values(tokens).merge_dims(1, 2), "")
    target_tokens = sentences.with_values(words).merge_dims(1, 2).to_tensor("")
    shape = tf.stack([tf.shape(target_tokens)[1], tf.shape(source_tokens)[1]])
    missing = shape - tf.shape(weights)[1:]
    missing = tf.stack([[0, 0], [0, missing[0]], [0, missing[1]]])
    return {
        "translation": joined(sentences.with_values(said))[:, 0],
        "source_tokens": source_tokens,
        "target_tokens": target_tokens,
        "weights": tf.pad(weights, missing),
        "reason": tf.where(read.reasons != "", read.reasons, read.remarks),
    }


def _original(tokens, read, marks):
    """Puts what marks stand for into tokens of the source."""
    if not marks:
        return tokens
    same = tokens.flat_values[:, None] == tf.constant(list(marks))
    place = tf.argmax(same, axis=1, output_type=tf.int64)
    rows = tokens.value_rowids()
    original = tf.gather_nd(read.originals, tf.stack([rows, place], axis=1))
    is_mark = tf.reduce_any(same, axis=1)
    return tokens.with_values(tf.where(is_mark, original, tokens.flat_values))


def _first(read, number):
    """Keeps the first sentences of each text."""
    place = tf.ragged.range(read.sentences.row_lengths()).flat_values
    kept = place < number
    sentences = read.sentences
    return read._replace(
        sentences=tf.ragged.boolean_mask(sentences, sentences.with_values(kept)),
        values=tf.boolean_mask(read.values, kept),
        originals=tf.boolean_mask(read.originals, kept),
    )


def _side_by_side(sentences, weights, steps, lengths):
    """Sets weights of sentences, `(sentences, steps, length)`, into those of texts.

    A sentence looks at none of the characters of those before and after it.
    """
    before = tf.cumsum(sentences.with_values(lengths).to_tensor(), 1, exclusive=True)
    row_lengths = sentences.row_lengths()
    before = tf.RaggedTensor.from_tensor(before, lengths=row_lengths).flat_values
    before = tf.repeat(before, steps)
    zeros = tf.zeros([tf.reduce_sum(before)])
    zeros = tf.RaggedTensor.from_row_lengths(zeros, before)
    inner = tf.repeat(lengths, steps)
    rows = tf.RaggedTensor.from_tensor(weights, lengths=(steps, inner)).values
    rows = tf.concat([zeros, rows], axis=1)
    per_text = tf.reduce_sum(sentences.with_values(steps), axis=1)
    return tf.RaggedTensor.from_row_lengths(rows, per_text).to_tensor()
