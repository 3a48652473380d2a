"""The layers Keras lacks, composed from those it has."""

import zlib
from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

MASKED = -1e4  # a score that no softmax sees, and that float16 can still hold


class _Attention(layers.Layer):
    """Averages memory by the scores of a subclass, which leave padding out."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"`units` must be at least 1. Received: units={units}")
        self.units = units
        self.supports_masking = True  # by an argument; Keras would warn

    def compute_mask(self, query, previous_mask):
        return None

    def call(self, query, memory, memory_mask):
        scores = self.scores(query, memory)
        scores = ops.where(memory_mask[:, None, :], scores, MASKED)
        weights = ops.softmax(scores, axis=-1)
        return ops.matmul(weights, memory), weights

    def get_config(self):
        return super().get_config() | {"units": self.units}


@keras.saving.register_keras_serializable(package="gru_apps")
class BahdanauAttention(_Attention):
    """Averages memory by relevance to each query: scores `v . tanh(W_q q + W_m m)`.

    `query` is `(batch, steps, query_dim)`, `memory` `(batch, length, memory_dim)` and
    `memory_mask` booleans `(batch, length)`. Returns `context` `(batch, steps,
    memory_dim)` and `weights` `(batch, steps, length)`, whose rows sum to one. Weights:
    `W_q` `(query_dim, units)`, `W_m` `(memory_dim, units)` with a bias, `v` `(units,
    1)`.

    Reference: Bahdanau et al., 2015, arXiv:1409.0473, section A.1.2.

    >>> query, memory = keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 5, 6))
    >>> mask = keras.ops.ones((2, 5), "bool")
    >>> context, weights = BahdanauAttention(7)(query, memory, mask)
    >>> context.shape == (2, 3, 6), weights.shape == (2, 3, 5)
    (True, True)
    """

    def build(self, query_shape, memory_shape, memory_mask_shape):
        self.query_dense = layers.Dense(self.units, use_bias=False, name="query")
        self.memory_dense = layers.Dense(self.units, name="memory")
        self.score_dense = layers.Dense(1, use_bias=False, name="score")
        self.query_dense.build(query_shape)
        self.memory_dense.build(memory_shape)
        self.score_dense.build((None, self.units))

    def scores(self, query, memory):
        query = self.query_dense(query)[:, :, None, :]
        memory = self.memory_dense(memory)[:, None, :, :]
        return self.score_dense(ops.tanh(query + memory))[..., 0]


@keras.saving.register_keras_serializable(package="gru_apps")
class DotProductAttention(_Attention):
    """Averages memory by relevance to each query: scores `W_q q . W_m m / sqrt(units)`.

    Shapes, and what it returns, are those of `BahdanauAttention`.

    Reference: Luong et al., 2015, arXiv:1508.04025, section 3.1 ("general"); the scale
    is that of Vaswani et al., 2017, arXiv:1706.03762, section 3.2.1.
    """

    def build(self, query_shape, memory_shape, memory_mask_shape):
        self.query_dense = layers.Dense(self.units, use_bias=False, name="query")
        self.memory_dense = layers.Dense(self.units, use_bias=False, name="memory")
        self.query_dense.build(query_shape)
        self.memory_dense.build(memory_shape)

    def scores(self, query, memory):
        query = self.query_dense(query) / self.units**0.5
        return ops.einsum("bqu,bmu->bqm", query, self.memory_dense(memory))


@keras.saving.register_keras_serializable(package="gru_apps")
class MaskedPooling(layers.Layer):
    """Joins the maximum and the mean of a sequence over its steps, padding left out.

    `sequence` is `(batch, steps, dim)`, `sequence_mask` booleans `(batch, steps)`;
    returns `(batch, 2 * dim)`, zeros for a sequence of padding alone.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True  # by an argument; Keras would warn

    def compute_mask(self, sequence, previous_mask):
        return None

    def call(self, sequence, sequence_mask):
        kept = ops.cast(sequence_mask, sequence.dtype)[:, :, None]
        mean = ops.sum(sequence * kept, axis=1) / ops.maximum(ops.sum(kept, axis=1), 1)
        highest = ops.max(
            ops.where(sequence_mask[:, :, None], sequence, MASKED), axis=1
        )
        highest = ops.where(ops.any(sequence_mask, axis=1)[:, None], highest, 0)
        return ops.concatenate([highest, mean], axis=-1)


