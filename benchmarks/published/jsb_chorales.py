"""Chorales by Bach, quarter by quarter: what will sound next? `jsb_chorales [SEED ...]`

The corpus, its splits and the figure are those of Bai et al., 2018 (arXiv:1803.01271);
see `_piano_rolls`. Of papers, RNN-NADE alone says the keys of a chord one after the
other, as ours does. Figures of GRU, LSTM and TCN are those of Bai et al. The best epoch
is chosen on the validation split.
"""

import functools

from benchmarks.published import _piano_rolls
from benchmarks.published._comparison import compare

CORPUS, MOST = "jsb_chorales", 4  # keys that sound at once
PUBLISHED = {
    "GRU, 300k parameters (Bai et al. 2018)": 8.43,
    "TCN (Bai et al. 2018)": 8.10,
    "RRU (LUMII-Syslab, tuned)": 7.72,
    "RNN-NADE (Boulanger-Lewandowski et al. 2012)": 5.56,
}
MODEL = {
    "embedding_dim": 64,
    "units": 256,
    "num_layers": 1,
    "dropout": 0.5,
    "output_dropout": 0.5,
}
RECIPE = {"batch_size": 8, "epochs": 20, "learning_rate": 4e-3, "ema_momentum": 0.99}
RECIPE |= {"model": MODEL}


def train(seed, directory):
    """Trains a language model of chords."""
    return _piano_rolls.train(CORPUS, MOST, seed, directory, **RECIPE)


def score(model):
    """Returns the nats of a frame of the test split."""
    return _piano_rolls.score(CORPUS, MOST, model)


main = functools.partial(
    compare,
    CORPUS,
    train,
    score,
    figure="nats a frame on test, lower is better",
    published=PUBLISHED,
)
