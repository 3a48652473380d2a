"""What a GRU and a Transformer learn, by optimizer and learning rate, in equal time.

    python benchmarks/language_models.py [--steps 300] [--longest-ngram 3]
        [--optimizers adam muon] [--learning-rates 4e-3 8e-3 1.6e-2]
        [--models GRU Transformer]

Each is trained anew on the addresses of state_of_the_union, of the sizes that the
notebook on language modelling has. The Transformer gets as many batches as fit into the
time of the GRU's `--steps`. Prints bits per character on windows of the validation
split, and the seconds that training took.
"""

import argparse
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--longest-ngram", type=int, default=3)
    optimizers, rates = ["adam", "muon"], [4e-3, 8e-3, 1.6e-2]
    parser.add_argument("--optimizers", nargs="+", default=optimizers)
    parser.add_argument("--learning-rates", nargs="+", type=float, default=rates)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
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


def build(name, longest_ngram):
    keras.utils.set_random_seed(0)
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
    train = {n: batches(streams["train"], w, seed=0) for n, w in WINDOWS.items()}
    check = {n: batches(streams["validation"], w, every=5) for n, w in WINDOWS.items()}
    times = {
        name: seconds_of_a_batch(build(name, asked.longest_ngram), next(iter(some)))
        for name, some in train.items()
    }
    print("model        optimizer  learning rate  batches  seconds  bits per character")
    for name in asked.models:
        steps = round(asked.steps * times["GRU"] / times[name])
        for optimizer in asked.optimizers:
            for learning_rate in asked.learning_rates:
                model = build(name, asked.longest_ngram)
                with tempfile.TemporaryDirectory() as directory:
                    history = training.fit(
                        model,
                        train[name].repeat().take(steps),
                        check[name],
                        directory=directory,
                        epochs=1,
                        loss=losses.SequenceCrossEntropy(),
                        optimizer=optimizer,
                        learning_rate=learning_rate,
                        verbose=0,
                    )
                print(
                    f"{name:<12} {optimizer:<9}  {learning_rate:13} {steps:8} "
                    f"{history.seconds:8.0f}  {history['val_loss'][0] * rate:18.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
