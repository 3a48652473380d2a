"""What the comparisons on reviews of IMDB share: texts, words, batches and training.

The official test split has 25,000 reviews. A tenth of the 25,000 for training chooses
the epoch. Texts that the test has, too, are left out. Words are the likeliest of nine
tenths of the training set. Of a long review the first 100 and the last 300 are read.
"""

import functools

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from benchmarks.published._comparison import Trained
from gru_apps import training
from gru_apps.encoding import learn_tokenizer

LEARNT, HELD_OUT = "train[:90%]", "train[90%:]"
FIRST, LAST, BATCH = 100, 300, 64
FIGURE = {"figure": "accuracy on test, higher is better", "best": max}


def read(split):
    """Returns texts and labels, 1 where the film is liked and 0 where it is not."""
    asked = set() if split == "test" else {*read("test")[0]}
    rows = tfds.as_numpy(tfds.load("imdb_reviews", split=split))
    pairs = [(r["text"].decode().replace("<br />", " "), r["label"]) for r in rows]
    texts, labels = zip(*(p for p in pairs if p[0] not in asked), strict=True)
    return texts, np.array(labels)


@functools.cache
def tokenizer(words):
    """Learns so many words."""
    return learn_tokenizer(read(LEARNT)[0], split="words", vocabulary_size=words)


@functools.cache
def rows(split, words):
    """Returns ids of the words of each review, and the probabilities of its labels.

    A review without a label has 0 for both.
    """
    texts, labels = read(split)
    targets = np.stack([labels == 0, labels == 1], axis=1).astype("float32")
    return [*tokenizer(words)(tf.constant(texts)).numpy()], targets


def ends(reviews):
    """Returns the first and the last words of each review."""
    return [np.concatenate([row[:FIRST], row[FIRST:][-LAST:]]) for row in reviews]


def batches(split, words, **shuffling):
    """Batches of ids, those that are read, and the probabilities of labels."""
    reviews, targets = rows(split, words)
    return training.batches((ends(reviews), targets), BATCH, **shuffling)


def learn(model, data, seed, directory, recipe):
    """Trains a classifier with batches for training and validation."""
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    options = {"loss": loss, "metrics": ["accuracy"], "monitor": "val_accuracy"}
    options |= {"directory": directory, "seed": seed, "verbose": 2}
    log = training.fit(model, *data, **options, **recipe)
    return Trained(model, log.seconds, max(log["val_accuracy"]), log["val_accuracy"])


def accuracy(model, data):
    """Returns the share of reviews that are told rightly."""
    metric = keras.metrics.CategoricalAccuracy()
    for inputs, targets in data:
        metric.update_state(targets, model.predict_on_batch(inputs))
    return float(metric.result())
