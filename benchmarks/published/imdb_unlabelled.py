"""Is a film liked? A language model of reviews first: `imdb_unlabelled [SEED ...]`

A GRU first learns to say the next word of reviews for training and of those without a
label. A classifier begins with its weights, and learns as in `imdb`. See `_reviews`.
"""

import functools

import keras
import numpy as np

from benchmarks.published import _reviews
from benchmarks.published._comparison import compare
from benchmarks.published._reviews import HELD_OUT, LEARNT, batches, tokenizer
from benchmarks.published._texts import windows
from gru_apps import training
from gru_apps.encoding.text import END
from gru_apps.models import build_language_model, build_text_classifier

PUBLISHED = {
    "SA-LSTM, autoencoder first (Dai and Le 2015)": 0.9276,
    "LM-LSTM, language model first (Dai and Le 2015)": 0.9236,
    "LSTM, nothing first (Dai and Le 2015)": 0.865,
}
MODEL = {"embedding_dim": 64, "units": 256}
LANGUAGE = {"epochs": 1, "optimizer": "muon", "learning_rate": 5e-3, "verbose": 2}
RECIPE = {"epochs": 4, "optimizer": "muon", "learning_rate": 4e-3, "ema_momentum": 0.99}
WORDS, WINDOW, BATCH = 10_000, 128, 64


def passages(*splits, **shuffling):
    """Batches of passages, each review with an end, and of what follows each word."""
    reviews = [row for split in splits for row in _reviews.rows(split, WORDS)[0]]
    ids = np.concatenate([[END], *(part for row in reviews for part in (row, [END]))])
    return windows(ids.astype("int32"), WINDOW, BATCH, **shuffling)


def language_model(size):
    """Builds an untrained language model."""
    options = {"num_layers": 1, "dropout": 0.0, "tied_embeddings": True}
    return build_language_model(size, **MODEL, **options).model


def learn_language(seed, directory):
    """Trains a language model on all reviews for training."""
    model = language_model(len(tokenizer(WORDS).vocabulary))
    data = passages(LEARNT, "unsupervised", seed=seed), passages(HELD_OUT)
    options = {"loss": training.SequenceCrossEntropy(), "seed": seed}
    log = training.fit(model, *data, directory=directory, **options, **LANGUAGE)
    return model, log.seconds


def classifier(language, seed):
    """Builds a classifier that begins with what a language model has learnt."""
    options = {"bidirectional": False, "dropout": 0.5, "output_dropout": 0.5}
    keras.utils.set_random_seed(seed)  # whatever the language model has drawn
    size = len(tokenizer(WORDS).vocabulary)
    model = build_text_classifier(size, 2, **MODEL, **options)
    for name in ("embedding", "gru_1"):
        model.get_layer(name).set_weights(language.get_layer(name).get_weights())
    return model


def train(seed, directory):
    """Trains a language model, and then a classifier."""
    language, seconds = learn_language(seed, directory / "language")
    model = classifier(language, seed)
    data = batches(LEARNT, WORDS, seed=seed), batches(HELD_OUT, WORDS)
    trained = _reviews.learn(model, data, seed, directory / "classifier", RECIPE)
    return trained._replace(seconds=seconds + trained.seconds)


def score(model):
    """Returns the accuracy on the official test split."""
    return _reviews.accuracy(model, batches("test", WORDS))


FIGURE = _reviews.FIGURE | {"published": PUBLISHED}
main = functools.partial(compare, "imdb_unlabelled", train, score, **FIGURE)
