"""Builders of GRU classifiers: uncompiled functional models with logits out."""

import keras
import numpy as np
from keras import layers, ops

from gru_apps.embeddings import SubwordEmbedding
from gru_apps.layers import MASKED, MaskedPooling, check_dropout, gru_stack, run_step


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

    >>> build_text_classifier(vocabulary_size=100, num_classes=3).output_shape
    (None, 3)
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
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


def build_pair_classifier(
    vocabulary_size: int,
    num_classes: int,
    *,
    num_pairs: int = 2**16,
    dropout: float = 0.3,
) -> keras.Model:
    """Builds a linear classifier over words and pairs of neighbours: no GRU at all.

    Inputs and outputs are those of `build_text_classifier`, to hold it against, or to
    average it with. Each token and each pair adds its logits, over the square root of
    the length; pairs share `num_pairs` rows by a hash. `dropout` leaves some out. It is
    trained, or needs no training after `adapt_pair_classifier`.

    Reference: Joulin et al., 2017, arXiv:1607.01759.

    >>> build_pair_classifier(vocabulary_size=100, num_classes=3).output_shape
    (None, 3)
    """
    check_dropout(dropout=dropout)
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    pairs = _pairs(token_ids, num_pairs)
    kept = ops.cast(ops.not_equal(token_ids, 0), "float32")[:, :, None]
    embeddings = [
        layers.Embedding(size, num_classes, "zeros", name=name)(ids) * kept
        for size, name, ids in [
            (vocabulary_size, "words", token_ids),
            (num_pairs, "pairs", pairs),
        ]
    ]
    x = ops.concatenate(embeddings, axis=1)
    x = layers.Dropout(dropout, noise_shape=(None, None, 1), name="dropout")(x)
    logits = ops.sum(x, axis=1) / ops.sqrt(ops.maximum(ops.sum(kept, axis=1), 1))
    return keras.Model(token_ids, logits, name="pair_classifier")


def adapt_pair_classifier(
    model: keras.Model, token_ids, targets, *, strength: float = 1.0
) -> None:
    """Gives each word and pair of a classifier its log-count ratio: naive Bayes.

    `token_ids` `(batch, length)` are those of the training set, padded with 0, and
    `targets` `(batch, num_classes)` the probabilities of their labels. Each counts once
    in a sequence, by those probabilities, and `strength` times beforehand.

    Reference: Wang and Manning, 2012, section 2.1 (aclanthology.org/P12-2018).
    """
    token_ids, targets = np.asarray(token_ids), np.asarray(targets)
    num_pairs = model.get_layer("pairs").input_dim
    pairs = ops.convert_to_numpy(_pairs(ops.convert_to_tensor(token_ids), num_pairs))
    for name, ids in [("words", token_ids), ("pairs", pairs)]:
        layer = model.get_layer(name)
        counts = np.full((layer.input_dim, targets.shape[1]), float(strength))
        for row, kept, target in zip(ids, token_ids > 0, targets, strict=True):
            counts[np.unique(row[kept])] += target
        ratios = np.log(counts / counts.sum(axis=0))
        layer.set_weights([ratios - ratios.mean(axis=1, keepdims=True)])


def _pairs(token_ids, num_pairs):
    before = ops.pad(token_ids[:, :-1], [[0, 0], [1, 0]])
    return (before * 7919 + token_ids) % num_pairs  # a prime, to spread them


def build_feature_classifier(
    feature_dim: int,
    num_classes: int,
    *,
    units: int = 64,
    num_layers: int = 2,
    bidirectional: bool = False,
    dropout: float = 0.2,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.2,
) -> keras.Model:
    """Builds a GRU over frames of features, whose last state gives one label.

    Inputs are `features`, floats `(batch, frames, feature_dim)`, in which a frame of
    zeros is padding; outputs are logits `(batch, num_classes)`. Padding does not change
    them. The layer `normalization` brings features to mean 0 and variance 1: let it
    `adapt` to frames of the training set.

    >>> build_feature_classifier(feature_dim=13, num_classes=10).output_shape
    (None, 10)
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    grus = gru_stack(
        units,
        num_layers,
        dropout,
        recurrent_dropout,
        bidirectional,
        return_sequences=False,
    )
    features, _, x = _read_frames(feature_dim, grus, output_dropout)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(features, logits, name="feature_classifier")


def build_frame_classifier(
    feature_dim: int,
    num_labels: int,
    *,
    units: int = 64,
    num_layers: int = 2,
    bidirectional: bool = True,
    dropout: float = 0.2,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.2,
) -> keras.Model:
    """Builds a GRU over frames of features, for a label or none of each frame: CTC.

    Inputs are those of `build_feature_classifier`; outputs are logits `(batch, frames,
    1 + num_labels)`, of which the first is the blank's. A frame of padding is certainly
    blank, which changes neither the probability of any labels nor what a decoder finds:
    losses and decoders need no lengths. `losses.CTC`, which takes all frames for real,
    is right for these logits, with labels from 1 and padded with 0.

    Reference: Graves et al., 2006, doi:10.1145/1143844.1143891.

    >>> build_frame_classifier(feature_dim=13, num_labels=10).output_shape
    (None, None, 11)
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    grus = gru_stack(units, num_layers, dropout, recurrent_dropout, bidirectional)
    features, mask, x = _read_frames(feature_dim, grus, output_dropout)
    logits = layers.Dense(1 + num_labels, name="logits")(x)
    labels = ops.where(mask[:, :, None], logits[:, :, 1:], MASKED)
    logits = ops.concatenate([logits[:, :, :1], labels], axis=-1)
    return keras.Model(features, logits, name="frame_classifier")


def _read_frames(feature_dim, grus, output_dropout):
    features = keras.Input((None, feature_dim), dtype="float32", name="features")
    mask = ops.any(ops.not_equal(features, 0), axis=-1)
    x = layers.Normalization(name="normalization")(features)
    for gru in grus:
        x = gru(x, mask=mask)
    return features, mask, layers.Dropout(output_dropout, name="output_dropout")(x)


def build_streaming_step(classifier: keras.Model) -> keras.Model:
    """Builds the one-step view of a classifier of frames that reads in one direction.

    It shares the layers of `classifier` and maps one frame, `features` `(batch,
    feature_dim)`, and `state` `(batch, state_size)`, zeros at the start, to `{"logits":
    ..., "state": ...}`: after each frame, what the classifier says of the frames so
    far, or, if it labels frames, of this one. Raises `ValueError` for a bidirectional
    classifier, which must know the end.
    """
    if any(isinstance(layer, layers.Bidirectional) for layer in classifier.layers):
        raise ValueError(
            "`classifier` must read in one direction. "
            f"Received: classifier={classifier.name} with Bidirectional layers"
        )
    grus = [layer for layer in classifier.layers if isinstance(layer, layers.GRU)]
    features = keras.Input(classifier.input_shape[2:], name="features")
    x = classifier.get_layer("normalization")(features[:, None])[:, 0]
    state = keras.Input((sum(gru.units for gru in grus),), name="state")
    x, state_out = run_step(grus, x, state)
    logits = classifier.get_layer("logits")(x)
    return keras.Model(
        {"features": features, "state": state},
        {"logits": logits, "state": state_out},
        name="streaming_step",
    )
