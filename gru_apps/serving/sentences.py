"""Sentences of texts, translated by a beam search and joined to texts again."""

from typing import NamedTuple

import tensorflow as tf

from gru_apps.decoding import beam_search
from gru_apps.encoding.text import END, START, UNKNOWN
from gru_apps.serving.signatures import MAX_SOURCE, padded, spec

AT_ONCE = 64  # sentences: the beams of many more would fill the memory
BARRED = -1e9
OWED = 5.0  # nats that an end costs for each value that is still to be written
AMISS = (
    "",
    "a number or a name may be missing",
    "most of the characters are unknown",
)


class Reading(NamedTuple):
    """Sentences of texts, as a source tokenizer takes them.

    `sentences` are ragged `(batch, sentences)`. A sentence may hold marks, tokens that
    stand for one of its `values` in the translation and for one of its `originals` in
    the source: strings `(all sentences, marks)`, "" for marks that it does not hold.
    `reasons` `(batch,)` say why a text is not translated, or "", and `remarks` what
    else to say of it.
    """

    sentences: tf.RaggedTensor
    values: tf.Tensor
    originals: tf.Tensor
    reasons: tf.Tensor
    remarks: tf.Tensor


class WholeText:
    """Reads each text as one sentence without marks."""

    marks = ""

    def __call__(self, texts: tf.Tensor) -> Reading:
        sentences = tf.RaggedTensor.from_tensor(texts[:, None])
        none = tf.fill([tf.shape(texts)[0], 0], "")
        empty = tf.fill(tf.shape(texts), "")
        return Reading(sentences, none, none, empty, empty)


