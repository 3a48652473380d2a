"""Classifiers that count words, and how sure the accuracy of any classifier is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

STRENGTHS = (10, 30, 100, 300)  # the larger, the more a rare word may say
WIDTH = 1.96  # standard errors either side of 95 % of a normal distribution


class PairedDifference(NamedTuple):
    """How two classifiers differ on the same texts.

    `only_first`, `only_second` and `neither` count the texts that are answered rightly
    by one of them alone, and by none. `difference` is the accuracy of the first less
    that of the second, `margin` half the width of its 95 % confidence interval.
    """

    only_first: int
    only_second: int
    neither: int
    difference: float
    margin: float


def fit_bigrams(train, validation, extra) -> dict:
    """Fits two classifiers that count, and chooses their settings by validation.

    Each argument is a pair of texts `(number,)` and labels `(number,)`, 0 or 1; `extra`
    are more texts to learn from, where that helps. The first classifier, "tf-idf
    bigrams", is a logistic regression over words and pairs of neighbours, rare ones
    weighted more. The second, "bigrams and spelling", counts runs of three to six
    characters, too. Returns both, fitted, by name: pipelines of scikit-learn.
    """
    from sklearn.base import clone
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    everything = tuple([*a, *b] for a, b in zip(train, extra, strict=True))
    best, highest = None, -1.0
    for texts, labels in (train, everything):
        words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]"
        )
        counts = words.fit_transform(texts)
        for strength in STRENGTHS:
            regression = LogisticRegression(C=strength, max_iter=1000)
            bigrams = make_pipeline(words, regression.fit(counts, labels))
            if (score := bigrams.score(*validation)) >= highest:
                best, highest = bigrams, score
    characters = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 6), sublinear_tf=True, min_df=2
    )
    spelled = make_pipeline(make_union(clone(best[0]), characters), clone(best[-1]))
    return {"tf-idf bigrams": best, "bigrams and spelling": spelled.fit(*everything)}


def margin_of(accuracy: float, number: int) -> float:
    """Returns half the width of the 95 % confidence interval of an accuracy.

    It is that of the normal approximation, for a `number` of independent examples.

    >>> round(margin_of(0.5, 100), 3)
    0.098
    """
    return WIDTH * (accuracy * (1 - accuracy) / number) ** 0.5


def compare_paired(first: Sequence[bool], second: Sequence[bool]) -> PairedDifference:
    """Compares two classifiers by which of the same texts each answers rightly.

    `first` and `second` are booleans `(number,)`. The margin is narrower than those of
    the two accuracies: texts that are hard for both don't count. Raises `ValueError`
    for different numbers of texts.

    >>> compare_paired([True, True, False, False], [True, False, False, False])[:4]
    (1, 0, 2, 0.25)
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    if first.shape != second.shape:
        raise ValueError(
            "`first` and `second` must be of the same texts. "
            f"Received: shapes {first.shape} and {second.shape}"
        )
    difference = first * 1.0 - second
    return PairedDifference(
        int(np.sum(first & ~second)),
        int(np.sum(second & ~first)),
        int(np.sum(~first & ~second)),
        float(difference.mean()),
        float(WIDTH * difference.std() / len(difference) ** 0.5),
    )
