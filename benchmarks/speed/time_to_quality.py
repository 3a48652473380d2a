"""How soon a network tells liked films from others as well as a published example does.

The example of keras.io, "Bidirectional LSTM on IMDB", reads the last 200 words of a
review with two layers of 64 units, and reports 0.843. Both sides learn from the same
nine tenths of the training set, and are asked the last tenth after each 1,600 reviews.
What counts are the seconds of training until 0.843 of it are right.
"""

import itertools
import time

import keras
import numpy as np
from keras import layers

from benchmarks.published import _reviews, imdb
from benchmarks.published._reviews import HELD_OUT, LEARNT
from benchmarks.speed._pairs import keep, ratios_of
from gru_apps import training
from gru_apps.models import build_text_classifier
from gru_apps.training.optimizers import optimizer_of, schedule_of

REVIEWS, LIMIT = 1600, 64_000  # between two questions, and in all
WORDS, LENGTH, BATCH = 20_000, 200, 32  # of the example


def ours(seed):
    """Returns our classifier, with a loss and an optimizer, and its batches."""
    size = len(_reviews.tokenizer(imdb.WORDS).vocabulary)
    model = build_text_classifier(size, 2, **imdb.MODEL)
    data = _reviews.batches(LEARNT, imdb.WORDS, seed=seed)
    schedule = schedule_of(imdb.RECIPE["learning_rate"], 0.05, len(data))
    optimizer = optimizer_of(imdb.RECIPE["optimizer"], schedule, None, 1.0, None)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)
    return model, data, _reviews.batches(HELD_OUT, imdb.WORDS), _reviews.BATCH


def theirs(seed):
    """Returns the network of the example, likewise."""

    def batches(split, **shuffling):
        rows, labels = _reviews.rows(split, WORDS)
        ids = keras.utils.pad_sequences(rows, LENGTH)  # on the left, of the last words
        return training.batches((ids, labels), BATCH, **shuffling)

    model = keras.Sequential([keras.Input((None,), dtype="int32")])
    model.add(layers.Embedding(WORDS, 128))
    model.add(layers.Bidirectional(layers.LSTM(64, return_sequences=True)))
    model.add(layers.Bidirectional(layers.LSTM(64)))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(
        "adam", "binary_crossentropy", metrics=["accuracy"], jit_compile=False
    )
    return model, batches(LEARNT, seed=seed), batches(HELD_OUT), BATCH


def seconds_until(goal, model, data, held_out, batch_size):
    """Returns the seconds of training until so many are right, and the reviews read."""
    endless, seconds = iter(data.repeat()), 0.0
    for read in range(REVIEWS, LIMIT + 1, REVIEWS):
        begun = time.perf_counter()
        for inputs, labels in itertools.islice(endless, REVIEWS // batch_size):
            model.train_on_batch(inputs, labels)
        seconds += time.perf_counter() - begun
        found = model.evaluate(held_out, verbose=0, return_dict=True)["accuracy"]
        print(f"{read} reviews, {seconds:.0f} seconds: {found:.3f}", flush=True)
        if found >= goal:
            return seconds, read
    raise RuntimeError(f"{goal} is not met after {LIMIT} reviews")


def measure(seeds=range(3), goal=0.843) -> dict:
    """Trains both sides from each seed, one after the other."""
    found = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        found.append([seconds_until(goal, *side(seed)) for side in (ours, theirs)])
    times, reviews = np.moveaxis(found, 2, 0)
    sides = {"ours": "GRU", "theirs": "LSTM of the example"}
    row = sides | {"accuracy": goal, "reviews": reviews.tolist()}
    return row | ratios_of(times)


if __name__ == "__main__":
    keep("time_to_quality", "How soon 0.843 of reviews are right", [measure()])
