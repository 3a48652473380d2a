"""Typing errors: texts with some, and a tokenizer that looks past them."""

import random
from collections.abc import Iterable, Sequence

import tensorflow as tf

from gru_apps.encoding.pieces import table
from gru_apps.encoding.text import (
    SPECIAL_TOKENS,
    UNKNOWN,
    Tokenizer,
    learn_tokenizer,
)

SHORTEST, LONGEST = 5, 14  # characters of a word that is mended
KNOWN = 8_000  # words of the vocabulary, the commonest, that errors are mended to


def misspell(text: str, *, share: float, seed: int) -> str:
    """Returns `text` with a typing error in about a `share` of its longer words.

    Those are of four letters or more, with no punctuation at them. Such a word loses a
    letter, gets one twice, has two neighbours swapped, or one replaced by another; its
    first letter stays, and now and then the word is what it was.

    >>> misspell("a wonderful evening", share=1.0, seed=0)
    'a wonerful evenng'
    """
    draw = random.Random(f"{seed} {text}")
    words = text.split(" ")
    for index, word in enumerate(words):
        if len(word) >= 4 and word.isalpha() and draw.random() < share:
            words[index] = _misspelled(word, draw)
    return " ".join(words)


def _misspelled(word, draw):
    place = draw.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    other = draw.choice("abcdefghijklmnopqrstuvwxyz")
    changed = [
        before + after,
        before + letter + letter + after,
        before + after[0] + letter + after[1:],
        before + other + after,
    ]
    return draw.choice(changed)


class ForgivingTokenizer(Tokenizer):
    """A tokenizer of words that takes an unknown one for a known one beside it.

    A word is beside another if one letter is lost, added, replaced, or swapped with its
    neighbour: then the two are alike after each has lost one letter or none, which a
    table of the 8,000 commonest words without a letter finds. (A letter that stands
    elsewhere is found so, too.) The first letter must be right, and no word becomes one
    of fewer than five letters; one of four that is unknown may become one of five. Of
    several words the
    commonest is taken. Ids and the vocabulary are those of `Tokenizer`.

    >>> tokenizer = ForgivingTokenizer(["wonderful", "film"])
    >>> tokenizer(["A wondreful film"]).to_list()
    [[1, 4, 5]]
    """

    def __init__(self, vocabulary):
        super().__init__(vocabulary, split="words")
        beside = {}
        for index, word in enumerate(self.vocabulary[:KNOWN]):
            if word.isalpha() and SHORTEST <= len(word) <= LONGEST:
                for shorter in (word, *_without_a_letter(word)):
                    beside.setdefault(shorter, index)
        self.beside = table(
            beside or [""], beside.values() or [UNKNOWN], tf.int32, tf.int32.max
        )

    def __call__(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Returns the int32 ids of texts `(batch,)`, unknown words mended."""
        tokens = self.tokens_of(text)
        words, ids = tokens.flat_values, self.ids[tokens.flat_values]
        length = tf.strings.length(words, unit="UTF8_CHAR")
        places = tf.where(
            (ids == UNKNOWN) & (length >= SHORTEST - 1) & (length <= LONGEST + 1)
        )
        unknown = tf.gather_nd(words, places)
        ids = tf.tensor_scatter_nd_update(ids, places, self._mended(unknown))
        return tokens.with_values(ids)

    def _mended(self, words):
        """The ids of the commonest words beside unknown ones, else `UNKNOWN`."""
        length = tf.strings.length(words, unit="UTF8_CHAR")[:, None]
        place = tf.minimum(tf.range(1, LONGEST + 2)[None], length)
        zero = tf.zeros_like(place)
        words = tf.broadcast_to(words[:, None], tf.shape(place))
        begin = tf.strings.substr(words, zero, place, unit="UTF8_CHAR")
        rest = tf.minimum(place + 1, length)
        end = tf.strings.substr(words, rest, zero + LONGEST + 2, unit="UTF8_CHAR")
        # at its end, the place takes nothing away: the word itself
        best = tf.reduce_min(self.beside[tf.strings.join([begin, end])], axis=1)
        return tf.where(best == tf.int32.max, UNKNOWN, best)


def learn_forgiving_tokenizer(
    texts: Iterable[str], *, vocabulary_size: int, marks: Sequence[str] = ()
) -> ForgivingTokenizer:
    """Learns the words that stand twice or more in texts, the commonest first.

    `marks` are more tokens, that no text has: they come last.

    >>> learn_forgiving_tokenizer(["a b", "b"], vocabulary_size=9).vocabulary[4:]
    ['b']
    """
    learned = learn_tokenizer(
        texts, split="words", vocabulary_size=vocabulary_size, min_count=2
    )
    words = learned.vocabulary[len(SPECIAL_TOKENS) :]
    return ForgivingTokenizer([*words, *marks])


def _without_a_letter(word):
    return [word[:place] + word[place + 1 :] for place in range(1, len(word))]
