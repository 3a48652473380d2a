"""What the reset gate is for: a GRU with it, and three without, on four tasks.

    python benchmarks/reset_gate.py [--tasks adding copy text music] [--seeds 0 1 2]
        [--output reset_gate.csv]

The candidate of a GRU reads the state through the reset gate `r`. Held at 1, it reads
all of the state; held at 0, it reads the inputs alone. With the update gate alone, `r`
is held at 1, too, and what its weights cost goes into more units. To hold `r`, its
weights are zero and its bias is +-30, after each step of training.

Tasks: `adding`, 50 steps, squared error (always to answer 1 gives 0.167); `copy` of two
symbols after 20 blanks, nats a symbol; `text`, the next character of addresses to
Congress, bits; `music`, the next token of Bach's chorales, nats. Each is measured on
rows or pieces that training never saw, by the weights that were best on others. All
four kinds get the same batches and the same number of steps. (When the rows of the
file were made, the first kind of each seed got others, of the same number.)

A run adds its row to the CSV once it is done: killed and called again, the script goes
on with those that are missing. The notebook `00b_what_is_said_of_it` draws the file.
"""

import itertools
import tempfile

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from keras import layers, losses, ops
from runs import complete, options_of

import gru_apps.datasets  # noqa: F401 registers the corpora
from gru_apps import training
from gru_apps.applications import music
from gru_apps.applications.memory import memory_tasks

KINDS = ("with reset gate", "reset held at 1", "reset held at 0", "update gate alone")
CROSS_ENTROPY = losses.SparseCategoricalCrossentropy(from_logits=True)


def made_up(task, length, steps, seed, **options):
    """Returns batches to train with, and fresh rows to validate and to test with."""
    rows = [task(1000, length, seed=(seed, n), **options) for n in (2, 3)]
    batches = memory_tasks.fresh_batches(
        task, 32, length, steps=steps, seed=seed, **options
    )
    return batches, *map(tf.data.Dataset.from_tensors, rows)


def windows(sequences, length, steps, seed):
    """Returns the same of next tokens, in windows of the splits' `sequences`."""
    datasets = []
    for split in ("train", "validation", "test"):
        stream = np.concatenate(sequences[split]).astype("int32")
        number = (len(stream) - 1) // length
        places = np.arange(number)[:, np.newaxis] * length + np.arange(length)
        if split != "train":
            places = places[np.linspace(0, number - 1, 256, dtype=int)]
        rows = tf.data.Dataset.from_tensor_slices((stream[places], stream[places + 1]))
        if split == "train":
            rows = rows.shuffle(number, seed=seed).repeat()
            datasets.append(rows.batch(32, drop_remainder=True).take(steps))
        else:
            datasets.append(rows.batch(64))
    return datasets


def of_corpus(name, encode):
    splits = ("train", "validation", "test")
    loaded = {s: tfds.as_numpy(tfds.load(name, split=s)) for s in splits}
    return {s: [encode(example) for example in loaded[s]] for s in splits}


def data(task, seed):
    """Returns three datasets, steps an epoch, epochs, sizes in and out, and units."""
    if task == "adding":
        return made_up(memory_tasks.adding_problem, 50, 50, seed), 8, (None, 1), 64
    if task == "copy":
        copy = memory_tasks.delayed_copy
        return made_up(copy, 20, 100, seed, count=2), 15, (None, 9), 64
    if task == "text":
        texts = of_corpus(
            "state_of_the_union", lambda e: np.frombuffer(e["text"], "uint8") % 128
        )
        return windows(texts, 100, 100, seed), 8, (128, 128), 128
    pieces = of_corpus(
        "bach_chorales",
        lambda e: music.tokens_from_cells(
            music.cells_from_score(e["pitches"], e["starts"])
        ).numpy(),
    )
    sizes = (music.NUM_TOKENS, music.NUM_TOKENS)
    return windows(pieces, 128, 100, seed), 6, sizes, 128


def same_weights(features, units):
    """Returns how many units of update gate and candidate cost what a GRU costs.

    >>> same_weights(features=64, units=128)
    163
    """
    of_gru = 3 * units * (features + units + 2)
    return round(np.sqrt((features / 2 + 1) ** 2 + of_gru / 2) - features / 2 - 1)


def hold_reset(layer, value):
    """Holds the reset gate of a built GRU layer at 0 or 1, through training, too."""
    units, bias = layer.units, 30.0 if value else -30.0
    others = np.ones(3 * units, "float32")
    others[units : 2 * units] = 0  # Keras orders update, reset, candidate
    cell = layer.cell
    for variable, held in [
        (cell.kernel, 0.0),
        (cell.recurrent_kernel, 0.0),
        (cell.bias, bias * (1 - others) * np.array([[1.0], [0.0]])),
    ]:
        variable.constraint = lambda weight, held=held: (
            weight * others + ops.cast(held, weight.dtype)
        )
        variable.assign(variable.constraint(variable))


def build(kind, sizes, units, every_step):
    tokens, outputs = sizes
    features = 64 if tokens else (2 if outputs == 1 else 10)
    if kind == "update gate alone":
        units = same_weights(features, units)
    first = keras.Input((None,) if tokens else (None, features))
    x = layers.Embedding(tokens, features)(first) if tokens else first
    layer = layers.GRU(units, return_sequences=every_step)
    model = keras.Model(first, layers.Dense(outputs)(layer(x)))
    if kind != "with reset gate":
        hold_reset(layer, value=kind != "reset held at 0")
    held = 0 if kind == "with reset gate" else units * (features + units + 2)
    return model, units, model.count_params() - held


def train(run):
    """Trains one model; returns what was found."""
    task, kind, seed = run["task"], run["kind"], int(run["seed"])
    keras.utils.set_random_seed(seed)  # batches are drawn by it, too
    (batches, validation, test), epochs, sizes, units = data(task, seed)
    model, units, weights = build(kind, sizes, units, every_step=task != "adding")
    loss = CROSS_ENTROPY
    if task == "adding":
        loss = "mse"
    elif task == "copy":
        loss = training.SequenceCrossEntropy()
    with tempfile.TemporaryDirectory() as directory:
        history = training.fit(
            model,
            batches,
            validation,
            directory=directory,
            epochs=epochs,
            patience=epochs,
            loss=loss,
            learning_rate={"adding": 3e-2, "copy": 1e-2}.get(task, 5e-3),
            seed=seed,
            verbose=0,
        )
    error = model.evaluate(test, verbose=0) / (np.log(2) if task == "text" else 1)
    keras.backend.clear_session()
    found = {"units": units, "weights": weights, "seconds": f"{history.seconds:.1f}"}
    return found | {"error": f"{error:.3g}"}


def main():
    parser = options_of(__doc__, "reset_gate.csv")
    tasks = ["adding", "copy", "text", "music"]
    parser.add_argument("--tasks", nargs="+", choices=tasks, default=tasks)
    asked = parser.parse_args()
    asked_for = itertools.product(asked.tasks, asked.seeds, KINDS)
    wanted = [{"task": t, "kind": kind, "seed": seed} for t, seed, kind in asked_for]
    rows = complete(asked.output, wanted, train)
    print(f"{'task':<8}{'kind':<19}" + "   error of each seed")
    for task in asked.tasks:
        for kind in KINDS:
            of = [r["error"] for r in rows if (r["task"], r["kind"]) == (task, kind)]
            print(f"{task:<8}{kind:<19}", *(f"{error:>8}" for error in of))


if __name__ == "__main__":
    main()
