"""Classifiers that count words, a set of contrasts, and how sure a figure is."""

import csv
import pathlib
from collections.abc import Callable, Mapping, Sequence
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


class Pair(NamedTuple):
    """Two sentences that differ in a word or so, a positive and a negative one.

    `frames` is "taught" where composed sentences have the `pattern` in other words, and
    "new" where none has it.
    """

    pattern: str
    frames: str
    positive: str
    negative: str


def fit_bigrams(train, validation, *, spelling: bool = False):
    """Fits a classifier that counts words and pairs of them, and chooses its strength.

    Both arguments are a pair of texts `(number,)` and labels `(number,)`, 0 or 1; the
    first are learned from. It is a logistic regression over words and pairs of
    neighbours, rare ones weighted more. With `spelling`, runs of three to six
    characters count, too. Returns a pipeline of scikit-learn.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]"
    )
    if spelling:
        characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 6), sublinear_tf=True, min_df=2
        )
        vectorizer = make_union(vectorizer, characters)
    counts, asked = (
        vectorizer.fit_transform(train[0]),
        vectorizer.transform(validation[0]),
    )
    regressions = [
        LogisticRegression(C=strength, solver="liblinear").fit(counts, train[1])
        for strength in STRENGTHS
    ]
    best = max(regressions, key=lambda fitted: fitted.score(asked, validation[1]))
    return make_pipeline(vectorizer, best)


def read_pairs() -> list[Pair]:
    """Returns the hundred pairs of `contrast_pairs.csv`, which no model learns from."""
    path = pathlib.Path(__file__).with_name("contrast_pairs.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return [Pair(**row) for row in csv.DictReader(file)]


def both_right(pairs: Sequence[Pair], score: Callable) -> np.ndarray:
    """Returns of which pairs both answers are right, booleans `(pairs,)`.

    `score` maps a list of texts to the probabilities of positive. Who reads the words
    that both share, and no more, gets no pair right.

    >>> pairs = [Pair("not", "new", "good", "not good")]
    >>> both_right(pairs, lambda texts: [0.9, 0.4]).tolist()
    [True]
    """
    texts = [pair.positive for pair in pairs] + [pair.negative for pair in pairs]
    positive, negative = np.split(np.asarray(score(texts)), 2)
    return (positive > 0.5) & (negative < 0.5)


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


def metrics(right: Mapping, counted: Mapping, films: Mapping, errors: Mapping) -> dict:
    """Names the figures as the manifest does.

    `right` and `counted` say by kind which test texts the model has right, and bigrams
    of that kind, booleans `(texts,)`. `films` are other accuracies on films, and
    `errors` calibration errors, by name.
    """
    found = {kind: float(np.mean(hits)) for kind, hits in right.items()}
    found |= {f"{kind}_bigrams": float(np.mean(h)) for kind, h in counted.items()}
    found |= {name: float(value) for name, value in films.items()}
    accuracies = {f"test_accuracy_{name}": value for name, value in found.items()}
    calibration = {f"test_calibration_error_{name}": e for name, e in errors.items()}
    return accuracies | calibration
