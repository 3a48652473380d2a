"""How a language model is compared with n-grams and a Transformer: by bits."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape

import keras
import numpy as np
import tensorflow as tf

from gru_apps.baselines import ngrams
from gru_apps.serving import token_losses


def as_bytes(texts: Mapping[str, Sequence[str]]) -> dict[str, list[list[int]]]:
    """Returns the bytes of texts by split, integers from 0 to 255."""
    return {name: [list(text.encode()) for text in texts[name]] for name in texts}


def count_ngrams(
    ids: Mapping[str, Sequence], vocabulary_size: int, order: int = 5
) -> dict[str, np.ndarray]:
    """Counts n-grams of the split "train", and returns the nats of each token.

    `ids` are rows of token ids by split. The answer holds "validation" and "test",
    floats `(tokens,)`, all rows end to end. Smoothed after Kneser and Ney.
    """
    model = ngrams.KneserNey(ids["train"], order=order, vocabulary_size=vocabulary_size)
    return {
        name: -np.log(np.concatenate(model.probabilities(ids[name])))
        for name in ["validation", "test"]
    }


def time_ratio(models, batches, loss, repeats: int = 7) -> float:
    """Returns how many times as long a batch takes the first model as the second.

    Both take `repeats` steps of training in turn, at a learning rate of 0, with the
    optimizers of the notebook: Muon and Adam. The median of the ratios is returned.
    """
    optimizers, times = [keras.optimizers.Muon, keras.optimizers.Adam], []
    copies = [keras.models.clone_model(model) for model in models]
    for model, optimizer, batch in zip(copies, optimizers, batches, strict=True):
        model.compile(optimizer(0.0), loss)
        model.train_on_batch(*batch)  # makes its graph
    for _ in range(repeats):
        row = []
        for model, batch in zip(copies, batches, strict=True):
            started = time.perf_counter()
            model.train_on_batch(*batch)
            row.append(time.perf_counter() - started)
        times.append(row[0] / row[1])
    return float(np.median(times))


def losses_of_texts(model, ids, window: int, warm_up: int) -> np.ndarray:
    """Returns the nats of each token of rows of ids, end to end, floats `(tokens,)`.

    Each row is read by `serving.token_losses`, in windows that overlap.
    """
    measure = tf.function(
        lambda row: token_losses(model, row, window=window, warm_up=warm_up),
        input_signature=[tf.TensorSpec([None], tf.int32)],
    )
    # a text alone does not fill two cores
    return np.concatenate(list(ThreadPoolExecutor(2).map(measure, ids)))


def intervals_of_texts(nats, ids, texts, draws: int = 1000) -> dict[str, tuple]:
    """Returns `(value, low, high)` in bits per character on the test texts, by model.

    The interval holds 95 % of what other drawings of as many texts would give
    (bootstrap over texts). `nats` are those of the test's tokens or of its bytes, by
    `(model, split)`; `ids` and `texts` are the rows of the test. Raises `ValueError`
    for any other number of nats.
    """
    characters = np.array([len(text) for text in texts])
    drawn = np.random.default_rng(0).integers(len(texts), size=(draws, len(texts)))
    intervals = {}
    for (name, split), losses in nats.items():
        if split == "test":
            lengths = [len(row) for row in ids]
            if sum(lengths) != len(losses):  # of bytes
                lengths = [len(text.encode()) for text in texts]
            if sum(lengths) != len(losses):
                raise ValueError(
                    "`nats` must be those of the ids or of the bytes of all texts. "
                    f"Received: {len(losses)} of {name}"
                )
            places = np.repeat(np.arange(len(texts)), lengths)
            of_texts = np.bincount(places, losses, len(texts))
            bits = of_texts / np.log(2)
            means = bits[drawn].sum(axis=1) / characters[drawn].sum(axis=1)
            low, high = np.quantile(means, [0.025, 0.975])
            intervals[name] = bits.sum() / characters.sum(), low, high
    return dict(sorted(intervals.items(), key=lambda item: -item[1][0]))


def metrics(results: Mapping[str, float]) -> dict[str, float]:
    """Names bits per character on the test as the manifest does; the GRU's is plain."""
    named = {}
    for name, bits in results.items():
        end = "" if name == "GRU" else f"_{name}"
        key = f"test_bits_per_character{end}".lower()
        named[key.replace(" ", "_").replace("-", "_")] = round(bits, 4)
    return named


def coloured(tokens: Sequence[str], bits):
    """Returns a text for a notebook, the background of each token darker by its bits.

    `bits` is `(tokens,)`; 15 or more are as dark as it gets.
    """
    from IPython.display import HTML

    spans = []
    for token, surprise in zip(tokens, bits, strict=True):
        share = min(float(surprise) / 15, 1.0)
        grey = round(255 - 150 * share)
        words = escape(token).replace("\n", "¶<br>")
        spans.append(
            f'<span style="color:#000;background:rgb(255,{grey},{grey})" '
            f'title="{surprise:.1f} bits">{words}</span>'
        )
    return HTML(f'<div style="line-height:1.7">{"".join(spans)}</div>')
