"""How soon a network is as good as one that is published, on the same examples.

    python -m benchmarks.speed.time_to_quality [reviews] [digits] [chorales] [captions]

- Reviews. The example of keras.io, "Bidirectional LSTM on IMDB", reads the last 200
  words of a review with two layers of 64 units, and reports 0.843.
- Digits. A GRU of PyTorch, of two layers, answers from its last state. What is to be
  reached is what a support vector machine has on the test, 0.970.
- Chorales. The GRU of Bai et al., 2018 (arXiv:1803.01271), here in PyTorch, has 88
  outputs, one for each key. On validation it comes to 8.5 nats a frame, its best of
  three learning rates: 8.6 is to be reached. (8.43 is reported, on the test.)
- Captions. See `_translation`. They are asked by name alone, and from one seed: the
  other side takes long, and is stopped after four times the seconds of ours.

Both sides learn from the same examples, and are asked on validation after the same
number of them. What counts are the seconds of training until it is met, graphs made
included; those in which they are asked do not. Both sides learn by Adam (of captions,
ours by Muon): it needs fewer operations a step than Muon, and all goals are met early.
The learning rates of digits and chorales in PyTorch are the best of three. Ours are the
best of two or three.
"""

import math
import sys
import time

import keras
import numpy as np
import tensorflow_datasets as tfds
from keras import layers

import gru_apps.datasets  # noqa: F401  registers the corpora
from benchmarks.published import _piano_rolls, _reviews, imdb, jsb_chorales
from benchmarks.published._reviews import HELD_OUT, LEARNT
from benchmarks.speed._pairs import has_torch, keep, ratios_of
from benchmarks.speed._tasks import Side, Task, compile_ours, evaluating
from benchmarks.speed._translation import TRANSLATION
from gru_apps import training
from gru_apps.models import (
    build_feature_classifier,
    build_language_model,
    build_text_classifier,
)

WORDS, LENGTH, BATCH = 20_000, 200, 32  # of the example on reviews


def our_reviews(seed):
    """Returns our classifier of reviews, which reads their last words, too."""

    def batches(split, **shuffling):
        rows, targets = _reviews.rows(split, imdb.WORDS)
        ends = [row[-LENGTH:] for row in rows]
        return training.batches((ends, targets), _reviews.BATCH, **shuffling)

    size = len(_reviews.tokenizer(imdb.WORDS).vocabulary)
    model = build_text_classifier(size, 2, **imdb.MODEL)
    data = batches(LEARNT, seed=seed)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    compile_ours(model, data, loss, 1, 4e-3, "accuracy")
    ask = evaluating(model, batches(HELD_OUT))
    return Side(model, data, ask, _reviews.BATCH)


def their_reviews(seed):
    """Returns the network of the example."""

    def batches(split, **shuffling):
        rows, targets = _reviews.rows(split, WORDS)
        ids = keras.utils.pad_sequences(rows, LENGTH)  # on the left, of the last words
        return training.batches((ids, targets[:, 1]), BATCH, **shuffling)

    model = keras.Sequential([keras.Input((None,), dtype="int32")])
    model.add(layers.Embedding(WORDS, 128))
    model.add(layers.Bidirectional(layers.LSTM(64, return_sequences=True)))
    model.add(layers.Bidirectional(layers.LSTM(64)))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(
        "adam", "binary_crossentropy", metrics=["accuracy"], jit_compile=False
    )
    ask = evaluating(model, batches(HELD_OUT))
    return Side(model, batches(LEARNT, seed=seed), ask, BATCH)


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
    return Side(model, data, evaluating(model, digits("validation")[0]), 64)


def their_digits(seed):
    """Returns the GRU in PyTorch, whose frames are scaled likewise."""
    from benchmarks.speed import _torch

    _torch.torch.manual_seed(seed)
    data, clips = digits("train", seed=seed)
    frames = np.concatenate(clips)
    network = _torch.FrameClassifier(frames.mean(axis=0), frames.std(axis=0), 10)
    model = _torch.Learner(network, 6e-3)
    return Side(model, data, evaluating(model, digits("validation")[0]), 64)


