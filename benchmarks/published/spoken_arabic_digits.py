"""Which digit do 22 people say whom no one has heard? `spoken_arabic_digits [SEED ...]`

The published splits: 66 speakers for training, 22 others for testing. Twelve of the 66
are for validation, and choose the epoch. Recordings of the last man of these are unlike
all others, so that the figure of validation is lower than that of the test.
"""

import functools

from benchmarks.published import _clips
from benchmarks.published._comparison import compare

CORPUS = "spoken_arabic_digits"
PUBLISHED = {
    "SVM on ten pieces of each clip (our trial)": 0.984,
    "last state of a GRU (our trial)": 0.978,
}
RECIPE = {
    "model": {"units": 96, "dropout": 0.4, "output_dropout": 0.4},
    "batch_size": 64,
    "epochs": 15,
    "optimizer": "muon",
    "learning_rate": 4e-3,
    "ema_momentum": 0.99,
}


def train(seed, directory):
    """Trains a model on 54 speakers."""
    splits = (_clips.read(CORPUS, split) for split in ("train", "validation"))
    return _clips.train(*splits, seed, directory, **RECIPE)


def score(model):
    """Returns the accuracy on the published test split."""
    return _clips.accuracy(model, _clips.read(CORPUS, "test"))


main = functools.partial(
    compare,
    CORPUS,
    train,
    score,
    figure="accuracy on test, higher is better",
    published=PUBLISHED,
    best=max,
)
