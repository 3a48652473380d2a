"""What the composer adds to counting, if both know beat and voice: three seeds.

    python benchmarks/chorales.py [--models GRU unnamed "with place"]
        [--seeds 0 1 2] [--epochs 4] [--units 256]
        [--output chorales.csv]

One run says little of a lead of hundredths. `GRU` is `build_language_model` with four
tokens a step, which knows the voice and the sixteenth of the beat, and nothing else of
the notebook `04_music_generation`: no key, no phrases, no voice that is given. It is
trained by the notebook's recipe, for fewer epochs. `unnamed` and `with place` are
Witten-Bell n-grams of order 10, the best in the notebook; `with place` knows
voice and sixteenth, too. Counting draws no lots: a row each. Losses are nats a cell, of
the test chorales and of those for validation.

A run adds its row to the CSV once it is done: killed and called again, the script goes
on with those that are missing.
"""

import tempfile
import time

import keras
import numpy as np
import runs
import tensorflow as tf
import tensorflow_datasets as tfds

from gru_apps import datasets, training  # noqa: F401 registers the corpora
from gru_apps.applications import music
from gru_apps.baselines import ngrams
from gru_apps.models.language_models import build_language_model

PLACES = 16  # four voices, four sixteenths of a beat
LENGTH = 256  # tokens of a passage
ORDERS = {"unnamed": 10, "with place": 10}
MODELS = ["GRU", *ORDERS]


def options():
    parser = runs.options_of(__doc__, "chorales.csv")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--units", type=int, default=256)
    return parser.parse_args()


def read():
    """Returns the tokens of all chorales, those for training in twelve keys."""

    def tokens(piece, shift=0):
        cells = music.cells_from_score(piece["pitches"], piece["starts"])
        return music.tokens_from_cells(music.transpose(cells, shift)).numpy()

    splits = {}
    for name in ("train", "validation", "test"):
        pieces = list(tfds.as_numpy(tfds.load("bach_chorales", split=name)))
        shifts = range(-5, 7) if name == "train" else [0]
        splits[name] = [tokens(piece, shift) for shift in shifts for piece in pieces]
    return splits


def batches(pieces, length, batch_size, **shuffling):
    ids = tf.TensorSpec([None], tf.int32)

    def passages():
        for piece in pieces:
            before = np.concatenate([[music.START_TOKEN], piece[:-1]])
            places = np.arange(len(piece)) % PLACES
            for start in range(0, len(piece), length):
                here = slice(start, start + length)
                inputs = {"token_ids": before[here], "context_ids": places[here]}
                yield inputs, piece[here]

    specification = {"token_ids": ids, "context_ids": ids}, ids
    dataset = tf.data.Dataset.from_generator(passages, output_signature=specification)
    return training.batches(dataset, batch_size, **shuffling)


def train(run, splits):
    """Trains a model, and returns its loss on validation and test."""
    seed, units = int(run["seed"]), int(run["units"])
    keras.utils.set_random_seed(seed)
    model = build_language_model(
        music.NUM_TOKENS,
        tokens_per_step=4,
        num_contexts=PLACES,
        units=units,
        embedding_dim=units // 4,
    ).model
    passages = batches(splits["train"], LENGTH, 32, seed=seed)
    held_out = {n: batches(splits[n], 10_000, 16) for n in ("validation", "test")}
    with tempfile.TemporaryDirectory() as directory:
        training.fit(
            model,
            passages.take(-(-len(passages) // 12)),  # an epoch is a twelfth
            held_out["validation"],
            directory=directory,
            epochs=int(run["epochs"]),
            loss=training.SequenceCrossEntropy(),
            metrics=[training.TokenCrossEntropy()],
            monitor="val_cross_entropy",
            optimizer="muon",
            learning_rate=4e-3,
            seed=seed,
            verbose=0,
        )
    scores = [model.evaluate(b, verbose=0, return_dict=True) for b in held_out.values()]
    return [score["cross_entropy"] for score in scores]


def count(run, splits):
    """Counts an n-gram, and returns its loss on validation and test."""
    places = PLACES if run["model"] == "with place" else 1

    def spelled(piece):
        unnamed = np.minimum(piece, music.FIRST_HELD_TOKEN)
        return unnamed * places + np.arange(len(piece)) % places

    pieces = {name: list(map(spelled, splits[name])) for name in splits}
    model = ngrams.WittenBell(
        pieces["train"],
        order=ORDERS[run["model"]],
        vocabulary_size=music.NUM_TOKENS * places,
    )
    p = [model.probabilities(pieces[name]) for name in ("validation", "test")]
    return [-np.log(np.concatenate(each)).mean() for each in p]


def main():
    asked = options()
    splits = read()

    def measure(run):
        start = time.monotonic()
        losses = (train if run["model"] == "GRU" else count)(run, splits)
        seconds = f"{time.monotonic() - start:.0f}"
        validation, test = (f"{loss:.4f}" for loss in losses)
        return {"seconds": seconds, "validation": validation, "test": test}

    gru = {"epochs": asked.epochs, "units": asked.units}
    counts = {"epochs": "", "units": ""}
    asked_for = [
        {"model": model, "seed": seed} | (gru if model == "GRU" else counts)
        for model in asked.models
        for seed in (asked.seeds if model == "GRU" else [""])
    ]
    runs.complete(asked.output, asked_for, measure)


if __name__ == "__main__":
    main()
