"""Who of nine men says two vowels? `japanese_vowels [SEED ...]`

The splits are the published ones: 270 recordings for training, 370 for testing. Each
fifth recording of a speaker is for validation first. The model that is tested is
trained anew, on all 270, for as many epochs; its weights are those of the
least loss of training.
"""

import functools

from benchmarks.published import _clips
from benchmarks.published._comparison import compare

CORPUS = "japanese_vowels"
PUBLISHED = {
    "SVM on ten pieces of each clip (our trial)": 0.986,
    "last state of a GRU (our trial)": 0.981,
}
RECIPE = {
    "model": {"units": 64, "dropout": 0.3, "output_dropout": 0.3},
    "batch_size": 16,
    "epochs": 40,
    "optimizer": "muon",
    "learning_rate": 4e-3,
    "ema_momentum": 0.99,
}


def train(seed, directory):
    """Trains twice; returns the second model, with the figures of the first."""
    learned = _clips.read(CORPUS, "train", lambda number: number % 5 != seed % 5)
    held_out = _clips.read(CORPUS, "train", lambda number: number % 5 == seed % 5)
    first = _clips.train(learned, held_out, seed, directory / "part", **RECIPE)
    everything = _clips.read(CORPUS, "train")
    second = _clips.train(everything, everything, seed, directory / "all", **RECIPE)
    return second._replace(validation=first.validation, curve=first.curve)


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
