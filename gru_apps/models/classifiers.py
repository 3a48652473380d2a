"""A builder of GRU classifiers of texts: an uncompiled functional model, logits out."""

import keras
from keras import layers, ops

from gru_apps.models.embeddings import SubwordEmbedding
from gru_apps.models.layers import MaskedPooling
from gru_apps.models.stacks import check_dropout, check_sizes, gru_stack


def build_text_classifier(
    vocabulary_size: int,
    num_classes: int,
    *,
    embedding_dim: int = 64,
    num_ngrams: int = 0,
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.2,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.2,
    name: str = "text_classifier",
) -> keras.Model:
    """Builds a GRU over token ids whose pooled states give one label per sequence.

    Inputs are `token_ids`, integers `(batch, length)` with 0 for padding; outputs are
    logits `(batch, num_classes)`. Padding does not change them. `dropout` is that of
    embeddings and between layers, `output_dropout` that of the pooled states. With
    `num_ngrams` rows for them, words are also embedded by their spelling: the layer
    `embedding` is a `SubwordEmbedding` then, to `adapt` to a tokenizer's `spellings`.

    Raises `ValueError` for sizes that are not whole numbers above 0, and for dropout
    that is not in [0, 1).

    >>> build_text_classifier(vocabulary_size=100, num_classes=3).output_shape
    (None, 3)
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    vocabulary_size, num_classes, embedding_dim = check_sizes(
        vocabulary_size=vocabulary_size,
        num_classes=num_classes,
        embedding_dim=embedding_dim,
    )
    (num_ngrams,) = check_sizes(0, num_ngrams=num_ngrams)
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    mask = ops.not_equal(token_ids, 0)
    embedding = (
        SubwordEmbedding(
            vocabulary_size, embedding_dim, num_ngrams=num_ngrams, name="embedding"
        )
        if num_ngrams
        else layers.Embedding(vocabulary_size, embedding_dim, name="embedding")
    )
    x = embedding(token_ids)
    x = layers.Dropout(dropout, noise_shape=(None, 1, None), name="input_dropout")(x)
    for gru in gru_stack(units, num_layers, dropout, recurrent_dropout, bidirectional):
        x = gru(x, mask=mask)
    x = MaskedPooling(name="pooling")(x, mask)
    x = layers.Dropout(output_dropout, name="output_dropout")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(token_ids, logits, name=name)


def collapse_spellings(model: keras.Model) -> keras.Model:
    """Returns `model` with plain embeddings in place of each `SubwordEmbedding`.

    They hold, for each known word, what its own vector and its n-grams come to: answers
    are the same but for rounding, from fewer weights. All other layers are shared with
    `model`.
    """

    def collapsed(layer):
        return layer.collapsed() if isinstance(layer, SubwordEmbedding) else layer

    return keras.models.clone_model(model, clone_function=collapsed, recursive=True)
