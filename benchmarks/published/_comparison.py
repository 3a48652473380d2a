"""Ours beside what papers report: rows that are kept, and one table of all."""

import pathlib
import platform
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from benchmarks import runs

RESULTS = pathlib.Path("benchmarks", "published", "results")


class Trained(NamedTuple):
    """A model, the seconds of its training, and its figure on validation.

    `curve` is that figure after each epoch.
    """

    model: keras.Model
    seconds: float
    validation: float
    curve: Sequence[float]


def compare(
    name: str,
    train: Callable[[int, pathlib.Path], Trained],
    score: Callable[[keras.Model], float | Mapping[str, float]],
    *,
    figure: str,
    published: Mapping[str, float],
    best: Callable = min,
    seeds: Sequence[int] = (),
    evaluate: bool = False,
) -> None:
    """Trains a model from each seed, and prints its figures beside the published.

    `train(seed, directory)` makes it, and `score(model)` asks it the test split: with
    `evaluate` alone, and once a seed, for its row stands in `results/NAME.csv` from
    then on. Of several scores by name, `test` is the one of the table.
    """

    def measure(run):
        seed = int(run["seed"])
        keras.utils.set_random_seed(seed)
        trained = train(seed, pathlib.Path("build", "published", f"{name}_{seed}"))
        found = {"parameters": trained.model.count_params()}
        found["seconds"] = f"{trained.seconds:.0f}"
        found["validation"] = f"{trained.validation:.4g}"
        if evaluate:
            scores = score(trained.model)
            scores = scores if isinstance(scores, Mapping) else {"test": scores}
            found |= {name: f"{value:.4g}" for name, value in scores.items()}
        curve = " ".join(f"{value:.4g}" for value in trained.curve)
        return found | {"curve": curve, "versions": versions()}

    asked, path = (
        [{"seed": seed} for seed in seeds or [0, 1, 2]],
        RESULTS / f"{name}.csv",
    )
    rows = runs.complete(path, asked, measure) if evaluate else runs.read(path)
    for run in [] if evaluate else asked:
        print(run, measure(run), flush=True)
    print_table(rows, figure, published, best)


def versions() -> str:
    """Names what a figure was measured with."""
    parts = f"Keras {keras.__version__}", f"TensorFlow {tf.__version__}"
    return ", ".join([*parts, f"Python {platform.python_version()}"])


def print_table(
    rows: Sequence[Mapping], figure: str, published: Mapping, best: Callable = min
) -> None:
    """Prints the figures of papers and ours, the best first."""
    lines = dict(published)
    if rows:
        found = np.array([float(row["test"]) for row in rows])
        of_seeds = f"seed {rows[0]['seed']}"
        if len(rows) > 1:
            deviation = found.std(ddof=1)
            of_seeds = f"mean of {len(rows)} seeds, deviation {deviation:.2g}"
        size = int(rows[0]["parameters"])
        lines[f"ours, {size:,} parameters, {of_seeds}"] = found.mean()
    print(figure)
    for who in sorted(lines, key=lines.get, reverse=best is max):
        print(f"{lines[who]:>10.4g}  {who}")
