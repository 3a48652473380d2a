"""The questions of a SavedModel that classifies texts."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from gru_apps.encoding.text import UNKNOWN, valid
from gru_apps.serving.signatures import MAX_SOURCE, Signatures, check, padded, spec

MAX_LENGTH = 4000  # tokens of a text: some seconds for a GRU
MAX_PIECE = 100  # tokens that are read together: a sentence hardly has more
_BREAK = "\x1f"


def classify_text(
    model,
    tokenizer: Callable,
    labels: Sequence[str],
    *,
    kinds: Sequence[str] = (),
    temperature: float = 1.0,
) -> Signatures:
    """Answers `text` `(batch,)` with its `label`, `probability` and `score`.

    `labels` are those of the model's logits, two or three: a negative one, one for no
    opinion, if there are three, and a positive one. The `score` is the probability of
    the positive label and half of that of no opinion. Of a text the first 4000 tokens
    are read, sentence by sentence, and joined by `join_sentences`. A sentence without a
    token that the tokenizer knows has no opinion; with two labels, a text of none gets
    the first, with probability 0.5. Logits are divided by `temperature`. It is for
    opinions alone: other classes would be joined to what they do not say.

    `reading` gives `tokens`, at most 400, and after each of them the `scores` of the
    text up to there, both `(batch, length)`, right-padded with "" and 0. With `kinds`,
    whose tokens `<kind>` the tokenizer knows, `of_kind` takes the `kind` `(batch,)` of
    each text, too: one of them, or "".

    Raises `ValueError` unless there are two or three labels, as many as logits, and for
    a kind that the tokenizer does not know.
    """
    logits = getattr(model, "output_shape", (None, len(labels)))[-1]
    if len(labels) not in (2, 3) or len(labels) != logits:
        raise ValueError(
            "`labels` must be two or three, one for each logit. "
            f"Received: labels={labels}, for {logits} logits"
        )
    names = tf.constant(labels)
    if kinds:
        _check_kinds(tokenizer, kinds)

    def answer(text, kind):
        pieces, owners = split_pieces(tokenizer, text)
        marked = tf.concat([_marks(tokenizer, tf.gather(kind, owners)), pieces], 1)
        opinion, odds = _views(model(padded(marked), training=False), temperature)
        opinion = tf.where(_is_known(pieces), opinion, 0.0)
        opinion, odds = join_sentences(opinion, odds, owners, tf.size(text))
        positive = opinion * tf.sigmoid(odds)
        p = tf.stack([opinion - positive, 1 - opinion, positive], axis=1)
        if len(labels) == 2:  # a text without any token lies between them
            p = tf.stack([1 - tf.sigmoid(odds), tf.sigmoid(odds)], axis=1)
        return {
            "label": tf.gather(names, tf.argmax(p, axis=1)),
            "probability": tf.reduce_max(p, axis=1),
            "score": positive + (1 - opinion) / 2,
        }

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def serving_default(text):
        return answer(text, tf.zeros_like(text))

    @tf.function(
        input_signature=[
            spec([None], tf.string, "text"),
            spec([None], tf.string, "kind"),
        ]
    )
    def of_kind(text, kind):
        known = tf.reduce_any(kind[:, None] == tf.constant(["", *kinds]), axis=1)
        checks = [
            check(tf.reduce_all(known), "kind", f'one of {kinds}, or ""', kind),
            check(tf.size(kind) == tf.size(text), "kind", "one for each text", kind),
        ]
        with tf.control_dependencies(checks):
            return answer(text, tf.identity(kind))

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def reading(text):
        tokens, scores = tf.map_fn(
            lambda line: _read(model, tokenizer, temperature, line),
            text,
            fn_output_signature=(
                tf.RaggedTensorSpec([None], tf.string, ragged_rank=0),
                tf.RaggedTensorSpec([None], tf.float32, ragged_rank=0),
            ),
            parallel_iterations=1,  # all beginnings of a long text fill the memory
        )
        return {"tokens": padded(tokens, ""), "scores": padded(scores, 0.0)}

    signatures = {"serving_default": serving_default, "reading": reading}
    return signatures | ({"of_kind": of_kind} if kinds else {})


def split_sentences(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits texts `(batch,)` behind full stops and the like, and at line breaks.

    >>> split_sentences(["Good? Yes, 9.5/10! (Really.) Buy"]).to_list()
    [[b'Good?', b'Yes, 9.5/10!', b'(Really.)', b'Buy']]
    """
    text = tf.strings.regex_replace(valid(text), r"(?:<br ?/?>|[\n\r])+", _BREAK)
    text = tf.strings.regex_replace(text, r"""([.!?…]["”’')\]]*)\s+""", r"\1" + _BREAK)
    return tf.strings.split(text, _BREAK)


