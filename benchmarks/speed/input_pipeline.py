"""What the input pipeline costs: waiting for batches, and padding within them.

`training.batches` puts examples of like length together; the other side shuffles them
and pads each batch to its longest, as `tf.data` does by itself. Lengths are drawn as
those of sentences and of reviews are spread, log-normally. A time is that of an epoch
of training; `waiting` is the share of it in which the next batch was not there yet.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from benchmarks.speed._pairs import in_turns, keep
from gru_apps import models, training

KINDS = {  # median length, spread of its logarithm, number of examples, units
    "sentences": (12, 0.5, 2048, 128),
    "reviews": (180, 0.6, 512, 64),
}
BATCH, WORDS = 32, 8000


def examples(median, spread, number) -> tuple[list, np.ndarray]:
    """Draws rows of ids and their labels."""
    drawn = np.random.default_rng(0)
    lengths = np.exp(drawn.normal(np.log(median), spread, number)).astype(int) + 1
    rows = [drawn.integers(1, WORDS, length).astype("int32") for length in lengths]
    return rows, drawn.integers(0, 2, number).astype("int32")


def plain_batches(rows, labels, batch) -> tf.data.Dataset:
    """Shuffles, and pads what comes together."""
    ragged = tf.ragged.constant(rows, dtype=tf.int32)
    dataset = tf.data.Dataset.from_tensor_slices((ragged, labels))
    dataset = dataset.map(lambda *example: example)  # ragged slices become tensors
    dataset = dataset.cache().shuffle(len(rows), seed=0)
    return dataset.padded_batch(batch).prefetch(tf.data.AUTOTUNE)


def padding(dataset) -> float:
    """Returns the share of ids that are padding."""
    zeros, total = 0, 0
    for ids, _ in dataset:
        zeros, total = zeros + np.sum(ids.numpy() == 0), total + ids.numpy().size
    return float(zeros / total)


class Epoch:
    """Trains for an epoch, and adds up how long it waits for its batches."""

    def __init__(self, model, dataset):
        self.model, self.dataset, self.waited, self.seconds = model, dataset, 0.0, 0.0

    def __call__(self):
        begun, batches = time.perf_counter(), iter(self.dataset)
        while True:
            asked = time.perf_counter()
            batch = next(batches, None)
            self.waited += time.perf_counter() - asked
            if batch is None:
                break
            self.model.train_on_batch(*batch)
        self.seconds += time.perf_counter() - begun


def measure(kind: str, pairs: int = 7, number: int | None = None) -> dict:
    """Times an epoch of each."""
    median, spread, size, units = KINDS[kind]
    rows, labels = examples(median, spread, number or size)
    ours = training.batches((rows, labels), BATCH, seed=0)
    theirs = plain_batches(rows, labels, BATCH)
    model = models.build_text_classifier(WORDS, 2, units=units)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    epochs = Epoch(model, ours), Epoch(model, theirs)
    found = in_turns(*epochs, pairs=pairs, warm_up=1)
    shares = {
        "our_waiting": epochs[0].waited / epochs[0].seconds,
        "our_padding": padding(ours),
        "their_waiting": epochs[1].waited / epochs[1].seconds,
        "their_padding": padding(theirs),
    }
    shares = {name: round(share, 4) for name, share in shares.items()}
    row = {"ours": f"{kind}, in batches of like length", "theirs": "shuffled"}
    return row | shares | found


if __name__ == "__main__":
    rows = [measure(kind) for kind in KINDS]
    keep("input_pipeline", "An epoch, by how it is batched", rows)
    for row in rows:
        for side in ("our", "their"):
            shares = [f"{row[f'{side}_{what}']:.1%}" for what in ("waiting", "padding")]
            print(f"  {row[side + 's' if side == 'their' else 'ours']}: waits", *shares)
