"""Is a film liked? Reviews of IMDB: `imdb [SEED ...]`

See `_reviews` for corpus and protocol. Two GRUs are trained, each from weights and an
order of its own, and their logits are averaged: together they have two million
parameters at most. Nothing is pretrained, and the unlabelled reviews have no part.
"""

import functools

import keras
import numpy as np
from keras import layers

from benchmarks.published import _reviews
from benchmarks.published._comparison import Trained, compare
from benchmarks.published._reviews import HELD_OUT, LEARNT, batches, tokenizer
from gru_apps.models import build_text_classifier

PUBLISHED = {
    "NB-SVM on bigrams (Wang and Manning 2012)": 0.9122,
    "GRU, 2 layers, at most 2M parameters (LUMII-Syslab/RRU)": 0.8704,
    "CNN (bentrevett)": 0.875,
    "two-layer BiLSTM (bentrevett)": 0.862,
}
MODEL = {"embedding_dim": 64, "units": 64, "dropout": 0.5, "output_dropout": 0.5}
RECIPE = {"epochs": 5, "optimizer": "muon", "learning_rate": 4e-3, "ema_momentum": 0.99}
WORDS, GRUS = 14_000, 2


def learn(words, seed, directory, name="text_classifier"):
    """Trains a GRU that knows so many words, from random weights."""
    num_tokens = len(tokenizer(words).vocabulary)
    model = build_text_classifier(num_tokens, 2, name=name, **MODEL)
    data = batches(LEARNT, words, seed=seed), batches(HELD_OUT, words)
    return _reviews.learn(model, data, seed, directory, RECIPE)


def train(seed, directory):
    """Trains the GRUs; the curve is the mean of theirs."""
    seeds = [GRUS * seed + number for number in range(GRUS)]
    grus = [learn(WORDS, s, directory / str(s), f"gru_{s}") for s in seeds]
    ids = keras.Input((None,), dtype="int32")
    model = keras.Model(ids, layers.Average()([gru.model(ids) for gru in grus]))
    validation = _reviews.accuracy(model, batches(HELD_OUT, WORDS))
    curve = np.mean([gru.curve for gru in grus], axis=0)
    return Trained(model, sum(gru.seconds for gru in grus), validation, curve)


def score(model):
    """Returns the accuracy on the official test split."""
    return _reviews.accuracy(model, batches("test", WORDS))


main = functools.partial(
    compare, "imdb", train, score, published=PUBLISHED, **_reviews.FIGURE
)
