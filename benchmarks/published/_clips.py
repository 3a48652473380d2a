"""What the two comparisons on recordings share: frames, model and accuracy."""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401 registers the corpora
from benchmarks.published._comparison import Trained
from gru_apps import training
from gru_apps.models import build_feature_classifier


def read(corpus, split, keep=lambda number: True):
    """Returns clips `(frames, dim)` and labels, of the numbers that are kept."""
    features, label = tfds.builder(corpus).info.supervised_keys
    rows = list(tfds.as_numpy(tfds.load(corpus, split=split)))
    rows = [row for row in rows if keep(row["number"])]
    return [row[features] for row in rows], np.array([row[label] for row in rows])


def train(data, validation, seed, directory, *, model, batch_size, **recipe):
    """Trains a classifier with the options `model`, by the rest."""
    clips, labels = data
    options = {"pooling": True, "bidirectional": True} | model
    number = len(np.unique(labels))
    built = build_feature_classifier(clips[0].shape[1], number, **options)
    built.get_layer("normalization").adapt(clips)
    log = training.fit(
        built,
        training.batches(_examples(data), batch_size, seed=seed),
        training.batches(_examples(validation), 100),
        directory=directory,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        patience=recipe["epochs"],
        seed=seed,
        verbose=2,
        **recipe,
    )
    best = log["val_accuracy"][np.argmin(log["val_loss"])]
    return Trained(built, log.seconds, best, log["val_accuracy"])


def accuracy(model, data):
    """Returns the share of clips whose label is found."""
    examples = training.batches(_examples(data), 100)
    labels = np.concatenate([labels for _, labels in examples])
    return np.mean(model.predict(examples, verbose=0).argmax(axis=-1) == labels)


def _examples(data):
    clips, labels = data
    lengths = [len(clip) for clip in clips]
    return tf.RaggedTensor.from_row_lengths(np.concatenate(clips), lengths), labels
