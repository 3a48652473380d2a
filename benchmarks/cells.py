"""Cells on a short adding problem: three learning rates, three seeds each.

    python benchmarks/cells.py [--length 100] [--steps 500] [--units 64]
        [--rates 3e-3 1e-2 3e-2] [--seeds 0 1 2] [--starts keras long]
        [--output cells.csv]

One learning rate and one seed say little of a cell: each cell is trained with every
rate from every seed, on the same batches (in the file of the repository, the first
training of all had others). The mean squared error is that on 1,000 rows
that training never saw, by the weights that were best on another 1,000. Always to
answer 1 gives 1/6, or 0.167. `keras` starts as Keras does, `long` with biases that keep
for up to `length` steps (Tallec and Ollivier, 2018, arXiv:1804.11188).

A run adds its row to the CSV once it is done: killed and called again, the script goes
on with those that are missing. The notebook `00b_what_is_said_of_it` draws the file.
"""

import tempfile

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from runs import complete, options_of

from gru_apps import models, training
from gru_apps.applications.memory import memory_tasks

CELLS = {"tanh RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
KEY = ["cell", "start", "learning_rate", "seed", "length", "steps", "units"]


def options():
    parser = options_of(__doc__, "cells.csv")
    parser.add_argument("--length", type=int, default=100)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--units", type=int, default=64)
    parser.add_argument("--rates", type=float, nargs="+", default=[3e-3, 1e-2, 3e-2])
    starts = ["keras", "long"]
    parser.add_argument("--starts", nargs="+", choices=starts, default=starts)
    asked = parser.parse_args()
    if asked.steps < 1 or asked.steps > 50 and asked.steps % 50:
        parser.error("--steps must be up to 50, or so many epochs of 50")
    return asked


def runs(asked):
    for start in asked.starts:
        for cell in CELLS:
            if start == "long" and cell == "tanh RNN":
                continue  # it has no gate to be told
            for rate in asked.rates:
                for seed in asked.seeds:
                    values = cell, start, rate, seed, asked.length, asked.steps
                    yield dict(zip(KEY, (*values, asked.units), strict=True))


def build(run):
    keras.utils.set_random_seed(int(run["seed"]))
    layer = getattr(layers, CELLS[run["cell"]])(int(run["units"]))
    model = keras.Sequential([keras.Input((None, 2)), layer, layers.Dense(1)])
    if run["start"] == "long":
        models.lengthen_memory(model, int(run["length"]), seed=int(run["seed"]))
    return model


def train(run):
    """Trains one model; returns what was found."""
    length, steps, seed = (int(run[name]) for name in ("length", "steps", "seed"))
    keras.utils.set_random_seed(seed)  # batches are drawn by it, too
    epochs = max(1, steps // 50)
    batches = memory_tasks.fresh_batches(
        memory_tasks.adding_problem, 32, length, steps=min(steps, 50), seed=seed
    )
    validation, test = (
        tf.data.Dataset.from_tensors(
            memory_tasks.adding_problem(1000, length, seed=(seed, number))
        )
        for number in (2, 3)
    )
    model = build(run)
    with tempfile.TemporaryDirectory() as directory:
        history = training.fit(
            model,
            batches,
            validation,
            directory=directory,
            epochs=epochs,
            patience=epochs,  # they may stand still for long before they learn
            loss="mse",
            learning_rate=float(run["learning_rate"]),
            seed=seed,
            verbose=0,
        )
    error = model.evaluate(test, verbose=0)
    seconds, parameters = f"{history.seconds:.1f}", model.count_params()
    keras.backend.clear_session()
    return {"parameters": parameters, "seconds": seconds, "error": f"{error:.2e}"}


def print_table(rows):
    """Prints least, middle and largest error of all seeds, by cell and rate."""
    print(f"{'cell':<9}{'start':<7}{'rate':<7}{'best':>9}{'median':>9}{'worst':>9}")
    kinds = dict.fromkeys(tuple(row[name] for name in KEY[:3]) for row in rows)
    for kind in kinds:
        errors = [
            float(row["error"])
            for row in rows
            if tuple(row[name] for name in KEY[:3]) == kind
        ]
        of_seeds = np.quantile(errors, [0, 0.5, 1])
        cell, start, rate = kind
        print(f"{cell:<9}{start:<7}{rate:<7}", *(f"{e:8.1e}" for e in of_seeds))


def main():
    asked = options()
    print_table(complete(asked.output, runs(asked), train))


if __name__ == "__main__":
    main()
