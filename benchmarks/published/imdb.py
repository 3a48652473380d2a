"""Is a film liked? Reviews of IMDB: `imdb [SEED ...]`

See `_reviews` for corpus and protocol. Nothing is pretrained, the unlabelled reviews
have no part, and models have two million parameters at most.
"""

import functools

from benchmarks.published import _reviews
from benchmarks.published._comparison import compare
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
WORDS = 25_000


def learn(words, seed, directory):
    """Trains a classifier of so many words, from random weights."""
    model = build_text_classifier(len(tokenizer(words).vocabulary), 2, **MODEL)
    data = batches(LEARNT, words, seed=seed), batches(HELD_OUT, words)
    return _reviews.learn(model, data, seed, directory, RECIPE)


def train(seed, directory):
    """Trains the classifier."""
    return learn(WORDS, seed, directory)


def score(model):
    """Returns the accuracy on the official test split."""
    return _reviews.accuracy(model, batches("test", WORDS))


main = functools.partial(
    compare, "imdb", train, score, published=PUBLISHED, **_reviews.FIGURE
)
