"""Is a film liked? Reviews of IMDB: `imdb [SEED ...]`

The official test split of 25,000 reviews; a tenth of the 25,000 for training chooses
the epoch, and texts that the test has, too, are left out. Nothing is pretrained, the
unlabelled reviews have no part, and models have two million parameters at most. Of a
long review the first and the last words are read.
"""

import functools

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from benchmarks.published._comparison import Trained, compare
from gru_apps import training
from gru_apps.encoding import learn_tokenizer
from gru_apps.models import build_text_classifier

PUBLISHED = {
    "NB-SVM on bigrams (Wang and Manning 2012)": 0.9122,
    "GRU, 2 layers, at most 2M parameters (LUMII-Syslab/RRU)": 0.8704,
    "CNN (bentrevett)": 0.875,
    "two-layer BiLSTM (bentrevett)": 0.862,
}
MODEL = {"embedding_dim": 64, "units": 64, "dropout": 0.5, "output_dropout": 0.5}
RECIPE = {"epochs": 5, "optimizer": "muon", "learning_rate": 4e-3, "ema_momentum": 0.99}
WORDS, FIRST, LAST, BATCH = 25_000, 100, 300, 64


def read(split):
    """Returns texts and labels, 1 where the film is liked."""
    asked = set() if split == "test" else {*read("test")[0]}
    rows = tfds.as_numpy(tfds.load("imdb_reviews", split=split))
    pairs = [(r["text"].decode().replace("<br />", " "), r["label"]) for r in rows]
    texts, labels = zip(*(p for p in pairs if p[0] not in asked), strict=True)
    return texts, np.array(labels)


@functools.cache
def tokenizer():
    """Learns the words of what models learn from."""
    return learn_tokenizer(read("train[:90%]")[0], split="words", vocabulary_size=WORDS)


def batches(split, **shuffling):
    """Batches of ids and labels."""
    texts, labels = read(split)
    ids = tokenizer()(tf.constant(texts)).numpy()
    ends = [np.concatenate([row[:FIRST], row[FIRST:][-LAST:]]) for row in ids]
    return training.batches((ends, labels), BATCH, **shuffling)


def train(seed, directory):
    """Trains a classifier on nine tenths of the training set."""
    model = build_text_classifier(len(tokenizer().vocabulary), 2, **MODEL)
    data = batches("train[:90%]", seed=seed), batches("train[90%:]")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    options = {"loss": loss, "metrics": ["accuracy"], "monitor": "val_accuracy"}
    options |= {"directory": directory, "seed": seed, "verbose": 2}
    log = training.fit(model, *data, **options, **RECIPE)
    return Trained(model, log.seconds, max(log["val_accuracy"]), log["val_accuracy"])


def score(model):
    """Returns the accuracy on the official test split."""
    return model.evaluate(batches("test"), verbose=0, return_dict=True)["accuracy"]


main = functools.partial(
    compare,
    "imdb",
    train,
    score,
    figure="accuracy on test, higher is better",
    published=PUBLISHED,
    best=max,
)
