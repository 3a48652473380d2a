"""Forecasts of all seven series of ETTh1 and ETTh2: `ett [SEED ...] --evaluate`.

Hours are split into 12, 4 and 4 months, and normalised by mean and deviation of the
first. Errors are means over all windows of the test months. `GRU` is `build_forecaster`
and `linear` `build_linear_forecaster`, of the same look-back, loss and data. The test
is asked once, for the weights of the best epoch on validation.
"""

import functools
import itertools
import pathlib
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from benchmarks.runs import complete
from gru_apps import baselines, datasets, training
from gru_apps.models import forecasters

FILE = pathlib.Path("benchmarks", "published", "results", "ett.csv")
LENGTH, UNITS, EPOCHS = 336, 128, {"GRU": 6, "linear": 30}  # of 32 batches
SEEDS = [0, 1, 2]
LOSS, KEY = training.PinballLoss([0.5]), ["corpus", "horizon", "model", "seed"]
SPLITS = {"train": (LENGTH, 8640), "validation": (8640, 11520), "test": (11520, 14400)}


@functools.cache
def load(corpus):
    """The normalised series: floats `(hours, 7)`."""
    table = tfds.load(f"ett/{corpus}", split="train+validation+test")
    table = table.batch(len(table)).get_single_element()
    series = np.stack([table[name] for name in datasets.ett.CHANNELS], axis=-1)
    past = series[: SPLITS["train"][1]]
    return tf.constant((series - past.mean(axis=0)) / past.std(axis=0))


def windows(split, run, **options):
    """Batches of `(history, future)`, of each hour of a split that has both."""
    series, (first, end) = load(run["corpus"]), SPLITS[split]
    places = np.arange(first, end - run["horizon"] + 1)
    rows = training.batches((places, places), 64, **options)
    hours = np.arange(-LENGTH, run["horizon"])
    rows = rows.map(lambda place, _: tf.gather(series, place[:, None] + hours))
    if run["model"] == "linear":  # a series a row
        rows = rows.map(lambda x: tf.transpose(x, [0, 2, 1]))
        rows = rows.map(lambda x: tf.reshape(x, [-1, len(hours), 1]))
    return rows.map(lambda x: (x[:, :LENGTH], x[:, LENGTH:]))


def train(run):
    """Trains one model; returns its figures."""
    start, seed = time.monotonic(), run["seed"]
    keras.utils.set_random_seed(seed)
    model = baselines.build_linear_forecaster(LENGTH, run["horizon"])
    if run["model"] == "GRU":
        choices = {"length": LENGTH, "units": UNITS, "dropout": 0.5, "quantiles": [0.5]}
        model = forecasters.build_forecaster(7, horizon=run["horizon"], **choices)
    train_set = windows("train", run, seed=seed).take(32)
    data = train_set, windows("validation", run)
    with tempfile.TemporaryDirectory() as folder:
        recipe = {"epochs": EPOCHS[run["model"]], "loss": LOSS, "directory": folder}
        log = training.fit(model, *data, **recipe, seed=seed, verbose=0)
    test = windows("test", run)
    truth = np.concatenate([future for _, future in test])
    error = model.predict(test, verbose=0).reshape(truth.shape) - truth
    found = {"seconds": time.monotonic() - start, "mse": np.mean(error**2)}
    found |= {"mae": np.mean(np.abs(error)), "validation_mae": 2 * min(log["val_loss"])}
    return {name: f"{number:.4g}" for name, number in found.items()}


def main(*, seeds, evaluate):
    """Trains what the file lacks, with `evaluate` alone, and prints all its rows."""
    runs = itertools.product(["h1", "h2"], [96, 336], ["GRU", "linear"], seeds or SEEDS)
    runs = [dict(zip(KEY, run, strict=True)) for run in runs] if evaluate else []
    print(*(" ".join(row.values()) for row in complete(FILE, runs, train)), sep="\n")
