"""How soon a network is as good as one that is published, on the same examples.

    python -m benchmarks.speed.time_to_quality [reviews] [digits] [chorales]

- Reviews. The example of keras.io, "Bidirectional LSTM on IMDB", reads the last 200
  words of a review with two layers of 64 units, and reports 0.843.
- Digits. A GRU of PyTorch, of two layers, answers from its last state. What is to be
  reached is what a support vector machine has on the test, 0.970.
- Chorales. The GRU of Bai et al., 2018 (arXiv:1803.01271), here in PyTorch, has 88
  outputs, one for each key. On validation it comes to 8.5 nats a frame, its best of
  three learning rates: 8.6 is to be reached. (8.43 is reported, on the test.)

Both sides learn from the same examples, and are asked on validation after the same
number of them. What counts are the seconds of training until it is met, graphs made
included; those in which they are asked do not. In PyTorch, the learning rates are the
best of three, and of four for our digits.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow_datasets as tfds
from keras import layers

import gru_apps.datasets  # noqa: F401  registers the corpora
from benchmarks.published import _piano_rolls, _reviews, imdb, jsb_chorales
from benchmarks.published._reviews import HELD_OUT, LEARNT
from benchmarks.speed._pairs import has_torch, keep, ratios_of
from gru_apps import training
from gru_apps.models import (
    build_feature_classifier,
    build_language_model,
    build_text_classifier,
)
from gru_apps.training.optimizers import optimizer_of, schedule_of

WORDS, LENGTH, BATCH = 20_000, 200, 32  # of the example on reviews


class Side(NamedTuple):
    """A network with `fit` and `evaluate`, and its batches.

    A loss is that of one of `parts` of what the other side's is a loss of.
    """

    model: Any
    data: Any
    held_out: Any
    batch_size: int
    parts: int = 1


class Task(NamedTuple):
    """What both sides learn, and what they are to reach.

    `figure` is what `evaluate` calls it: the accuracy, or a loss. Both are asked each
    `every` examples.
    """

    name: str
    ours: Callable[[int], Side]
    theirs: Callable[[int], Side]
    their_name: str
    goal: float
    every: int
    figure: str = "accuracy"

    def is_met(self, found: float) -> bool:
        """Tells whether the figure is as good as the goal."""
        return found >= self.goal if self.figure == "accuracy" else found <= self.goal


def compile_ours(model, data, loss, epochs, learning_rate, *metrics):
    """Compiles a model of ours with Muon, whose rate falls to 0 in so many epochs."""
    schedule = schedule_of(learning_rate, 0.05, len(data) * epochs)
    optimizer = optimizer_of("muon", schedule, None, 1.0, None)
    model.compile(optimizer, loss, weighted_metrics=[*metrics], jit_compile=False)


def our_reviews(seed):
    """Returns our classifier of reviews, that of `benchmarks.published.imdb`."""
    size = len(_reviews.tokenizer(imdb.WORDS).vocabulary)
    model = build_text_classifier(size, 2, **imdb.MODEL)
    data = _reviews.batches(LEARNT, imdb.WORDS, seed=seed)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = imdb.RECIPE["learning_rate"]
    compile_ours(model, data, loss, 1, rate, "accuracy")
    return Side(model, data, _reviews.batches(HELD_OUT, imdb.WORDS), _reviews.BATCH)


def their_reviews(seed):
    """Returns the network of the example."""

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
    return Side(model, batches(LEARNT, seed=seed), batches(HELD_OUT), BATCH)


def digits(split, **shuffling):
    """Returns batches of spoken digits, and the clips."""
    clips, labels = zip(
        *tfds.as_numpy(
            tfds.load("spoken_digits/takes", split=split, as_supervised=True)
        ),
        strict=True,
    )
    return training.batches(([*clips], [*labels]), 64, **shuffling), clips


def our_digits(seed):
    """Returns a GRU of one layer, which answers from all of its states."""
    data, clips = digits("train", seed=seed)
    model = build_feature_classifier(13, 10, pooling=True, num_layers=1)
    model.get_layer("normalization").adapt([*clips])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    compile_ours(model, data, loss, 3, 2e-2, "accuracy")
    return Side(model, data, digits("validation")[0], 64)


def their_digits(seed):
    """Returns the GRU in PyTorch, whose frames are scaled likewise."""
    from benchmarks.speed import _torch

    _torch.torch.manual_seed(seed)
    data, clips = digits("train", seed=seed)
    frames = np.concatenate(clips)
    model = _torch.FrameClassifier(frames.mean(axis=0), frames.std(axis=0), 10)
    return Side(_torch.Learner(model, 6e-3), data, digits("validation")[0], 64)


def our_chorales(seed):
    """Returns a language model of chords, that of `jsb_chorales`."""
    most, size = jsb_chorales.MOST, jsb_chorales.RECIPE["batch_size"]
    options = {"tokens_per_step": most, "num_contexts": _piano_rolls.PERIODS}
    options |= jsb_chorales.MODEL
    model = build_language_model(_piano_rolls.NUM_TOKENS, **options).model
    data = _piano_rolls.batches(jsb_chorales.CORPUS, "train", most, size, seed=seed)
    held_out = _piano_rolls.batches(jsb_chorales.CORPUS, "validation", most, 16)
    metric = training.TokenCrossEntropy()
    loss, rate = training.SequenceCrossEntropy(), jsb_chorales.RECIPE["learning_rate"]
    compile_ours(model, data, loss, 4, rate, metric)
    return Side(model, data, held_out, size, most)


def their_chorales(seed):
    """Returns the GRU in PyTorch, and frames of keys."""
    from benchmarks.speed import _torch

    def batches(split, batch_size, **shuffling):
        rows = tfds.as_numpy(tfds.load(jsb_chorales.CORPUS, split=split))
        keys = [row["keys"].astype("int32") for row in rows]
        # 1 for silence, 2 for sound, and 0 for padding
        examples = [piece[:-1] for piece in keys], [piece[1:] + 1 for piece in keys]
        return training.batches(examples, batch_size, **shuffling)

    _torch.torch.manual_seed(seed)
    size = jsb_chorales.RECIPE["batch_size"]
    learner = _torch.Learner(_torch.Keys(256), 3e-3)
    return Side(
        learner, batches("train", size, seed=seed), batches("validation", 16), size
    )


LSTM, GRU = "LSTM of the example", "GRU in PyTorch"
REVIEWS = Task("reviews", our_reviews, their_reviews, LSTM, 0.843, 1600)
DIGITS = Task("digits", our_digits, their_digits, GRU, 0.97, 512)
CHORALES = Task("chorales", our_chorales, their_chorales, GRU, 8.6, 64, "cross_entropy")


class Clock(keras.callbacks.Callback):
    """Stops training once the goal is met, and counts the seconds that are training.

    `read` are the examples until then, and `met` tells whether it was met at all.
    """

    def __init__(self, task: Task, side: Side):
        super().__init__()
        self.task, self.side, self.seconds, self.read = task, side, 0.0, 0
        self.met, self.begun = False, time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.read += self.side.batch_size
        if self.read % self.task.every:
            return
        self.seconds += time.perf_counter() - self.begun
        model, held_out = self.side.model, self.side.held_out
        found = model.evaluate(held_out, verbose=0, return_dict=True)
        found = self.side.parts * found[self.task.figure]
        print(
            f"{self.read} {self.task.name}, {self.seconds:.0f} s: {found:.3f}",
            flush=True,
        )
        self.met = model.stop_training = self.task.is_met(found)
        self.begun = time.perf_counter()


def seconds_until_met(task: Task, side: Side, most: int = 200) -> tuple[float, int]:
    """Returns the seconds of training until the goal is met, and the examples read.

    Raises `RuntimeError` if it is not met after having been asked `most` times.
    """
    clock, steps = Clock(task, side), most * task.every // side.batch_size
    options = {"steps_per_epoch": steps, "callbacks": [clock], "verbose": 0}
    side.model.fit(side.data.repeat(), shuffle=False, **options)
    if not clock.met:
        raise RuntimeError(f"{task.goal} is not met after {clock.read} {task.name}")
    return clock.seconds, clock.read


def measure(task: Task, seeds=range(3)) -> dict:
    """Trains both sides from each seed, one after the other."""
    found = []
    for seed in seeds:
        sides = []
        for make in (task.ours, task.theirs):
            keras.utils.set_random_seed(seed)
            sides.append(seconds_until_met(task, make(seed)))
        found.append(sides)
    times, read = np.moveaxis(found, 2, 0)
    row = {"ours": f"GRU, {task.name}", "theirs": task.their_name}
    row |= {task.figure: task.goal, "examples": read.tolist()}
    return row | ratios_of(times)


if __name__ == "__main__":
    tasks = {task.name: task for task in (REVIEWS, DIGITS, CHORALES)}
    if not tasks.keys() >= {*sys.argv[1:]}:
        sys.exit(f"There are: {', '.join(tasks)}")
    for name in sys.argv[1:] or (tasks if has_torch() else ["reviews"]):
        row = measure(tasks[name])
        keep(f"time_to_quality_{name}", f"How soon {name} are known as well", [row])
