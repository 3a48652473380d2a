"""Rated sentences of four kinds, as lists, and the targets that ratings make."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401 registers the corpora
from gru_apps.applications.sentiment.spelling import misspell
from gru_apps.encoding.text import UNKNOWN

KINDS = ("movies", "tweets", "products", "editorials")
VIEWS = ("negative", "no opinion", "positive")
_NEUTRAL = 0.25  # a rating nearer to 0 states no opinion


class Sentences(NamedTuple):
    """Texts with their ratings, floats `(number,)`, and kinds, "" where none is told.

    >>> some = Sentences(["Good.", "It has a lid."], np.array([1.9, 0.0]), ["", ""])
    >>> some.rated().texts
    ['Good.']
    """

    texts: list[str]
    ratings: np.ndarray
    kinds: list[str]

    def where(self, chosen: Sequence[bool]) -> "Sentences":
        """Those that are chosen, booleans `(number,)`."""
        places = np.flatnonzero(chosen)
        texts, kinds = ([part[n] for n in places] for part in (self.texts, self.kinds))
        return Sentences(texts, self.ratings[places], kinds)

    def rated(self, kind: str | None = None) -> "Sentences":
        """Those that state an opinion, of one kind or of all."""
        fits = [kind in (None, own) for own in self.kinds]
        return self.where(np.array(fits, bool) & (np.abs(self.ratings) >= _NEUTRAL))

    def neutral(self) -> "Sentences":
        """Those that state none."""
        return self.where(np.abs(self.ratings) < _NEUTRAL)

    def misspelled(self, *, share: float, seed: int) -> "Sentences":
        """The same with typing errors in a `share` of their words."""
        return self._replace(
            texts=[misspell(text, share=share, seed=seed) for text in self.texts]
        )


def read_sentences(split: str) -> Sentences:
    """Reads all four kinds of `movie_snippets`, with and without an opinion.

    `split` is "train", "validation" or "test", or a part such as "test[:10%]".
    """
    parts = []
    for config in (*KINDS, "neutral"):
        rows = list(tfds.as_numpy(tfds.load(f"movie_snippets/{config}", split=split)))
        own = [row["kind"].decode() if "kind" in row else config for row in rows]
        ratings = np.array([row["rating"] for row in rows], "float32")
        parts.append(Sentences([row["text"].decode() for row in rows], ratings, own))
    return join(parts)


def read_words(split: str = "all") -> dict[str, float]:
    """Reads the ratings of single words."""
    rows = tfds.as_numpy(tfds.load("movie_snippets/words", split=split))
    return {row["text"].decode(): float(row["rating"]) for row in rows}


def join(parts: Iterable[Sentences]) -> Sentences:
    """Joins several sets of sentences to one, in their order."""
    texts, ratings, kinds = zip(*parts, strict=True)
    return Sentences(sum(texts, []), np.concatenate(ratings), sum(kinds, []))


def vary(some: Sentences, *, seed: int) -> Sentences:
    """Returns sentences as lessons that say what does not matter.

    A fifth of them comes a second time, with typing errors in three words of ten, and
    the kind of each is told with a probability of one half.
    """
    draw = np.random.default_rng(seed)
    fifth = some.where(draw.random(len(some.texts)) < 0.2)
    shown = join([some, fifth.misspelled(share=0.3, seed=seed)])
    told = draw.random(len(shown.texts)) < 0.5
    kinds = [k if is_told else "" for k, is_told in zip(shown.kinds, told, strict=True)]
    return shown._replace(kinds=kinds)


def untold(rated: Iterable[tuple[str, float]]) -> Sentences:
    """Makes sentences of pairs of a text and its rating; their kind is not told."""
    texts, ratings = zip(*rated, strict=True)
    return Sentences(list(texts), np.array(ratings, "float32"), [""] * len(texts))


def targets(ratings: np.ndarray) -> np.ndarray:
    """Returns the probabilities of `VIEWS`, `(number, 3)`, that ratings stand for.

    Near 0 it is the one between; beyond, the sigmoid function tells the others apart.

    >>> print(targets(np.array([0.0, 2.0])).round(2))
    [[0.   1.   0.  ]
     [0.12 0.   0.88]]
    """
    positive = 1 / (1 + np.exp(-ratings.astype("float32")))
    opinions = np.stack([1 - positive, 0 * positive, positive], axis=1)
    neutral = np.abs(ratings)[:, None] < _NEUTRAL
    return np.where(neutral, np.float32([0, 1, 0]), opinions)


def views(ratings: np.ndarray) -> np.ndarray:
    """Returns the place in `VIEWS` of each rating, integers `(number,)`.

    >>> views(np.array([-3.0, 0.1, 0.6])).tolist()
    [0, 1, 2]
    """
    return np.where(np.abs(ratings) < _NEUTRAL, 1, 1 + np.sign(ratings).astype(int))


def encode(tokenizer, texts: Sequence[str], kinds: Sequence[str]) -> tf.RaggedTensor:
    """Returns token ids, ragged; the token `<kind>` stands before a text of that kind.

    Where the kind is "" nothing does. Raises `ValueError` for a kind that the tokenizer
    does not know.
    """
    named = [kind for kind in kinds if kind]
    ids = tokenizer.ids[tf.constant([f"<{kind}>" for kind in named], tf.string)]
    for kind, number in zip(named, ids.numpy(), strict=True):
        if number == UNKNOWN:
            raise ValueError(
                f"`kinds` must be of those that the tokenizer knows. Received: {kind!r}"
            )
    told = [int(kind != "") for kind in kinds]
    marks = tf.RaggedTensor.from_row_lengths(ids, told)
    return tf.concat([marks, tokenizer(tf.constant(texts))], axis=1)
