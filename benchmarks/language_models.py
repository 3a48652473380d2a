"""What a GRU and a Transformer learn, by optimizer and learning rate, in equal time.

    python benchmarks/language_models.py [--models GRU Transformer] [--steps 300]
        [--optimizers adam muon] [--learning-rates 4e-3 8e-3 1.6e-2]
        [--longest-ngrams 3] [--seeds 0]
        [--output language_models.csv]

Each is trained anew on the addresses of state_of_the_union, of the sizes that the
notebook on language modelling has. The Transformer gets as many batches as fit into the
time of the GRU's `--steps`, both timed with Adam. With 1 among `--longest-ngrams`,
tokens are embedded alone, without pairs and triples of them. It prints the bits per
character on windows of the validation split, and the seconds of training. A run adds
its row to the CSV once it is done: killed and called again, the script goes on with
those that are missing.
"""

import functools
import itertools
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from runs import complete, options_of

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps import training
from gru_apps.baselines import transformers
from gru_apps.encoding import exact_text
from gru_apps.encoding.text import START
from gru_apps.models import language_models
from gru_apps.training import losses

TOKENS = 48 * 64  # of a batch
WINDOWS = {"GRU": 64, "Transformer": 128}
MODELS = list(WINDOWS)


def read_arguments():
    parser = options_of(__doc__, "language_models.csv", seeds=[0])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--steps", type=int, default=300)
    optimizers, rates = ["adam", "muon"], [4e-3, 8e-3, 1.6e-2]
    parser.add_argument("--optimizers", nargs="+", default=optimizers)
    parser.add_argument("--learning-rates", nargs="+", type=float, default=rates)
    parser.add_argument("--longest-ngrams", nargs="+", type=int, default=[3])
    return parser.parse_args()


def read_corpus():
    """Returns the tokens of both splits, one long array each, and a rate.

    The rate is that of bits per character to nats per token, of validation.
    """
    texts = {}
    for split in ["train", "validation"]:
        rows = tfds.as_numpy(tfds.load("state_of_the_union", split=split))
        texts[split] = [row["text"].decode() for row in rows]
    tokenizer = exact_text.learn_exact_tokenizer(texts["train"], vocabulary_size=2048)
    streams = {
        split: np.concatenate([[START, *ids] for ids in tokenizer(some).numpy()])
        for split, some in texts.items()
    }
    rate = len(streams["validation"]) / sum(map(len, texts["validation"])) / np.log(2)
    return streams, rate


def batches(stream, window, *, seed=None, every=1):
    number = (len(stream) - 1) // window
    read, named = (
        stream[start : start + number * window].reshape(-1, window).astype("int32")
        for start in (0, 1)
    )
    named = np.where(named == START, 0, named)
    windows = tf.data.Dataset.from_tensor_slices(({"token_ids": read}, named))
    return training.batches(windows.shard(every, 0), TOKENS // window, seed=seed)


def build(name, longest_ngram, seed=0):
    keras.utils.set_random_seed(seed)
    if name == "Transformer":
        return transformers.build_transformer_language_model(
            2048,
            WINDOWS[name],
            embedding_dim=120,
            num_layers=3,
            longest_ngram=longest_ngram,
        )
    return language_models.build_language_model(
        2048,
        embedding_dim=160,
        units=256,
        num_layers=1,
        tied_embeddings=True,
        dropout=0.0,
        output_dropout=0.0,
        longest_ngram=longest_ngram,
    ).model


def seconds_of_a_batch(model, batch):
    model.compile(keras.optimizers.Adam(0.0), losses.SequenceCrossEntropy())
    model.train_on_batch(*batch)  # makes its graph
    times = []
    for _ in range(7):
        start = time.perf_counter()
        model.train_on_batch(*batch)
        times.append(time.perf_counter() - start)
    return np.median(times)


def main():
    asked = read_arguments()
    streams, rate = read_corpus()
    check = {n: batches(streams["validation"], w, every=5) for n, w in WINDOWS.items()}

    @functools.cache
    def steps_of(name, longest_ngram):
        if name == "GRU":
            return asked.steps
        seconds = [
            seconds_of_a_batch(
                build(one, longest_ngram),
                next(iter(batches(streams["train"], WINDOWS[one], seed=0))),
            )
            for one in ("GRU", name)
        ]
        return round(asked.steps * seconds[0] / seconds[1])

    def measure(run):
        name, longest_ngram, seed = run["model"], run["longest_ngram"], run["seed"]
        steps = steps_of(name, longest_ngram)
        keras.utils.set_random_seed(seed)  # batches are drawn by it, too
        train = batches(streams["train"], WINDOWS[name], seed=seed)
        with tempfile.TemporaryDirectory() as directory:
            history = training.fit(
                build(name, longest_ngram, seed),
                train.repeat().take(steps),
                check[name],
                directory=directory,
                epochs=1,
                loss=losses.SequenceCrossEntropy(),
                optimizer=run["optimizer"],
                learning_rate=run["learning_rate"],
                seed=seed,
                verbose=0,
            )
        bits = history["val_loss"][0] * rate
        return {
            "batches": steps,
            "seconds": round(history.seconds),
            "bits_per_character": f"{bits:.4f}",
        }

    grid = itertools.product(
        asked.models,
        asked.longest_ngrams,
        asked.optimizers,
        asked.learning_rates,
        asked.seeds,
    )
    names = "model", "longest_ngram", "optimizer", "learning_rate", "seed"
    runs = [{"steps": asked.steps} | dict(zip(names, run, strict=True)) for run in grid]
    complete(asked.output, runs, measure)


if __name__ == "__main__":
    main()
