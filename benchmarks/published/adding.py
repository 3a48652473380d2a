"""The adding problem over 600 steps: `adding [SEED ...]`

Of 600 random numbers two are marked, and their sum is asked. Papers give a GRU 70,000
parameters at most, fresh sequences all the time, and the mean squared error on others
that training never saw. Ours starts with biases that keep for up to 600 steps (Tallec
and Ollivier, 2018, arXiv:1804.11188), as that of Bai et al. does not. `benchmarks/
adding_problem.py` trains it, and other cells, and starts, in the same way.
"""

import argparse
import functools

from benchmarks import adding_problem
from benchmarks.published._comparison import Trained, compare

PUBLISHED = {
    "GRU, 70k parameters (Bai et al. 2018)": 5.3e-5,
    "TCN, 70k parameters (Bai et al. 2018)": 5.8e-5,
    "LSTM, 70k parameters (Bai et al. 2018)": 0.164,
    "always 1": 1 / 6,
}
SETTINGS = {"length": 600, "units": 64, "batch_size": 32, "steps": 3000}
SETTINGS |= {"learning_rate": 3e-2, "progress": True}
UNSEEN = 10_000  # a seed of no training


def train(seed, directory):
    """Trains a GRU on sequences of which none comes twice."""
    options = argparse.Namespace(seed=seed, **SETTINGS)
    model = adding_problem.build("GRU", "long", options)
    log = adding_problem.train(model, directory, options)
    return Trained(model, log.seconds, min(log["val_loss"]), log["val_loss"])


def score(model):
    """Returns the error on a thousand sequences that nothing else has seen."""
    options = argparse.Namespace(seed=UNSEEN, **SETTINGS)
    return model.evaluate(adding_problem.fixed_set(options, 3), verbose=0)


main = functools.partial(
    compare,
    "adding",
    train,
    score,
    figure="mean squared error on fresh sequences, lower is better",
    published=PUBLISHED,
)