def our_chorales(seed):
    """Returns a language model of chords, that of `jsb_chorales`."""
    most, size = jsb_chorales.MOST, jsb_chorales.RECIPE["batch_size"]
    options = {"tokens_per_step": most, "num_contexts": _piano_rolls.PERIODS}
    options |= jsb_chorales.MODEL
    model = build_language_model(_piano_rolls.NUM_TOKENS, **options).model
    data = _piano_rolls.batches(jsb_chorales.CORPUS, "train", most, size, seed=seed)
    held_out = _piano_rolls.batches(jsb_chorales.CORPUS, "validation", most, 16)
    metric = training.TokenCrossEntropy()
    loss = training.SequenceCrossEntropy()
    compile_ours(model, data, loss, 4, 8e-3, metric)
    ask = evaluating(model, held_out, CHORALES.figure, most)
    return Side(model, data, ask, size)


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
    model = _torch.Learner(_torch.Keys(256), 3e-3)
    ask = evaluating(model, batches("validation", 16), CHORALES.figure)
    return Side(model, batches("train", size, seed=seed), ask, size)


LSTM, GRU = "LSTM of the example", "GRU in PyTorch"
REVIEWS = Task("reviews", our_reviews, their_reviews, LSTM, 0.843, 1600)
DIGITS = Task("digits", our_digits, their_digits, GRU, 0.97, 512)
CHORALES = Task("chorales", our_chorales, their_chorales, GRU, 8.6, 64, "cross_entropy")


TASKS = {task.name: task for task in (REVIEWS, DIGITS, CHORALES, TRANSLATION)}


class Clock(keras.callbacks.Callback):
    """Stops training once the goal is met, and counts the seconds that are training.

    `read` are the examples until then, `found` is the figure, and `met` tells whether
    it is met at all. Training ends without it at the first question after `limit`
    seconds.
    """

    def __init__(self, task: Task, side: Side, limit: float):
        super().__init__()
        self.task, self.side, self.limit = task, side, limit
        self.seconds, self.read, self.found = 0.0, 0, None
        self.met, self.begun = False, time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.read += self.side.batch_size
        if self.read % self.task.every:
            return
        self.seconds += time.perf_counter() - self.begun
        self.found = self.side.ask()
        print(
            f"{self.read} {self.task.name}, {self.seconds:.0f} s: {self.found:.3f}",
            flush=True,
        )
        self.met = self.task.is_met(self.found)
        self.side.model.stop_training = self.met or self.seconds > self.limit
        self.begun = time.perf_counter()


def train_until_met(
    task: Task, side: Side, most: int = 200, limit: float = math.inf
) -> Clock:
    """Trains until the goal is met, or for `limit` seconds, and returns the clock.

    Raises `RuntimeError` if neither is so after having been asked `most` times.
    """
    clock, steps = Clock(task, side, limit), most * task.every // side.batch_size
    options = {"steps_per_epoch": steps, "callbacks": [clock], "verbose": 0}
    side.model.fit(side.data.repeat(), shuffle=False, **options)
    if not clock.met and clock.seconds <= limit:
        raise RuntimeError(f"{task.goal} is not met after {clock.read} {task.name}")
    return clock


def measure(task: Task, seeds=range(3)) -> dict:
    """Trains both sides from each seed, one after the other."""
    clocks = []
    for seed in seeds:
        sides, limit = [], math.inf
        for make in (task.ours, task.theirs):
            keras.utils.set_random_seed(seed)
            sides.append(train_until_met(task, make(seed), limit=limit))
            limit = task.longest * sides[0].seconds
        clocks.append(sides)
    stopped = sum(not theirs.met for _, theirs in clocks)
    their_name = task.their_name + f" (not met: {stopped})" * bool(stopped)
    row = {"ours": f"GRU, {task.name}", "theirs": their_name, task.figure: task.goal}
    row["examples"] = [[side.read for side in sides] for sides in clocks]
    row["found"] = [[side.found for side in sides] for sides in clocks]
    return row | ratios_of([[side.seconds for side in sides] for sides in clocks])


if __name__ == "__main__":
    if not TASKS.keys() >= {*sys.argv[1:]}:
        sys.exit(f"There are: {', '.join(TASKS)}")
    shorter = [name for name in TASKS if name != TRANSLATION.name]
    for name in sys.argv[1:] or (shorter if has_torch() else ["reviews"]):
        seeds = [0] if name == TRANSLATION.name else range(3)
        row = measure(TASKS[name], seeds)
        keep(f"time_to_quality_{name}", f"How soon {name} are known as well", [row])
