"""The translator that is decoded, and its searches as graphs."""

from collections.abc import Callable
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gru_apps import decoding, models

START = 2


class Sizes(NamedTuple):
    """Sizes of a translator, and of what it is asked."""

    batch: int = 16
    steps: int = 30
    words: int = 8000
    units: int = 256
    length: int = 20


def translator(sizes: Sizes) -> models.Translator:
    """Builds a translator of random weights."""
    keras.utils.set_random_seed(0)
    return models.build_translator(
        sizes.words, sizes.words, units=sizes.units, embedding_dim=sizes.units
    )


def sources(sizes: Sizes) -> np.ndarray:
    """Draws sentences without padding, `(batch, length)`."""
    drawn = np.random.default_rng(0)
    return drawn.integers(1, sizes.words, (sizes.batch, sizes.length)).astype("int32")


def step_of(parts: models.Translator) -> decoding.Step:
    """Returns the step of the decoder; the memory goes through untouched."""

    def step(ids, state):
        answer = parts.step({"token_ids": ids, **state}, training=False)
        return answer["logits"], {**state, "state": answer["state"]}

    return step


def search(
    parts: models.Translator, decode: Callable, by_xla: bool = False, **options
) -> Callable:
    """Makes a graph of the encoder and a search, from sources to `Decoded`.

    XLA compiles it once for each shape of the sources, if that is asked for.
    """
    sources = [tf.TensorSpec([None, None], tf.int32)]

    @tf.function(input_signature=sources, jit_compile=by_xla or None)
    def answer(source_ids):
        start = tf.fill([tf.shape(source_ids)[0]], START)
        state = parts.encoder(source_ids, training=False)
        return decode(step_of(parts), state, start, end_id=None, **options)

    return answer
