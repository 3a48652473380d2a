"""A linear classifier over words and pairs of them: no GRU at all."""

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.stacks import check_dropout, check_sizes


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
    vocabulary_size, num_classes, num_pairs = check_sizes(
        vocabulary_size=vocabulary_size, num_classes=num_classes, num_pairs=num_pairs
    )
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
    in a sequence, by those probabilities, and `strength` times beforehand. Raises
    `ValueError` for a `strength` that is not above 0, targets of another shape, and a
    classifier of one class, which has nothing to be a ratio of.

    Reference: Wang and Manning, 2012, section 2.1 (aclanthology.org/P12-2018).
    """
    token_ids, targets = np.asarray(token_ids), np.asarray(targets)
    if not 0 < strength < np.inf:  # what was never seen would have no logarithm
        raise ValueError(f"`strength` must be above 0. Received: strength={strength}")
    num_classes, num_pairs = (
        model.output_shape[-1],
        model.get_layer("pairs").input_dim,
    )
    if num_classes < 2:
        raise ValueError(
            f"`model` must have two classes or more. Received: {num_classes}"
        )
    if targets.shape != (len(token_ids), num_classes):
        raise ValueError(
            f"`targets` must be ({len(token_ids)}, {num_classes}). "
            f"Received: targets of shape {targets.shape}"
        )
    pairs = ops.convert_to_numpy(_pairs(ops.convert_to_tensor(token_ids), num_pairs))
    for name, ids in [("words", token_ids), ("pairs", pairs)]:
        layer = model.get_layer(name)
        counts = np.full((layer.input_dim, targets.shape[1]), float(strength))
        for row, kept, target in zip(ids, token_ids > 0, targets, strict=True):
            counts[np.unique(row[kept])] += target
        ratios = np.log(counts / counts.sum(axis=0))
        layer.set_weights([ratios - ratios.mean(axis=1, keepdims=True)])


def _pairs(token_ids, num_pairs):
    # no product leaves 64 bits; of 32, large vocabularies would
    token_ids = ops.cast(token_ids, "int64")
    before = ops.pad(token_ids[:, :-1], [[0, 0], [1, 0]])
    return (before * 7919 + token_ids) % num_pairs  # a prime, to spread them
