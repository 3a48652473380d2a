"""Signs that stand for numbers and names: a network that copies signs spells none.

A sentence is rewritten with a sign for each number and name. The values of the signs,
in English, are put back after the search, so that none of them can be garbled.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from gru_apps.applications.translation.names import Name
from gru_apps.applications.translation.numerals import (
    FIGURES,
    NUMERALS,
    Numerals,
    in_words,
)
from gru_apps.encoding.pieces import table

# signs that no sentence needs: the n-th number, person and other name of a sentence
NUMBERS, PEOPLE, OTHERS = "⚀⚁⚂⚃⚄⚅", "♔♕♖♗♘♙", "☿♀♁♃♄♅"
SIGNS = NUMBERS + PEOPLE + OTHERS
_KINDS, _EACH = 3, len(NUMBERS)
_NUMBER, _PERSON, _OTHER, _NO_WORD, _PLAIN = 0, 1, 2, -1, -2
_BATCH = 1000  # sentences that are rewritten at once
_WORD = r"\p{Latin}(?:[\p{Latin}0-9'&@._/+-]*[\p{Latin}0-9+])?"
LATIN = rf"{_WORD}(?: {_WORD})*"
_UNIT = rf"({FIGURES}|{NUMERALS}|{LATIN}|.)"
_BREAK = "\x1f"
_LONGEST = 8  # characters of a name


class Masked(NamedTuple):
    """Sentences `(sentences,)` with signs, and what each of `SIGNS` stands for.

    `values` are English and `originals` Chinese, both `(sentences, signs)`, "" for a
    sign that does not occur.
    """

    sentences: tf.Tensor
    values: tf.Tensor
    originals: tf.Tensor


class Placeholders(tf.Module):
    """Finds numbers, words in Latin letters and names, and puts signs in their place.

    `names` are looked up by simplified characters, the longest first; in a word of
    `others` no name is found. What occurs twice has one sign. Beyond six of a kind,
    words are left as they are.
    """

    def __init__(self, names: Mapping[str, Name], others: Sequence[str] = ()):
        super().__init__()
        self.numerals = Numerals()
        words = [*names, *(word for word in others if word not in names)]
        none = len(words)
        english = [name.english for name in names.values()]
        self.english = tf.constant(english + [""] * (none + 1 - len(names)))
        kinds = [_PERSON if name.is_person else _OTHER for name in names.values()]
        kinds += [_PLAIN] * (none - len(names)) + [_NO_WORD]
        self.kinds = tf.constant(kinds)
        self.places = table(words or [""], range(max(none, 1)), tf.int32, none)

    def __call__(self, sentences: tf.Tensor) -> Masked:
        """Rewrites simplified sentences `(sentences,)`.

        >>> names = {"伦敦": Name("London", is_person=False)}
        >>> masked = Placeholders(names)(["25岁的Tom去了伦敦"])
        >>> masked.sentences[0].numpy().decode()
        '⚀岁的♔去了☿'
        """
        sentences = tf.strings.regex_replace(sentences, f"[{SIGNS}]", "")
        marked = tf.strings.regex_replace(sentences, _UNIT, _BREAK + r"\1")
        units = tf.strings.split(marked, _BREAK)[:, 1:].to_tensor("")
        units = tf.pad(units, [[0, 0], [0, 1]])  # one at least
        words, english, kinds, lengths = self._words(units)
        starts = _starts(lengths)
        signs = _signs(english, tf.where(starts, kinds, _NO_WORD))
        is_sign = signs >= 0
        rows = tf.cast(tf.where(is_sign)[:, 0], tf.int32)
        places = tf.stack([rows, tf.boolean_mask(signs, is_sign)], axis=1)
        empty = tf.fill([tf.shape(units)[0], len(SIGNS)], "")
        values, originals = (
            tf.tensor_scatter_nd_update(empty, places, tf.boolean_mask(x, is_sign))
            for x in (english, words)
        )
        written = tf.gather(tf.constant(list(SIGNS)), tf.maximum(signs, 0))
        words = tf.where(is_sign, written, tf.where(starts, words, ""))
        return Masked(tf.strings.reduce_join(words, 1), values, originals)

    def _words(self, units):
        """The longest word from each unit on, its English, kind, and how many units."""
        is_number = tf.strings.regex_full_match(units, f"{FIGURES}|{NUMERALS}")
        is_latin = tf.strings.regex_full_match(units, LATIN)
        numbers = self.numerals(tf.boolean_mask(units, is_number))
        english = tf.where(is_latin, units, "")
        english = tf.tensor_scatter_nd_update(english, tf.where(is_number), numbers)
        kinds = tf.where(is_number, _NUMBER, tf.where(is_latin, _PERSON, _NO_WORD))
        words, joined, lengths = units, units, tf.ones_like(kinds)
        for length in range(2, _LONGEST + 1):
            following = tf.pad(units, [[0, 0], [0, length]])[:, length - 1 : -1]
            joined = tf.strings.join([joined, following])
            place = self.places[joined]
            kind = tf.gather(self.kinds, place)
            found = (kind != _NO_WORD) & (following != "")
            words = tf.where(found, joined, words)
            english = tf.where(found, tf.gather(self.english, place), english)
            kinds = tf.where(found, kind, kinds)
            lengths = tf.where(found, length, lengths)
        return words, english, kinds, lengths


def _starts(lengths):
    """Where a word begins, from left to right, each as long as it can be."""

    def go_on(left, length):
        return tf.where(left == 0, length, left) - 1

    nothing = tf.zeros_like(lengths[:, 0])
    left = tf.scan(go_on, tf.transpose(lengths), nothing)
    return tf.transpose(tf.concat([nothing[None], left[:-1]], axis=0)) == 0


def _signs(english, kinds):
    """Numbers what has a kind, for each kind by itself, and equals alike; else -1."""
    named = kinds >= 0
    hashed = tf.strings.to_hash_bucket_fast(english, 2**31 - 1)
    hashed = tf.where(named, hashed * _KINDS + tf.cast(kinds, tf.int64), -1)
    same = hashed[:, :, None] == hashed[:, None, :]
    first = tf.argmax(same, axis=2, output_type=tf.int32)
    is_new = named & (first == tf.range(tf.shape(kinds)[1]))
    counted = tf.one_hot(tf.where(is_new, kinds, -1), _KINDS, dtype=tf.int32)
    kind = tf.maximum(kinds, 0)
    before = tf.cumsum(counted, axis=1, exclusive=True)
    rank = tf.gather(before, kind, batch_dims=2)
    signs = tf.where(rank < _EACH, kind * _EACH + rank, -1)
    return tf.where(named, tf.gather(signs, first, batch_dims=1), -1)


def masked_pairs(
    placeholders: Placeholders, chinese: Sequence[str], english: Sequence[str]
) -> tuple[list[str], list[str], dict[str, list[int]]]:
    """Puts signs into both sentences of training pairs, where both have the value.

    A number may stand in figures or in words. Returns the Chinese and the English
    sentences, and for each original how often it was found, of how many times.
    """
    pairs, counts = ([], []), {}
    ask = tf.function(placeholders, input_signature=[tf.TensorSpec([None], tf.string)])
    for start in range(0, len(chinese), _BATCH):
        masked = ask(tf.constant(chinese[start : start + _BATCH]))
        columns = (column.numpy() for column in masked)
        for zh, values, originals, en in zip(
            *columns, english[start : start + _BATCH], strict=True
        ):
            zh = zh.decode()
            for sign in np.flatnonzero(values != b""):
                original = originals[sign].decode()
                written = _written(values[sign].decode()).sub(SIGNS[sign], en)
                found = counts.setdefault(original, [0, 0])
                found[0] += written != en
                found[1] += 1
                if written == en:
                    zh = zh.replace(SIGNS[sign], original)
                en = written
            pairs[0].append(zh)
            pairs[1].append(en)
    return *pairs, counts


def _in_words(number):
    """Ways to write a number in words: a thousand, five hundred, 20 million."""
    forms = [in_words(number)] if number <= 100 else []
    for unit, word in ((100, "hundred"), (1000, "thousand"), (10**6, "million")):
        times, rest = divmod(number, unit)
        if not rest and 1 <= times <= 100:
            forms += [f"{in_words(times)} {word}", f"{times} {word}"]
            forms += [f"a {word}"] if times == 1 else []
    return forms


@functools.cache
def _written(value):
    """A pattern of the ways in which English may write a value."""
    forms = [value, value.removeprefix("the ")]
    plain = value.replace(",", "")
    if plain.isdecimal():
        forms += [plain, f"{int(plain):,}"]
        forms += _in_words(int(plain))
    forms += [str(n) for n in range(101) if in_words(n) == value]
    forms += ["a hundred"] if value == "one hundred" else []
    forms = sorted({re.escape(form) for form in forms}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)
