"""Folk tunes with chords, quarter by quarter: what sounds next? `nottingham [SEED ...]`

The corpus, its splits and the figure are those of Bai et al., 2018 (arXiv:1803.01271);
see `_piano_rolls`. Of papers, RNN-NADE alone says the keys of a chord one after the
other, as ours does. Figures of GRU, LSTM and TCN are those of Bai et al. The best epoch
is chosen on the validation split.
"""

import functools

from benchmarks.published import _piano_rolls
from benchmarks.published._comparison import compare

CORPUS, MOST = "nottingham", 10  # keys that sound at once
PUBLISHED = {
    "GRU, 1M parameters (Bai et al. 2018)": 3.46,
    "TCN (Bai et al. 2018)": 3.07,
    "RRU (LUMII-Syslab, tuned)": 2.92,
    "RNN-NADE (Boulanger-Lewandowski et al. 2012)": 2.31,
}
MODEL = {
    "shared_outputs": True,
    "embedding_dim": 32,
    "units": 256,
    "num_layers": 1,
    "dropout": 0.3,
    "output_dropout": 0.3,
}
RECIPE = {"model": MODEL, "length": 100, "batch_size": 32, "epochs": 12}
RECIPE |= {"learning_rate": 4e-3, "ema_momentum": 0.99}


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