@keras.saving.register_keras_serializable(package="gru_apps")
class NgramEmbedding(layers.Layer):
    """Embeds, at each token, the pair that ends there, the triple, up to `longest`.

    `token_ids` are integers `(batch, length)`, before which padding, 0, counts as read;
    returns `(batch, length, dim * (longest - 1))`. N-grams are too many for a row each:
    those with the same hash share one of `rows`. Weights: `(rows, dim)` per length.

    Reference: Mikolov et al., 2011, doi:10.1109/ASRU.2011.6163930, who let a recurrent
    network and hashed n-grams learn together; as inputs, Pagnoni et al., 2024,
    arXiv:2412.09871, section 3.2.1.

    >>> NgramEmbedding(3, rows=100, dim=4)(keras.ops.ones((2, 5), "int32")).shape[1:]
    TensorShape([5, 8])
    """

    def __init__(self, longest, *, rows=2**15, dim=48, **kwargs):
        super().__init__(**kwargs)
        if longest < 2:
            raise ValueError(f"`longest` must be at least 2. Received: {longest=}")
        self.longest, self.rows, self.dim = longest, rows, dim
        self.tables = [
            layers.Embedding(rows, dim, name=f"embedding_{length}")
            for length in range(2, longest + 1)
        ]

    def build(self, token_ids_shape):
        for table in self.tables:
            table.build(token_ids_shape)

    def call(self, token_ids):
        # in 24 bits, so that no product leaves the 64 that it is made in
        hashed = before = ops.cast(token_ids, "int64")
        vectors = []
        for table in self.tables:
            before = ops.pad(before[:, :-1], [[0, 0], [1, 0]])
            hashed = (hashed * 31337 + before * 7919 + 1) % 2**24
            vectors.append(table(hashed % self.rows))
        return ops.concatenate(vectors, axis=-1)

    def get_config(self):
        own = {"longest": self.longest, "rows": self.rows, "dim": self.dim}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="gru_apps")
