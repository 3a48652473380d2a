"""Is a film liked? A GRU, and pairs of words beside it: `imdb_pairs [SEED ...]`

Corpus and protocol are those of `imdb`; the GRU is one of its two, and knows more
words. Beside it stands a linear classifier of the words and pairs of the whole review,
which begins as naive Bayes and is trained. The two probabilities are averaged. Both
together have two million parameters at most.
"""

import functools

import keras
from keras import layers

from benchmarks.published import _reviews, imdb
from benchmarks.published._comparison import Trained, compare
from benchmarks.published._reviews import HELD_OUT, LEARNT, tokenizer
from gru_apps import training
from gru_apps.baselines import adapt_pair_classifier, build_pair_classifier

PAIRS = {"num_pairs": 2**18, "dropout": 0.3}
RECIPE = {"epochs": 4, "learning_rate": 1e-2}
WORDS, INPUTS = 20_000, ("ends", "whole")


def learn_pairs(words, learnt, seed, directory):
    """Trains the linear classifier with reviews and the probabilities of labels."""
    model = build_pair_classifier(len(tokenizer(words).vocabulary), 2, **PAIRS)
    padded = keras.utils.pad_sequences(learnt[0], padding="post")
    adapt_pair_classifier(model, padded, learnt[1])
    held_out = _reviews.rows(HELD_OUT, words)
    data = training.batches(learnt, _reviews.BATCH, seed=seed), held_out
    return _reviews.learn(model, data, seed, directory, RECIPE)


def average(gru, pairs):
    """Builds a model of the ends of reviews and of whole ones: both probabilities."""
    ends, whole = (keras.Input((None,), dtype="int32", name=n) for n in INPUTS)
    probabilities = [layers.Softmax()(x) for x in (gru(ends), pairs(whole))]
    return keras.Model([ends, whole], layers.Average()(probabilities))


def batches(split, words):
    """Batches of reviews, their ends and the whole, and the probabilities of labels."""
    whole, targets = _reviews.rows(split, words)
    inputs = dict(zip(INPUTS, (_reviews.ends(whole), whole), strict=True))
    return training.batches((inputs, targets), _reviews.BATCH)


def beside(gru, words, learnt, seed, directory):
    """Trains the linear classifier beside a trained GRU, which the curve is of."""
    pairs = learn_pairs(words, learnt, seed, directory / "pairs")
    model = average(gru.model, pairs.model)
    validation = _reviews.accuracy(model, batches(HELD_OUT, words))
    return Trained(model, gru.seconds + pairs.seconds, validation, gru.curve)


def train(seed, directory):
    """Trains both, one after the other."""
    gru = imdb.learn(WORDS, seed, directory / "gru")
    return beside(gru, WORDS, _reviews.rows(LEARNT, WORDS), seed, directory)


def score(model, words=None):
    """Returns the accuracy on the official test split, and that of each part."""
    ends, whole = model.input
    gru = keras.Model(model.input, model.get_layer("text_classifier")(ends))
    pairs = keras.Model(model.input, model.get_layer("pair_classifier")(whole))
    asked = batches("test", words or WORDS)
    parts = {"test": model, "gru": gru, "pairs": pairs}
    return {name: _reviews.accuracy(part, asked) for name, part in parts.items()}


FIGURE = _reviews.FIGURE | {"published": imdb.PUBLISHED}
main = functools.partial(compare, "imdb_pairs", train, score, **FIGURE)
