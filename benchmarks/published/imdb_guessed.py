"""Is a film liked? Two networks label reviews for each other: `imdb_guessed [SEED ...]`

One is the GRU of `imdb_unlabelled`, which knows the language of reviews; the other is
the linear classifier of `imdb_pairs`. Both learn from labelled reviews, and the mean of
their probabilities labels the 50,000 that have no label. Both begin anew, and learn
from all. (Two views of one text that teach each other: Blum and Mitchell, 1998.)
"""

import functools

import numpy as np

from benchmarks.published import _reviews, imdb_pairs, imdb_unlabelled
from benchmarks.published._comparison import compare
from benchmarks.published._reviews import HELD_OUT, LEARNT
from gru_apps import training

WORDS, UNLABELLED = imdb_unlabelled.WORDS, "unsupervised"
RECIPES = imdb_unlabelled.RECIPE, imdb_unlabelled.RECIPE | {"epochs": 2}


def learn(language, reviews, targets, recipe, seed, directory):
    """Trains both classifiers."""
    ends = _reviews.ends(reviews), targets
    data = training.batches(ends, _reviews.BATCH, seed=seed)
    data = data, _reviews.batches(HELD_OUT, WORDS)
    gru = imdb_unlabelled.classifier(language, seed)
    gru = _reviews.learn(gru, data, seed, directory / "gru", recipe)
    return imdb_pairs.beside(gru, WORDS, (reviews, targets), seed, directory)


def train(seed, directory):
    """Trains a language model, two classifiers, and two that learn from these, too."""
    language, seconds = imdb_unlabelled.learn_language(seed, directory / "language")
    reviews, targets = _reviews.rows(LEARNT, WORDS)
    begun = language, reviews, targets, RECIPES[0], seed, directory / "first"
    first = learn(*begun)
    guesses = first.model.predict(imdb_pairs.batches(UNLABELLED, WORDS), verbose=0)
    reviews = reviews + _reviews.rows(UNLABELLED, WORDS)[0]
    targets = np.concatenate([targets, guesses])
    second = learn(language, reviews, targets, RECIPES[1], seed, directory / "second")
    return second._replace(seconds=seconds + first.seconds + second.seconds)


def score(model):
    """Returns the accuracy on the official test split, and that of each part."""
    return imdb_pairs.score(model, WORDS)


FIGURE = _reviews.FIGURE | {"published": imdb_unlabelled.PUBLISHED}
main = functools.partial(compare, "imdb_guessed", train, score, **FIGURE)
