"""What of a SavedModel that translates runs elsewhere: its encoder, and one step."""

import numpy as np
import tensorflow as tf

from gru_apps import models
from gru_apps.cli.exporting.trained import entries
from gru_apps.serving.sentences import AMISS

SIGNATURE = "serving_default"
QUESTION = {
    "text": [
        "我不知道他为什么生气。",
        "只好坐下來等待。",
        "湯姆25歲那年去了倫敦。你呢？",
        "贝多芬有三十五本書，两万三千个朋友。",
        "Where?",
        "",
    ]
}


def networks(trained):
    """Returns the networks by their names, each with an example of its inputs."""
    translator = trained.build("translator", _translator)
    source_ids = np.arange(1, 9, dtype="int32")[None]
    memory = translator.encoder(source_ids)
    state = {name: np.asarray(part) for name, part in memory.items()}
    start = {"token_ids": np.array([2], "int32")}
    return {
        "encoder": (translator.encoder, {"source_ids": source_ids}),
        "step": (translator.step, start | state),
    }


def _translator(shapes):
    # embeddings of the source and of its pairs, six weights of each layer that encodes
    (source_size, dim), (rows, pair_dim) = shapes[:2]
    if pair_dim * 2 != dim:
        rows = 0
    first = 1 + bool(rows)
    target_size, place = _target(shapes)
    num_layers, start = (place - first) // 6, shapes[place + 2]
    return models.build_translator(
        source_size,
        target_size,
        embedding_dim=dim,
        units=start[0] // num_layers,
        num_layers=num_layers,
        bigram_rows=rows,
    )


def _target(shapes):
    """The size of the target's vocabulary, and the place of its embedding."""
    widths = [shape[-1] if len(shape) == 2 else 0 for shape in shapes]
    place = widths.index(widths[0], 1)  # the next of the source's width
    return shapes[place][0], place


def encoding(trained):
    """Returns the plain data that texts are read with, and translations written."""
    _, reader = trained.loaded.others
    size, _ = _target([weight.shape for weight in trained.weights("translator")])
    places = _texts(entries(reader.placeholders.places, tf.int32))
    english = trained.constant(tf.string, len(places) + 1)
    kinds = trained.constant(tf.int32, len(places) + 1).tolist()
    numerals = reader.placeholders.numerals
    return {
        "width": trained.loaded.signatures["beam"].output_shapes["scores"][1],
        "length_penalty": trained.number("(.*/)?pow/y"),
        "amiss": AMISS,
        "source": [token.decode() for token in trained.vocabulary()],
        "target": [token.decode() for token in trained.constant(tf.string, size)],
        "characters": _texts(entries(reader.characters, tf.string)),
        "numerals": _texts(entries(numerals.values, tf.int64)),
        "numbers_in_words": _texts(entries(numerals.words, tf.string)),
        "names": {word: (english[n].decode(), kinds[n]) for word, n in places.items()},
    }


def _texts(table):
    plain = {k.decode(): v for k, v in table.items()}
    return {k: v.decode() if isinstance(v, bytes) else v for k, v in plain.items()}