def split_pieces(tokenizer: Callable, text: tf.Tensor):
    """Returns the ids of sentences, `(pieces, tokens)`, ragged, and whose they are.

    A sentence of more than 100 tokens is in several pieces, and of a text there are
    4000 tokens in all. The second tensor, integers `(pieces,)`, counts the texts.
    """
    sentences = split_sentences(text)
    ids = tokenizer(sentences.flat_values)
    owners = tf.gather(sentences.value_rowids(), ids.value_rowids())
    begins = tf.ragged.range(ids.row_lengths()).flat_values % MAX_PIECE == 0
    lengths = tf.math.bincount(tf.cast(owners, tf.int32), minlength=tf.size(text))
    kept = tf.ragged.range(lengths).flat_values < MAX_LENGTH
    ids, owners, begins = (
        tf.boolean_mask(part, kept) for part in (ids.flat_values, owners, begins)
    )
    rows = tf.cumsum(tf.cast(begins, tf.int64)) - 1
    pieces = tf.RaggedTensor.from_value_rowids(ids, rows)
    return pieces, tf.boolean_mask(owners, begins)


def join_sentences(opinion, odds, owners, number):
    """Joins what sentences say to what texts say: a pair of floats `(number,)`.

    `opinion` are the probabilities of having one and `odds` the log-odds of a positive
    one, `(sentences,)`; `owners` counts the texts. A text has an opinion if one of its
    sentences has; its log-odds are the mean of theirs, weighted by `opinion`.

    >>> join_sentences([0.9, 0.0], [2.0, 5.0], [0, 0], 1)[1].numpy().tolist()
    [2.0]
    """
    opinion, odds = tf.convert_to_tensor(opinion), tf.convert_to_tensor(odds)
    total = tf.math.unsorted_segment_sum(opinion, owners, number)
    sums = tf.math.unsorted_segment_sum(opinion * odds, owners, number)
    largest = tf.math.unsorted_segment_max(opinion, owners, number)
    return tf.maximum(largest, 0.0), tf.math.divide_no_nan(sums, total)


def _views(logits, temperature):
    """How likely rows have an opinion, and the log-odds that it is a positive one."""
    logits = tf.cast(logits, tf.float32) / temperature
    if logits.shape[-1] == 2:
        return tf.ones_like(logits[:, 0]), logits[:, 1] - logits[:, 0]
    return 1 - tf.nn.softmax(logits)[:, 1], logits[:, 2] - logits[:, 0]


def _check_kinds(tokenizer, kinds):
    marks = tf.constant([f"<{kind}>" for kind in kinds], tf.string)
    if (tokenizer.ids[marks] == UNKNOWN).numpy().any():
        raise ValueError(
            "The tokenizer must know each of `kinds`, as <kind>. "
            f"Received: kinds={kinds}"
        )


def _is_known(pieces):
    return tf.reduce_any(pieces > UNKNOWN, axis=1)


def _marks(tokenizer, kinds):
    """Rows of one token `<kind>` each, or of none."""
    ids = tokenizer.ids[tf.strings.join(["<", kinds, ">"])]
    marks = tf.RaggedTensor.from_tensor(ids[:, None])
    return tf.ragged.boolean_mask(marks, (kinds != "")[:, None])


def _read(model, tokenizer, temperature, line):
    """The tokens of one text, and the score of the text up to each of them."""
    pieces, _ = split_pieces(tokenizer, line[None])
    tokens = tokenizer.tokens_of(split_sentences(line[None]).flat_values)
    rows, lengths = pieces.value_rowids()[:MAX_SOURCE], pieces.row_lengths()
    places = tf.ragged.range(lengths).flat_values[:MAX_SOURCE]
    pieces = padded(pieces)
    beginnings = tf.range(tf.shape(pieces, tf.int64)[1]) <= places[:, None]
    ids = tf.where(beginnings, tf.gather(pieces, rows), 0)
    opinion, odds = _views(model(ids, training=False), temperature)
    opinion = tf.where(tf.reduce_any(ids > UNKNOWN, axis=1), opinion, 0.0)
    # the sentences before count with what they came to at their last token
    whole = tf.where(places == tf.gather(lengths, rows) - 1, opinion, 0.0)
    total = tf.cumsum(whole, exclusive=True) + opinion
    sums = tf.cumsum(whole * odds, exclusive=True) + opinion * odds
    before = tf.linalg.band_part(tf.ones([tf.size(whole)] * 2), -1, 0) * whole
    opinion = tf.maximum(tf.reduce_max(before, axis=1), opinion)
    scores = opinion * tf.sigmoid(tf.math.divide_no_nan(sums, total))
    return tokens.flat_values[:MAX_SOURCE], scores + (1 - opinion) / 2
