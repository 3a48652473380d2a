"""What a step of greedy search costs, and its matrix products alone beside it.

By length, vocabulary, batch and units, one of them other than in the first row each.
The products are those of the same sizes in a loop of the same graph, with nothing
between them: embedding and masks, the gates, the softmax over the memory and the choice
of a word are what a step costs more. The encoder's time counts as the steps'. The
logits alone are held against those of Keras's layer, which has the embedding transposed
and on the right of the product.
"""

import tensorflow as tf
from keras import layers

from benchmarks.speed._pairs import in_turns, keep
from benchmarks.speed._translator import Sizes, search, sources, translator
from gru_apps import decoding
from gru_apps.models.embeddings import ReversibleEmbedding

OTHERS = [
    {},
    *({"steps": steps} for steps in (10, 90)),
    *({"words": words} for words in (1000, 32_000)),
    *({"batch": batch} for batch in (1, 64)),
    *({"units": units} for units in (128, 512)),
]


def products(sizes: Sizes):
    """Makes a graph of the matrix products of a translator's steps."""
    units, draw = sizes.units, tf.random.Generator.from_seed(0)

    def drawn(*shape):
        return tf.Variable(draw.normal(shape) / units)

    by_gates, square = [drawn(units, 3 * units) for _ in range(2)], drawn(units, units)
    join, table = drawn(2 * units, units), drawn(units, sizes.words)
    memory = drawn(sizes.batch, sizes.length, units)
    first = drawn(sizes.batch, units)

    @tf.function
    def answer():
        def body(x, logits):
            gates = [tf.matmul(x, kernel) for kernel in by_gates]
            query = tf.matmul(tf.matmul(gates[0][:, :units], square), square)
            scores = tf.matmul(query[:, None], memory, transpose_b=True)
            context = tf.matmul(scores, memory)[:, 0]
            x = tf.matmul(tf.concat([gates[1][:, :units], context], 1), join)
            return x, tf.matmul(x, table)

        start = tf.identity(first), tf.zeros([sizes.batch, sizes.words])
        most = sizes.steps
        return tf.while_loop(lambda *_: True, body, start, maximum_iterations=most)[0]

    return answer


def measure(sizes: Sizes, pairs: int = 7) -> dict:
    """Times both, and divides by the number of steps."""
    source_ids = tf.constant(sources(sizes))
    parts = translator(sizes)
    greedy = search(parts, decoding.greedy, max_steps=sizes.steps)
    found = in_turns(lambda: greedy(source_ids), products(sizes), pairs=pairs)
    for name in ("ours_ms", "theirs_ms"):
        found[name] = float(f"{found[name] / sizes.steps:.4g}")
    said = ", ".join(f"{number} {name}" for name, number in sizes._asdict().items())
    row = {"ours": f"a step: {said}", "theirs": "products alone"}
    return row | sizes._asdict() | found


def logits(layer, sizes: Sizes):
    """Makes a graph of the logits alone of all steps."""
    embedding = layer(sizes.words, sizes.units)
    embedding.build()
    first = tf.random.stateless_normal([sizes.batch, sizes.units], [0, 0])

    @tf.function
    def answer():
        def body(x):
            # as rows of the next step, so that no step can be left out
            return (embedding(x, reverse=True)[:, : sizes.units],)

        most = sizes.steps
        return tf.while_loop(lambda _: True, body, (first,), maximum_iterations=most)[0]

    return answer


def measure_logits(sizes: Sizes, pairs: int = 7) -> dict:
    """Times those of our embedding and those of Keras's, over all steps."""
    kinds = ReversibleEmbedding, layers.ReversibleEmbedding
    row = {"ours": "logits, embedding first", "theirs": "logits, rows first (Keras)"}
    sides = (logits(layer, sizes) for layer in kinds)
    return row | sizes._asdict() | in_turns(*sides, pairs=pairs)


if __name__ == "__main__":
    rows = [measure(Sizes(**other)) for other in OTHERS]
    rows += [measure_logits(Sizes(batch=batch)) for batch in (1, 4, 16, 64)]
    keep("decoding_step", "The share of matrix products in a step of greedy", rows)
