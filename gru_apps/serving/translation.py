"""The questions of a SavedModel that translates."""

from collections.abc import Callable

import tensorflow as tf

from gru_apps.serving import alignments
from gru_apps.serving.sentences import Search, WholeText
from gru_apps.serving.signatures import Signatures, spec


def translate_text(
    translator,
    source: Callable,
    target: Callable,
    *,
    reader: Callable | None = None,
    width: int = 5,
    length_penalty: float = 1.0,
) -> Signatures:
    """Answers `text` `(batch,)` with its `translation`, `score` and `reason`.

    `source` and `target` are tokenizers; `reader` cuts texts into sentences, as
    `sentences.Reading` has them. The score is the mean log-probability of the tokens, 0
    where there are none. The reason says why there is no translation, or what may be
    amiss with it, and is "" for others. `beam` gives `width` `translations` and
    `scores` `(batch, width)`, in the order of the search, which has its length penalty;
    the n-th joins the n-th of each sentence. `attention` gives the `translation` with
    `source_tokens` `(batch, length)`, `target_tokens` `(batch, steps)` and `weights`
    `(batch, steps, length)`, right-padded with "" and 0, of the first 8 sentences of
    each text; its reason says what is wrong with the text alone. The first 400 tokens
    of a sentence are read; without a `reader`, a whole text counts as one sentence, and
    no reason says what was left out. The translation of an empty text is empty.
    """
    search = Search(
        translator, source, target, reader or WholeText(), width, length_penalty
    )

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def serving_default(text):
        found = search.texts(text, 1)
        translation, score = found["translations"][:, 0], found["scores"][:, 0]
        return {"translation": translation, "score": score, "reason": found["reason"]}

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def beam(text):
        return search.texts(text, width)

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def attention(text):
        return alignments.attention(search, text)

    return {"serving_default": serving_default, "beam": beam, "attention": attention}