class SubwordEmbedding(layers.Layer):
    """Embeds a word by a vector of its own plus the mean of those of its n-grams.

    Token ids are integers `(batch, length)`; returns `(batch, length, dim)`. N-grams
    are runs of 3 to 6 characters, the ends of the word among them; the shortest 24
    count, and share `num_ngrams` rows by a hash. So a word that was read once has a
    share in what was learned of words that are spelled like it. Until `adapt` has told
    the layer how tokens are spelled, they have no n-grams. Weights: `(vocabulary_size,
    dim)` and `(num_ngrams, dim)`.

    Reference: Bojanowski et al., 2017, arXiv:1607.04606, section 3.2, where all n-grams
    count, and add up.

    >>> embedding = SubwordEmbedding(3, 4)
    >>> embedding.adapt(["", "dull", "dullness"])
    >>> embedding(keras.ops.array([[2, 1, 0]])).shape
    TensorShape([1, 3, 4])
    """

    LENGTHS, MOST = (3, 4, 5, 6), 24

    def __init__(self, vocabulary_size, dim, *, num_ngrams=2**14, **kwargs):
        super().__init__(**kwargs)
        if num_ngrams < 2:
            raise ValueError(
                f"`num_ngrams` must be at least 2. Received: {num_ngrams=}"
            )
        self.vocabulary_size, self.dim = vocabulary_size, dim
        self.num_ngrams = num_ngrams
        self.tokens, self.ngrams = (
            layers.Embedding(rows, dim, dtype=self.dtype_policy, name=name)
            for rows, name in [(vocabulary_size, "tokens"), (num_ngrams, "ngrams")]
        )

    def build(self, token_ids_shape=None):
        self.tokens.build(None)
        self.ngrams.build(None)
        # for each token the rows of its n-grams, 0 for none; no variable of int32 may
        # be on a GPU
        self.spellings = self.add_weight(
            shape=(self.vocabulary_size, self.MOST),
            initializer="zeros",
            dtype="int64",
            trainable=False,
            name="spellings",
        )

    def adapt(self, vocabulary: Sequence[str]) -> None:
        """Spells the tokens, in the order of their ids; "" is one that is no word.

        Raises `ValueError` unless there is a string for each id.
        """
        if len(vocabulary) != self.vocabulary_size:
            raise ValueError(
                f"`vocabulary` must have {self.vocabulary_size} tokens. "
                f"Received: {len(vocabulary)}"
            )
        if strange := [token for token in vocabulary if not isinstance(token, str)]:
            raise ValueError(f"`vocabulary` must be strings. Received: {strange[0]!r}")
        if not self.built:
            self.build()
        rows = np.zeros((self.vocabulary_size, self.MOST), "int64")
        for row, token in zip(rows, vocabulary, strict=True):
            word = f"<{token}>" if token else ""
            ngrams = [
                word[start : start + length]
                for length in self.LENGTHS
                for start in range(len(word) - length + 1)
            ][: self.MOST]
            hashes = [zlib.crc32(ngram.encode()) for ngram in ngrams]
            row[: len(ngrams)] = [1 + h % (self.num_ngrams - 1) for h in hashes]
        self.spellings.assign(rows)

    def call(self, token_ids):
        token_ids = ops.cast(token_ids, "int32")  # Keras may have made floats of them
        rows = ops.take(self.spellings, token_ids, axis=0)
        kept = ops.cast(ops.not_equal(rows, 0), self.compute_dtype)[..., None]
        number = ops.maximum(ops.sum(kept, axis=-2), 1)
        return self.tokens(token_ids) + ops.sum(self.ngrams(rows) * kept, -2) / number

    def collapsed(self) -> layers.Embedding:
        """Returns a plain embedding of the same vectors, which needs no spelling."""
        tokens, ngrams = self.tokens.get_weights()[0], self.ngrams.get_weights()[0]
        rows = ops.convert_to_numpy(self.spellings)
        number = np.maximum(np.count_nonzero(rows, axis=1), 1)[:, None]
        ngrams[0] = 0  # the row of none
        return layers.Embedding(
            self.vocabulary_size,
            self.dim,
            weights=[tokens + ngrams[rows].sum(axis=1) / number],
            trainable=self.trainable,
            dtype=self.dtype_policy,
            name=self.name,
        )

    def get_config(self):
        own = {"vocabulary_size": self.vocabulary_size, "dim": self.dim}
        return super().get_config() | own | {"num_ngrams": self.num_ngrams}


def check_dropout(**shares):
    """Raises `ValueError` for a share, by its name, that is not in [0, 1)."""
    for name, share in shares.items():
        if not 0 <= share < 1:  # keras.layers.GRU would clip it without a word
            raise ValueError(f"`{name}` must be in [0, 1). Received: {name}={share}")


def gru_stack(
    units,
    num_layers,
    dropout,
    recurrent_dropout,
    bidirectional,
    name="gru",
    return_sequences=True,
):
    """Makes a stack of layers; all but the first have dropout before them."""
    check_dropout(recurrent_dropout=recurrent_dropout)
    if num_layers < 1:
        raise ValueError(
            f"`num_layers` must be at least 1. Received: num_layers={num_layers}"
        )
    grus = []
    for index in range(num_layers):
        gru = layers.GRU(
            units,
            return_sequences=return_sequences or index < num_layers - 1,
            dropout=dropout if index else 0.0,
            recurrent_dropout=recurrent_dropout,
            name=f"{name}_{index + 1}",
        )
        grus.append(layers.Bidirectional(gru, name=gru.name) if bidirectional else gru)
    return grus


def run_step(grus, x, state):
    """Runs layers over one step `(batch, dim)`, from a state that joins all of theirs.

    Returns what the last one says, `(batch, units)`, and the state after the step.
    """
    states, start = [], 0
    for gru in grus:
        x = gru(x[:, None], initial_state=state[:, start : start + gru.units])
        x = x[:, 0] if gru.return_sequences else x
        states.append(x)
        start += gru.units
    return x, ops.concatenate(states, axis=-1)


def reversible_embedding(vocabulary_size, embedding_dim, tied, name):
    """Makes an embedding that also gives logits, by its own weights if `tied`."""
    # the default, a twentieth, would make logits that take epochs to grow
    scale = keras.initializers.RandomNormal(stddev=embedding_dim**-0.5)
    return layers.ReversibleEmbedding(
        vocabulary_size, embedding_dim, tied, scale, name=name
    )
