"""Draws the picture of the README from the committed language model.

    python benchmarks/picture.py

`notebooks/gates.png`: what the language model of notebook 05 keeps and writes while it
reads a sentence.
"""

import pathlib

import numpy as np
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401 registers the corpora
from gru_apps import models
from gru_apps.course import weights
from gru_apps.encoding import exact_text
from gru_apps.inspection import gate_plots, read_gates

SENTENCE = "The war is over. We shall build schools, roads and homes for all people."


def gates():
    """Reads a sentence with the language model as notebook 05 builds it."""
    rows = tfds.as_numpy(tfds.load("state_of_the_union", split="train"))
    by_date = sorted(rows, key=lambda row: row["date"])
    texts = [row["text"].decode() for row in by_date]
    tokenizer = exact_text.learn_exact_tokenizer(texts, vocabulary_size=2048)
    model = models.build_language_model(
        len(tokenizer.vocabulary),
        longest_ngram=3,
        embedding_dim=160,
        units=256,
        num_layers=1,
        tied_embeddings=True,
    ).model
    weights.load(model, pathlib.Path("saved_models", "language", "weights", "gru"))
    ids = tokenizer([SENTENCE]).numpy()[0]
    words = [tokenizer.vocabulary[i].decode().strip() or "¶" for i in ids]
    update = read_gates(model, {"token_ids": np.array([ids])}).update[0]
    title = "Eight of 256 units while a GRU reads: dark keeps, light writes"
    figure = gate_plots.plot_gates(update, labels=words, title=title, xlabel="")
    figure.axes[1].remove()  # the means of all units
    figure.axes[0].tick_params(labelbottom=True)
    return figure


def main():
    path = pathlib.Path("notebooks", "gates.png")
    gates().savefig(path, dpi=100, bbox_inches="tight")


if __name__ == "__main__":
    main()
