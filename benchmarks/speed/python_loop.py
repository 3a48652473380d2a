"""Greedy search against a `tf.function` of one step that Python calls again and again.

So does the tutorial "Neural machine translation with attention" of tensorflow.org: the
choice is within the function, and Python asks after each step whether all have ended.
The step is the same on both sides: what is compared is the loop. In half of the rows
XLA compiles our loop, and on the other side the step.
"""

import numpy as np
import tensorflow as tf

from benchmarks.speed._pairs import in_turns, keep
from benchmarks.speed._translator import (
    START,
    Sizes,
    search,
    sources,
    step_of,
    translator,
)
from gru_apps import decoding


def measure(sizes: Sizes, by_xla: bool = False, pairs: int = 7) -> dict:
    """Times both, once both were found to say the same."""
    parts, source_ids = translator(sizes), tf.constant(sources(sizes))
    greedy = search(parts, decoding.greedy, by_xla, max_steps=sizes.steps)
    step, encode = step_of(parts), tf.function(parts.encoder)

    @tf.function(jit_compile=by_xla or None)
    def next_ids(ids, state, done):
        logits, state = step(ids, state)
        ids = tf.argmax(logits, axis=1, output_type=tf.int32)
        return ids, state, done | (ids == -1)  # which none is: no sentence ends

    def theirs():
        state, said = encode(source_ids), []
        ids = tf.fill([sizes.batch], START)
        done = tf.fill([sizes.batch], False)
        for _ in range(sizes.steps):
            ids, state, done = next_ids(ids, state, done)
            said.append(ids)
            if tf.reduce_all(done):
                break
        return tf.stack(said, axis=1).numpy()

    def ours():
        return greedy(source_ids).ids.numpy()

    np.testing.assert_array_equal(ours(), theirs())
    said = " by XLA" if by_xla else ""
    row = {
        "ours": f"greedy{said}",
        "theirs": f"one step{said} from Python",
        **sizes._asdict(),
    }
    return row | in_turns(ours, theirs, pairs=pairs)


if __name__ == "__main__":
    asked = [Sizes(), Sizes(words=500)]
    rows = [measure(sizes, by_xla) for by_xla in (False, True) for sizes in asked]
    keep("python_loop", "Greedy against one step, called from Python", rows)
