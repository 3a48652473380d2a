"""What words are made of: pieces are learned, and words are cut into them."""

import io
from collections.abc import Mapping

import tensorflow as tf

LONGEST_WORD = 1_000  # characters; sentencepiece leaves out what has 4,192 bytes
BREAK = b"\xff"  # a byte that no UTF-8 has
_AT_ONCE = 32  # characters
_LONG = rf"(?s)(.{{{_AT_ONCE}}})"


def table(keys, values, dtype, default) -> tf.lookup.StaticHashTable:
    """Makes a table from strings to what `dtype` says, which a SavedModel keeps."""
    keys, values = tf.constant([*keys], tf.string), tf.constant([*values], dtype)
    pairs = tf.lookup.KeyValueTensorInitializer(keys, values)
    return tf.lookup.StaticHashTable(pairs, tf.constant(default, dtype))


def learn_pieces(words: Mapping[str, int], number: int):
    """Learns the `number` commonest pieces of words, from how often each is written.

    Returns a sentencepiece processor; its first three pieces are its own special ones,
    and "▁" stands for a space.
    """
    import sentencepiece

    # each line is a word and its count, so that no subword crosses words
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(
            f"{word[start : start + LONGEST_WORD]}\t{count}"
            for word, count in words.items()
            for start in range(0, len(word), LONGEST_WORD)
        ),
        input_format="tsv",
        model_writer=model,
        model_type="bpe",
        vocab_size=number + 3,
        character_coverage=1.0,
        split_by_unicode_script=False,  # one token for what follows an apostrophe
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        remove_extra_whitespaces=False,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def cut_words(
    words: tf.Tensor,
    ids: tf.lookup.StaticHashTable,
    longest: int,
    unit: str = "UTF8_CHAR",
) -> tf.RaggedTensor:
    """Cuts words `(number,)`, each from its left, into the longest keys of a table.

    `longest` is the length of the longest key in `unit`, "UTF8_CHAR" or "BYTE". Where
    no key begins, one unit is a piece. Words are first cut after every 32 characters,
    so that any word needs few steps: there, no key goes across. Returns strings
    `(number, pieces)`.
    """
    lengths = tf.range(1, longest + 1)
    parts = tf.strings.regex_replace(words, _LONG, rb"\1" + BREAK)
    parts = tf.strings.split(parts, BREAK)

    def body(rest, pieces):
        # beyond its end, a beginning is the whole word: hence the minimum
        shape = [tf.shape(rest)[0], tf.size(lengths)]
        beginnings = tf.strings.substr(
            tf.broadcast_to(rest[:, None], shape),
            tf.zeros(shape, tf.int32),
            tf.broadcast_to(lengths, shape),
            unit,
        )
        is_key = ids[beginnings] != ids.default_value
        length = tf.reduce_max(tf.where(is_key, lengths, 1), axis=1)
        length = tf.minimum(length, tf.strings.length(rest, unit))
        piece = tf.gather(beginnings, tf.maximum(length - 1, 0), batch_dims=1)
        rest = tf.strings.substr(rest, length, tf.fill(shape[:1], 4 * _AT_ONCE), unit)
        return rest, tf.concat([pieces, piece[:, None]], axis=1)

    pieces = tf.fill([tf.size(parts.flat_values), 0], "")
    shapes = tf.TensorShape([None]), tf.TensorShape([None, None])
    _, pieces = tf.while_loop(
        lambda rest, _: tf.reduce_any(rest != ""),
        body,
        (parts.flat_values, pieces),
        shapes,
    )
    pieces = tf.ragged.boolean_mask(pieces, pieces != "")
    return parts.with_values(pieces).merge_dims(1, 2)
