"""Draws the pictures of the README from the committed models.

    python benchmarks/picture.py

`notebooks/gates.png`: what the language model of notebook 05 keeps and writes while it
reads a sentence. `notebooks/attention.png`: where the translator of notebook 02 looks.
"""

import pathlib

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from pypinyin import lazy_pinyin

import gru_apps.datasets  # noqa: F401 registers the corpora
from gru_apps import models
from gru_apps.course import weights
from gru_apps.encoding import exact_text
from gru_apps.inspection import gate_plots, plots, read_gates

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


def attention():
    """Asks the translator where it looked."""
    model = tf.saved_model.load("saved_models/translation/1")
    asked = tf.constant(["他昨天去了北京"])
    seen = model.signatures["attention"](text=asked)
    characters = [token.decode() for token in seen["source_tokens"][0].numpy()]
    written = [token.decode() for token in seen["target_tokens"][0].numpy()]
    readings = [" ".join(lazy_pinyin(character)) for character in characters]
    return plots.plot_attention(readings, written, seen["weights"][0].numpy())


def main():
    for name, draw in {"gates": gates, "attention": attention}.items():
        path = pathlib.Path("notebooks", f"{name}.png")
        draw().savefig(path, dpi=100, bbox_inches="tight")


if __name__ == "__main__":
    main()
