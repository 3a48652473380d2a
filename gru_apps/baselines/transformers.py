"""A builder of a causal Transformer: what a GRU is held against."""

import keras
from keras import layers, ops

from gru_apps.models.embeddings import NgramEmbedding, reversible_embedding
from gru_apps.models.stacks import check_dropout, check_sizes


def build_transformer_language_model(
    vocabulary_size: int,
    max_length: int,
    *,
    embedding_dim: int = 192,
    num_layers: int = 3,
    num_heads: int = 4,
    longest_ngram: int = 1,
    dropout: float = 0.0,
) -> keras.Model:
    """Builds a Transformer that says, after each token, what may follow.

    Inputs are `token_ids`, integers `(batch, length)` of at most `max_length`, for each
    of which it learns an embedding of the position (longer ones are not refused
    everywhere: on a GPU, TensorFlow takes zeros beyond); outputs are logits `(batch,
    length, vocabulary_size)`. It looks at what came before alone, so that padding on
    the right changes no answer. Each layer is one of Radford et al., 2019 (GPT-2):
    normalization before attention and before the two dense layers, which are four times
    as wide; the embedding also gives the logits (arXiv:1608.05859). `longest_ngram` is
    that of `build_language_model`.

    Raises `ValueError` for sizes that are not whole numbers above 0, dropout that is
    not in [0, 1), and an `embedding_dim` that is no multiple of `num_heads`.

    >>> build_transformer_language_model(100, 8, embedding_dim=8).output_shape
    (None, None, 100)
    """
    vocabulary_size, max_length, embedding_dim, num_layers = check_sizes(
        vocabulary_size=vocabulary_size,
        max_length=max_length,
        embedding_dim=embedding_dim,
        num_layers=num_layers,
    )
    num_heads, longest_ngram = check_sizes(
        num_heads=num_heads, longest_ngram=longest_ngram
    )
    check_dropout(dropout=dropout)
    if embedding_dim % num_heads:
        raise ValueError(
            "`embedding_dim` must be a multiple of `num_heads`. "
            f"Received: embedding_dim={embedding_dim}, num_heads={num_heads}"
        )
    embedding = reversible_embedding(vocabulary_size, embedding_dim, True, "embedding")
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    places = ops.cumsum(ops.ones_like(token_ids), axis=1) - 1
    x = embedding(token_ids) * embedding_dim**0.5
    x = x + layers.Embedding(max_length, embedding_dim, name="position")(places)
    if longest_ngram > 1:
        ngrams = NgramEmbedding(longest_ngram, name="ngrams")(token_ids)
        x = x + layers.Dense(embedding_dim, use_bias=False, name="phrase")(ngrams)
    x = layers.Dropout(dropout, name="input_dropout")(x)
    for number in range(1, num_layers + 1):
        y = layers.LayerNormalization(name=f"attention_norm_{number}")(x)
        attention = layers.MultiHeadAttention(
            num_heads,
            embedding_dim // num_heads,
            dropout=dropout,
            name=f"look_{number}",
        )
        x = x + attention(y, y, use_causal_mask=True)
        y = layers.LayerNormalization(name=f"dense_norm_{number}")(x)
        y = layers.Dense(4 * embedding_dim, "gelu", name=f"wide_{number}")(y)
        y = layers.Dense(embedding_dim, name=f"narrow_{number}")(y)
        x = x + layers.Dropout(dropout, name=f"dropout_{number}")(y)
    x = layers.LayerNormalization(name="norm")(x)
    logits = embedding(x, reverse=True)
    return keras.Model(
        {"token_ids": token_ids}, logits, name="transformer_language_model"
    )
