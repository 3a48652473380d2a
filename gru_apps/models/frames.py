"""Builders of GRU classifiers of frames: one label for all of them, or for each."""

import keras
from keras import layers, ops

from gru_apps.models.layers import MASKED
from gru_apps.models.stacks import check_dropout, check_sizes, gru_stack, run_step


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
    feature_dim, num_classes = check_sizes(
        feature_dim=feature_dim, num_classes=num_classes
    )
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
    losses and decoders need no lengths. `training.CTC` is right for these logits, with
    labels from 1 and padded with 0.

    Reference: Graves et al., 2006, doi:10.1145/1143844.1143891.

    >>> build_frame_classifier(feature_dim=13, num_labels=10).output_shape
    (None, None, 11)
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    feature_dim, num_labels = check_sizes(
        feature_dim=feature_dim, num_labels=num_labels
    )
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
