"""What of a SavedModel that rates texts runs elsewhere: the mean of its readers."""

import functools

import keras
import numpy as np

from gru_apps import models
from gru_apps.applications.sentiment import sentences

SIGNATURE = "serving_default"
QUESTION = {"text": ["Not bad at all.", "A wonderfull flim! I hated the songs.", ""]}


def networks(trained):
    """Returns the network by its name, with an example of its inputs."""
    parts = [part for part in trained.parts if part.startswith("reader-")]
    parts = parts or ["reader-0"]  # which is missed by its name
    readers = [trained.build(part, functools.partial(_reader, part)) for part in parts]
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    logits = keras.layers.Average()([reader(token_ids) for reader in readers])
    reader = keras.Model(token_ids, logits, name="reader")
    return {"reader": (reader, {"token_ids": np.arange(1, 9, dtype="int32")[None]})}


def _reader(name, shapes):
    (vocabulary_size, embedding_dim), units, classes = shapes[0], shapes[2], shapes[-1]
    return models.build_text_classifier(
        vocabulary_size,
        *classes,
        embedding_dim=embedding_dim,
        units=units[0],
        name=name,
    )


def encoding(trained):
    """Returns the plain data that a text is read with, and the answer made."""
    return {
        "labels": sentences.VIEWS,
        "temperature": trained.number("truediv/y"),
        "vocabulary": [token.decode() for token in trained.vocabulary()],
    }
