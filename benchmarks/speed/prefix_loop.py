"""Greedy search against `predict` on the prefix, as published Keras examples decode.

They ask the whole network for every word: it reads the source and all that was said so
far anew, and says what follows each word of it. The prefix is padded to its full
length, as theirs is. Reference: F. Chollet, "English-to-Spanish translation with a
sequence-to-sequence Transformer", keras.io, 2021.
"""

import numpy as np
import tensorflow as tf

from benchmarks.speed._pairs import in_turns, keep
from benchmarks.speed._translator import START, Sizes, search, sources, translator
from gru_apps import decoding


def measure(sizes: Sizes, pairs: int = 7) -> dict:
    """Times both, once both were found to say the same."""
    parts, source_ids = translator(sizes), sources(sizes)
    greedy = search(parts, decoding.greedy, max_steps=sizes.steps)

    def ours():
        return greedy(tf.constant(source_ids)).ids.numpy()

    def theirs():
        said = np.zeros((sizes.batch, sizes.steps + 1), "int32")
        said[:, 0] = START
        for place in range(sizes.steps):
            inputs = {"source_ids": source_ids, "target_ids": said[:, :-1]}
            logits = parts.model.predict(inputs, batch_size=sizes.batch, verbose=0)
            said[:, place + 1] = logits[:, place].argmax(axis=-1)
        return said[:, 1:]

    np.testing.assert_array_equal(ours(), theirs())
    row = {"ours": "greedy", "theirs": "predict on the prefix", **sizes._asdict()}
    return row | in_turns(ours, theirs, pairs=pairs, warm_up=1)


if __name__ == "__main__":
    keep("prefix_loop", "Greedy against predict on the prefix", [measure(Sizes())])
