"""Embeddings of tokens by more than their ids: what comes before, and spelling."""

import zlib
from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.stacks import check_sizes


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
            layers.Embedding(
                rows, dim, dtype=self.dtype_policy, name=f"embedding_{length}"
            )
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
            before = ops.pad(before, [[0, 0], [1, 0]])[:, :-1]
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
        vocabulary_size, dim = check_sizes(vocabulary_size=vocabulary_size, dim=dim)
        (num_ngrams,) = check_sizes(2, num_ngrams=num_ngrams)
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
        return self.tokens(token_ids) + _mean_of_ngrams(self.ngrams(rows), rows)

    def collapsed(self) -> layers.Embedding:
        """Returns a plain embedding of the same vectors, which needs no spelling.

        It computes what the layer does, with LoRA or quantized parts, too.
        """
        rows = ops.convert_to_tensor(self.spellings)
        of_ngrams = ops.take(_table(self.ngrams), rows, axis=0)
        vectors = _table(self.tokens) + _mean_of_ngrams(of_ngrams, rows)
        return layers.Embedding(
            self.vocabulary_size,
            self.dim,
            weights=[ops.convert_to_numpy(vectors)],
            trainable=self.trainable,
            dtype=self.dtype_policy,
            name=self.name,
        )

    def get_config(self):
        own = {
            "vocabulary_size": self.vocabulary_size,
            "dim": self.dim,
            "num_ngrams": self.num_ngrams,
        }
        return super().get_config() | own


def _mean_of_ngrams(vectors, rows):
    """Averages vectors `(..., MOST, dim)` over the rows that are not 0, of none."""
    kept = ops.cast(ops.not_equal(rows, 0), vectors.dtype)[..., None]
    return ops.sum(vectors * kept, -2) / ops.maximum(ops.sum(kept, axis=-2), 1)


def _table(embedding):
    """Returns all rows of an embedding, in full precision if it has them so."""
    if embedding.quantization_mode is None:
        return ops.convert_to_tensor(embedding.embeddings)  # with LoRA's share
    return embedding(np.arange(embedding.input_dim))


@keras.saving.register_keras_serializable(package="gru_apps")
class ReversibleEmbedding(layers.ReversibleEmbedding):
    """A `keras.layers.ReversibleEmbedding` that is quick to give logits of a few rows.

    A few rows, but more than one, times a transposed matrix can take TensorFlow several
    times as long as the matrix times the rows, transposed. A call with `(batch, dim)`,
    as a step makes it, multiplies in that order. Arguments, weights and answers are
    those of Keras.
    """

    def call(self, inputs, reverse=False):
        is_step = len(inputs.shape) == 2
        is_plain = self.tie_weights and not (self.reverse_dtype or self.logit_soft_cap)
        is_slow = keras.backend.backend() == "tensorflow" and is_step and is_plain
        if not (reverse and is_slow):
            return super().call(inputs, reverse)
        return ops.transpose(ops.matmul(self.embeddings, ops.transpose(inputs)))

    def quantize(self, mode=None, type_check=True, **options):
        # Keras refuses subclasses of its own layer, which may be anything
        type_check = type_check and type(self) is not ReversibleEmbedding
        super().quantize(mode, type_check=type_check, **options)


def reversible_embedding(vocabulary_size, embedding_dim, tied, name):
    """Makes an embedding that also gives logits, by its own weights if `tied`."""
    # the default, a twentieth, would make logits that take epochs to grow
    scale = keras.initializers.RandomNormal(stddev=embedding_dim**-0.5)
    return ReversibleEmbedding(vocabulary_size, embedding_dim, tied, scale, name=name)
