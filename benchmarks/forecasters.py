"""What each part of the forecaster of traffic adds: three seeds each.

    python benchmarks/forecasters.py [--models GRU "no encoder" "no GRU" trees]
        [--seeds 0 1 2] [--epochs 8] [--units 64]
        [--output forecasters.csv]

One seed says little of a few vehicles. `GRU` is `build_forecaster`; `no encoder` is the
same decoder, which begins with zeros; `no GRU` has the dense layers alone, which read
the calendar of each hour to come, and the traffic of 24 and 168 hours before. All are
trained by the recipe of the notebook `07_time_series`, which draws the file. `trees`
are up to 1,200 trees of 63 leaves that try 30 % of the columns, as many as are best on
validation.
Errors are mean absolute ones of the test months, in vehicles an hour: of all 24 hours,
of the first, and of the last.

A run adds its row to the CSV once it is done: killed and called again, the script goes
on with those that are missing.
"""

import functools
import itertools
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from keras import layers, ops
from runs import complete, options_of

from gru_apps import datasets, training  # noqa: F401 registers the corpora
from gru_apps.applications.traffic import comparisons, series
from gru_apps.models import forecasters
from gru_apps.models.quantiles import rising

WEEK, DAY = 168, 24  # hours
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
MODELS = ["GRU", "no encoder", "no GRU", "trees"]
KEY = ["model", "seed", "epochs", "units"]


def options():
    parser = options_of(__doc__, "forecasters.csv")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--units", type=int, default=64)
    return parser.parse_args()


class Data:
    """The corpus, its features and calendars, and the first hours of all forecasts."""

    def __init__(self):
        names = ["train", "validation", "test"]
        splits = tfds.load("metro_traffic", split=names)
        tables = [split.batch(len(split)).get_single_element() for split in splits]
        self.columns = {k: np.concatenate([t[k] for t in tables]) for k in tables[0]}
        ends = np.cumsum([len(table["traffic"]) for table in tables])
        bounds = zip(names, [WEEK + DAY, *ends[:-1]], ends, strict=True)
        self.origins = {n: np.arange(a, b - DAY + 1) for n, a, b in bounds}
        self.features = series.features(self.columns)
        hours = series.hours_from_text(tf.constant(self.columns["timestamp"]))
        self.calendars = series.calendar(hours)
        self.past = self.features[: ends[0]]
        self.test, truth = self.windows(self.origins["test"])
        self.truth = truth.numpy()

    def windows(self, places):
        return series.windows(places, self.features, self.calendars)

    def batches(self, split, **shuffling):
        places = (self.origins[split], self.origins[split])
        places = tf.data.Dataset.from_tensor_slices(places)
        batches = training.batches(places, 128, **shuffling)
        return batches.map(lambda place, _: self.windows(place))


def build_part(units, recurrent):
    """The forecaster without its encoder, and without its decoder too."""
    history = keras.Input((WEEK, series.FEATURE_DIM), name="history")
    calendar = keras.Input((WEEK + DAY, series.CALENDAR_DIM), name="calendar")
    known = ops.isfinite(history[:, :, :1])
    x = layers.Normalization(name="normalization")(history)[:, :, :1]
    x = ops.clip(ops.where(known, x, 0.0), -5, 5)
    parts = [x, ops.cast(known, "float32"), calendar[:, :WEEK]]
    seen = ops.concatenate(parts, axis=-1)
    look_ups = [seen[:, -DAY:], seen[:, :DAY]]
    future = x = ops.concatenate([calendar[:, WEEK:], *look_ups], axis=-1)
    if recurrent:
        x = layers.GRU(units, return_sequences=True)(future)
        x = ops.concatenate([layers.Dropout(0.3)(x), future], axis=-1)
    x = layers.Dense(units, activation="relu")(x)
    x = layers.Dense(len(QUANTILES))(x)
    x = rising(x) + seen[:, :DAY, :1]
    scale = layers.Normalization(axis=None, invert=True, name="denormalization")
    return keras.Model({"history": history, "calendar": calendar}, scale(x))


def forecast_by_model(run, data):
    seed, units = int(run["seed"]), int(run["units"])
    keras.utils.set_random_seed(seed)
    if run["model"] == "GRU":
        sizes = series.FEATURE_DIM, series.CALENDAR_DIM, DAY
        model = forecasters.build_forecaster(*sizes, quantiles=QUANTILES, units=units)
    else:
        model = build_part(units, recurrent=run["model"] == "no encoder")
    forecasters.adapt_forecaster(model, data.past)
    with tempfile.TemporaryDirectory() as directory:
        training.fit(
            model,
            data.batches("train", seed=seed),
            data.batches("validation"),
            directory=directory,
            epochs=int(run["epochs"]),
            loss=training.PinballLoss(QUANTILES),
            learning_rate=3e-3,
            weight_decay=1e-3,
            ema_momentum=0.99,
            seed=seed,
            verbose=0,
        )
    return model.predict(data.test, batch_size=512, verbose=0)[:, :, 2]


def train(run, data):
    """Trains one model; returns what was found."""
    start = time.monotonic()
    if run["model"] == "trees":
        choices = comparisons.CHOICES[-1:]
        forecast = comparisons.grow_trees(
            data.columns,
            data.origins,
            most=1200,
            seed=int(run["seed"]),
            choices=choices,
        )
    else:
        forecast = forecast_by_model(run, data)
    errors = np.nanmean(np.abs(forecast - data.truth), axis=0)
    found = {"error": np.nanmean(np.abs(forecast - data.truth))}
    found |= {"first_hour": errors[0], "last_hour": errors[-1]}
    found = {name: f"{number:.1f}" for name, number in found.items()}
    return {"seconds": f"{time.monotonic() - start:.0f}"} | found


def main():
    asked, data = options(), Data()
    kinds = itertools.product(asked.models, asked.seeds)
    runs = [(kind, seed, asked.epochs, asked.units) for kind, seed in kinds]
    runs = [dict(zip(KEY, run, strict=True)) for run in runs]
    complete(asked.output, runs, functools.partial(train, data=data))


if __name__ == "__main__":
    main()