class Search:
    """A translator with its tokenizers, its reader, and the beam that asks it."""

    def __init__(self, translator, source, target, reader, width, length_penalty):
        self.translator, self.source, self.target = translator, source, target
        self.reader, self.width, self.length_penalty = reader, width, length_penalty
        # one function in a SavedModel, which all signatures call
        self.read = tf.function(
            reader, input_signature=[spec([None], tf.string, "text")]
        )
        self.number = len(reader.marks)
        places = {mark: place for place, mark in enumerate(reader.marks)}
        words = [word.strip() for word in target.vocabulary]
        # which mark a token of the translation is, and one more for none of them
        self.marks = tf.constant([places.get(word, self.number) for word in words])

    def texts(self, texts, n_best):
        """Translates texts: `translations`, `scores` `(batch, n_best)` and `reason`."""
        read = self.read(texts)
        size = tf.size(read.sentences.flat_values)
        # one part at least, of no sentence
        ends = tf.range(0, tf.maximum(size, 1) + AT_ONCE, AT_ONCE)
        splits = tf.minimum(ends, size)
        parts = [
            tf.RaggedTensor.from_row_splits(part, splits)
            for part in (read.sentences.flat_values, read.values)
        ]
        many, one = [None, n_best], [None]
        outputs = [(many, tf.string), (many, tf.float32), (many, tf.float32)]
        outputs = [
            tf.RaggedTensorSpec(shape, dtype, ragged_rank=0)
            for shape, dtype in [*outputs, (one, tf.int32)]
        ]
        found = tf.map_fn(
            lambda part: self.sentences(*part, n_best),
            tuple(parts),
            fn_output_signature=tuple(outputs),
            parallel_iterations=1,
        )
        words, gained, tokens, amiss = (
            read.sentences.with_values(part.merge_dims(0, 1)) for part in found
        )
        number = tf.reduce_sum(tokens, axis=1)
        amiss = tf.maximum(tf.reduce_max(amiss, axis=1), 0)  # of no sentence, too
        reason = tf.where(read.remarks != "", read.remarks, tf.gather(AMISS, amiss))
        return {
            "translations": joined(words),
            "scores": tf.reduce_sum(gained, axis=1) / tf.maximum(number, 1.0),
            "reason": tf.where(read.reasons != "", read.reasons, reason),
        }

    def sentences(self, sentences, values, n_best):
        """Translates sentences: their words, nats, numbers of tokens, what is amiss."""
        ids, answers, decoded = self.decoded(sentences, values, n_best)
        said = self.written(answers, values)
        tokens = tf.cast(decoded.lengths, tf.float32) + 1.0  # the end is one
        gained = decoded.scores * ((5.0 + tokens) / 6.0) ** self.length_penalty
        read = tf.reduce_any(ids > 0, axis=1)[:, None]
        lost = tf.reduce_any((values != "") & ~self.used(answers[:, 0]), axis=1)
        known = tf.math.count_nonzero(ids > UNKNOWN, axis=1)
        unknown = tf.math.count_nonzero(ids == UNKNOWN, axis=1) > known
        amiss = tf.where(unknown, 2, tf.where(lost, 1, 0))
        nothing = tf.zeros_like(tokens)
        return (
            said,
            tf.where(read, gained, nothing),
            tf.where(read, tokens, nothing),
            tf.where(read[:, 0], amiss, 0),
        )

    def written(self, answers, values):
        """Writes ids `(batch, n_best, steps)` as text; a value may begin it."""
        separator = " " if self.target.split == "words" else ""
        words = self.words(answers, values)
        said = tf.strings.reduce_join(words, axis=2, separator=separator)
        said = tf.strings.strip(said)
        first = tf.pad(answers, [[0, 0], [0, 0], [0, 1]])[..., 0]
        large = tf.strings.regex_replace(said, r"(?s)^(.).*", r"\1")
        large = tf.strings.upper(large, encoding="utf-8")
        rest = tf.strings.regex_replace(said, r"(?s)^.", "")
        capital = tf.strings.join([large, rest])
        is_value = tf.gather(self.marks, first) < self.number
        return tf.where(is_value, capital, said)

    def decoded(self, sentences, values, n_best):
        """Returns source ids, the answers' ids `(batch, n_best, steps)`, and scores."""
        ids = padded(self.source(sentences)[:, :MAX_SOURCE])
        allowed = tf.pad(values != "", [[0, 0], [0, 1]], constant_values=True)
        allowed = tf.gather(allowed, self.marks, axis=1)
        state = {
            **self.translator.encoder(ids, training=False),
            "left": 10 + 2 * tf.reduce_sum(tf.cast(ids > 0, tf.int32), axis=1),
            "barred": tf.where(allowed, 0.0, BARRED),
            "owed": values != "",
        }
        decoded = beam_search(
            self.step,
            state,
            tf.fill([tf.shape(ids)[0]], START),
            width=self.width,
            max_steps=2 * tf.shape(ids)[1] + 11,
            end_id=END,
            length_penalty=self.length_penalty,
            n_best=n_best,
        )
        read = tf.cast(tf.reduce_any(ids > 0, axis=1), tf.int32)[:, None]
        steps = tf.maximum(tf.reduce_max(decoded.lengths * read), 0)
        return ids, (decoded.ids * read[:, :, None])[:, :, :steps], decoded

    def step(self, ids, state):
        """One step of the decoder; marks without a value are barred, others are due."""
        inputs = {name: state[name] for name in ["memory", "memory_mask", "state"]}
        answer = self.translator.step({"token_ids": ids, **inputs}, training=False)
        logits, left = tf.cast(answer["logits"], tf.float32), state["left"]
        owed = state["owed"] & ~self.one_hot(ids)
        debt = OWED * tf.cast(tf.math.count_nonzero(owed, axis=1), tf.float32)
        is_end = tf.range(logits.shape[-1]) == END
        logits += state["barred"] - tf.where(is_end, debt[:, None], 0.0)
        # a text ends by its own length, whatever others are in the batch
        logits = tf.where(left[:, None] > 0, logits, tf.where(is_end, 0.0, BARRED))
        following = {"state": answer["state"], "left": left - 1, "owed": owed}
        return logits, state | following

    def one_hot(self, ids):
        """Booleans `(..., marks)`: which mark a token is."""
        return tf.one_hot(tf.gather(self.marks, ids), self.number, True, False)

    def used(self, answers):
        """Which marks stand in answers `(batch, steps)`."""
        return tf.reduce_any(self.one_hot(answers), axis=1)

    def words(self, answers, values):
        """Writes ids `(batch, n_best, steps)`: tokens, and values in place of marks."""
        marks = tf.gather(self.marks, answers)
        tokens = tf.gather(self.target.tokens, tf.where(answers > END, answers, 0))
        values = tf.pad(values, [[0, 0], [0, 1]])
        named = tf.gather(values, marks, batch_dims=1)
        space = tf.where(tf.strings.regex_full_match(tokens, " .*"), " ", "")
        return tf.where(marks < self.number, tf.strings.join([space, named]), tokens)


def joined(words):
    """Joins the sentences of texts, ragged `(batch, sentences, n_best)`, by spaces."""
    joined = tf.strings.reduce_join(words.to_tensor(""), axis=1, separator=" ")
    return tf.strings.strip(joined)
