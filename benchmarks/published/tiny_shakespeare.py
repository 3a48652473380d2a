"""Plays by Shakespeare, character by character: `tiny_shakespeare [SEED ...]`

The last tenth of the text is the test, as in nanoGPT, which chose its weights there: a
play without its first third, and another play. Our recipe was chosen on "Measure for
Measure" without its first third, by a training that did not read the rest. Losses are
nats a character, over rows of some 2,048, each read from a state of zeros. Beside the
GRU stands an n-gram of characters (`counts`), and both with their probabilities
averaged (`mixed`).
"""

import functools

import keras
import numpy as np
import tensorflow_datasets as tfds

from benchmarks.published._comparison import Trained, compare
from benchmarks.published._texts import moving_windows, nats, windows
from gru_apps import training
from gru_apps.models import build_language_model

PUBLISHED = {
    "Transformer, 10.6M parameters (nanoGPT, its best on this tenth)": 1.4697,
    "minGRU, 3 layers of 384 (Feng et al. 2024; their test split)": 1.548,
}
MODEL = {"longest_ngram": 3, "embedding_dim": 128, "tied_embeddings": True}
MODEL |= {"units": 512, "num_layers": 1, "dropout": 0.3, "output_dropout": 0.3}
RECIPE = {"epochs": 12, "optimizer": "muon", "learning_rate": 1e-2, "verbose": 2}
WINDOW, BATCH, ROW, ORDER = 256, 16, 2048, 7
HELD_OUT = 0.88, 0.9625  # of the nine tenths


def read():
    """Returns the ids of both parts, those for training and the last tenth."""

    def text(split):
        (row,) = tfds.as_numpy(tfds.load("tiny_shakespeare", split=split))
        return row["text"].decode()

    train, tenth = text("train"), text("validation") + text("test")
    known = {character: 1 + i for i, character in enumerate(sorted({*train}))}
    ids = [np.array([known[c] for c in part], "int32") for part in (train, tenth)]
    return *ids, 1 + len(known)


def learn(ids, held_out, seed, directory):
    """Returns a model and the history of its training."""
    keras.utils.set_random_seed(seed)
    model = build_language_model(read()[2], **MODEL).model
    data = moving_windows(ids, WINDOW, BATCH, seed=seed), windows(held_out, ROW, 8)
    # `loss` is what is learnt from: it falls to the end, so that the last epoch is kept
    options = {"loss": training.SequenceCrossEntropy(), "monitor": "loss"}
    options |= {"directory": directory, "seed": seed}
    return model, training.fit(model, *data, **options, **RECIPE)


def train(seed, directory):
    """Tries the recipe without a play, and then trains a model with all of them."""
    ids, _, _ = read()
    begin, play, end = np.split(ids, [round(len(ids) * at) for at in HELD_OUT])
    _, tried = learn(np.concatenate([begin, end]), play, seed, directory / "without")
    model, log = learn(ids, play, seed, directory / "all")
    return Trained(model, log.seconds, tried["val_loss"][-1], tried["val_loss"])


def score(model):
    """Returns the nats of a character of the last tenth."""
    ids, tenth, _ = read()
    return nats(model, ids, tenth, ROW, ORDER)


FIGURE = {"figure": "nats a character on test, lower is better", "published": PUBLISHED}
main = functools.partial(compare, "tiny_shakespeare", train, score, **FIGURE)
