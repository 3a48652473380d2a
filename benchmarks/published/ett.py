"""Forecasts of all seven series of ETTh1 and ETTh2, as papers on long forecasts do.

Hours are split into 12, 4 and 4 months, and normalised by mean and deviation of the
first. Errors are means over all windows of the test months. `GRU` is `build_forecaster`
and `linear` `build_linear_forecaster`, of the same look-back, loss and data. The test
is asked once, for the weights of the best epoch on validation.
"""

import argparse
import itertools
import pathlib
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from benchmarks import published
from gru_apps import baselines, datasets, training
from gru_apps.models import forecasters

LENGTH, UNITS, EPOCHS = 336, 128, {"GRU": 6, "linear": 30}  # of 32 batches
LOSS, KEY = training.PinballLoss([0.5]), ["corpus", "horizon", "model", "seed"]
SPLITS = {"train": (LENGTH, 8640), "validation": (8640, 11520), "test": (11520, 14400)}


def windows(split, run, **options):
    """Batches of `(history, future)`, of each hour of a split that has both."""
    table = tfds.load(f"ett/{run['corpus']}", split="train+validation+test")
    table = table.batch(len(table)).get_single_element()
    series = np.stack([table[name] for name in datasets.ett.CHANNELS], axis=-1)
    past, (first, end) = series[: SPLITS["train"][1]], SPLITS[split]
    series = tf.constant((series - past.mean(axis=0)) / past.std(axis=0))
    places = np.arange(first, end - run["horizon"] + 1)
    hours = np.arange(-LENGTH, run["horizon"])
    rows = training.batches((places, places), 64, **options).map(
        lambda place, _: tf.gather(series, place[:, None] + hours)
    )
    if run["model"] == "linear":  # a series a row
        rows = rows.map(tf.linalg.matrix_transpose)
        rows = rows.map(lambda x: tf.reshape(x, [-1, len(hours), 1]))
    return rows.map(lambda x: (x[:, :LENGTH], x[:, LENGTH:]))


def train(run):
    """Trains one model; returns its figures."""
    start = time.monotonic()
    keras.utils.set_random_seed(run["seed"])
    model = baselines.build_linear_forecaster(LENGTH, run["horizon"])
    if run["model"] == "GRU":
        sizes = {"horizon": run["horizon"], "length": LENGTH, "units": UNITS}
        sizes |= {"dropout": 0.5, "quantiles": [0.5]}
        model = forecasters.build_forecaster(len(datasets.ett.CHANNELS), **sizes)
    train_set = windows("train", run, seed=run["seed"]).take(32)
    data = train_set, windows("validation", run)
    options = {"epochs": EPOCHS[run["model"]], "loss": LOSS, "seed": run["seed"]}
    with tempfile.TemporaryDirectory() as folder:
        log = training.fit(model, *data, directory=folder, verbose=0, **options)
    test = windows("test", run)
    truth = np.concatenate([future for _, future in test])
    error = model.predict(test, verbose=0).reshape(truth.shape) - truth
    found = {"seconds": time.monotonic() - start, "mse": np.mean(error**2)}
    found |= {"mae": np.mean(np.abs(error)), "validation_mae": 2 * min(log["val_loss"])}
    return {name: f"{number:.4g}" for name, number in found.items()}


def main(arguments):
    """Trains what the file lacks, and prints its rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="+", default=["GRU", "linear"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    output = pathlib.Path("benchmarks", "published", "results", "ett.csv")
    parser.add_argument("--output", type=pathlib.Path, default=output)
    asked = parser.parse_args(arguments)
    choices = itertools.product(["h1", "h2"], [96, 336], asked.models, asked.seeds)
    runs = [dict(zip(KEY, choice, strict=True)) for choice in choices]
    published.complete(asked.output, runs, train)
