"""What of a SavedModel that writes runs elsewhere: the step from token to token."""

import numpy as np

from gru_apps import models

SIGNATURE = "score"
WINDOW, WARM_UP = 512, 64  # tokens that are read together, and that come before
QUESTION = {"text": ["My fellow citizens, it is 1790.\n\nÄ " * 90, ""]}


def networks(trained):
    """Returns the network by its name, with an example of its inputs."""
    step = trained.build("gru", _language_model).step
    state = np.zeros((1, step.input["state"].shape[-1]), "float32")
    return {"step": (step, {"token_ids": np.array([5], "int32"), "state": state})}


def _language_model(shapes):
    (vocabulary_size, dim), tables = shapes[0], shapes[1:]
    # of n-grams, then two kernels and the biases of each GRU
    longest = 1 + tables.index(next(s for s in tables if s[-1] % 3 == 0 and s[0] < 999))
    units = shapes[longest + 1][0]
    return models.build_language_model(
        vocabulary_size,
        longest_ngram=longest,
        embedding_dim=dim,
        units=units,
        num_layers=shapes.count((2, 3 * units)),
        tied_embeddings=True,
    )


def encoding(trained):
    """Returns the plain data that a text is read with; a byte is a character."""
    step = trained.build("gru", _language_model).step
    return {
        "window": WINDOW,
        "warm_up": WARM_UP,
        "state": step.input["state"].shape[-1],
        "vocabulary": [token.decode("latin-1") for token in trained.vocabulary()],
    }
