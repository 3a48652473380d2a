"""Builders of GRU classifiers of frames: one answer for all of them, or for each."""

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.differences import FrameDifferences
from gru_apps.models.layers import (
    MASKED,
    FrameNormalization,
    MaskedPooling,
    lowest,
)
from gru_apps.models.stacks import check_dropout, check_sizes, gru_stack, run_step


def build_feature_classifier(
    feature_dim: int,
    num_classes: int,
    *,
    pooling: bool = False,
    mask_input: bool = False,
    differences: bool = False,
    units: int = 64,
    num_layers: int = 2,
    bidirectional: bool = False,
    dropout: float = 0.2,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.2,
) -> keras.Model:
    """Builds a GRU over frames of features, which gives one answer for all of them.

    Inputs are `features`, floats `(batch, frames, feature_dim)`, in which a frame of
    zeros is padding. If a frame of zeros may be a real one, as in a piano roll, set
    `mask_input`: inputs are then a dict of `features` and `mask`, booleans `(batch,
    frames)`, False at padding. Padding changes no answer; with `differences`, it must
    be on the right.

    Outputs are `(batch, num_classes)`, from the last state or, with `pooling`, from the
    maximum and mean of all states. They are plain numbers: logits of classes, of which
    one holds or several, or what a regression is to find; the loss tells. The layer
    `normalization` is a `FrameNormalization`: let it `adapt` to the training set. With
    `differences` it is a `FrameDifferences`, and adapts to clips: then it does not
    matter what is added to all frames of a clip, as a level is to cepstra.

    Raises `ValueError` for sizes that are not whole numbers above 0, and for dropout
    that is not in [0, 1).

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
        return_sequences=pooling,
    )
    inputs, mask, x = _read_frames(feature_dim, mask_input, differences, grus)
    if pooling:
        x = MaskedPooling(name="pooling")(x, mask)
    x = layers.Dropout(output_dropout, name="output_dropout")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="feature_classifier")


def build_frame_classifier(
    feature_dim: int,
    num_labels: int,
    *,
    blank: bool = True,
    mask_input: bool = False,
    differences: bool = False,
    units: int = 64,
    num_layers: int = 2,
    bidirectional: bool = True,
    dropout: float = 0.2,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.2,
) -> keras.Model:
    """Builds a GRU over frames of features, which gives an answer for each of them.

    Inputs are those of `build_feature_classifier`. With a `blank`, each frame has a
    label or none, as CTC asks: outputs are logits `(batch, frames, 1 + num_labels)`, of
    which the first is the blank's. A frame of padding is certainly blank, which changes
    neither the probability of any labels nor what a decoder finds: losses and decoders
    need no lengths. `training.CTC` is right for these logits, with labels from 1 and
    padded with 0.

    Without, outputs are `(batch, frames, num_labels)`, plain numbers for the loss to
    tell, such as logits of the keys of a piano that sound in each frame; 0 at padding,
    which a loss must leave out by sample weights of 0.

    Raises `ValueError` for sizes that are not whole numbers above 0, and for dropout
    that is not in [0, 1).

    Reference: Graves et al., 2006, doi:10.1145/1143844.1143891.

    >>> build_frame_classifier(feature_dim=13, num_labels=10).output_shape
    (None, None, 11)
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    feature_dim, num_labels = check_sizes(
        feature_dim=feature_dim, num_labels=num_labels
    )
    grus = gru_stack(units, num_layers, dropout, recurrent_dropout, bidirectional)
    inputs, mask, x = _read_frames(feature_dim, mask_input, differences, grus)
    x = layers.Dropout(output_dropout, name="output_dropout")(x)
    logits = layers.Dense(blank + num_labels, name="logits")(x)
    if blank:
        labels = ops.where(mask[:, :, None], logits[:, :, 1:], MASKED)
        outputs = ops.concatenate([logits[:, :, :1], labels], axis=-1)
    else:
        outputs = ops.where(mask[:, :, None], logits, 0.0)
    return keras.Model(inputs, outputs, name="frame_classifier")


def _read_frames(feature_dim, mask_input, differences, grus):
    inputs = features = keras.Input(
        (None, feature_dim), dtype="float32", name="features"
    )
    if mask_input:
        mask = keras.Input((None,), dtype="bool", name="mask")
        inputs = {"features": features, "mask": mask}
        # NaN at padding would come through a gradient
        features = ops.where(mask[:, :, None], features, 0.0)
    else:
        mask = ops.any(ops.not_equal(features, 0), axis=-1)
    if differences:
        x = FrameDifferences(name="normalization")(features, mask)
    else:
        x = FrameNormalization(name="normalization")(features)
    for gru in grus:
        x = gru(x, mask=mask)
    return inputs, mask, x


def build_streaming_step(classifier: keras.Model) -> keras.Model:
    """Builds the one-step view of a classifier of frames that reads in one direction.

    It shares the layers of `classifier` and maps one frame, `features` `(batch,
    feature_dim)`, and `state` `(batch, state_size)`, zeros at the start, to `{"logits":
    ..., "state": ...}`: after each frame, what the classifier says of the frames so
    far, or, if it labels frames, of this one. Each frame counts, one of zeros too.
    Raises `ValueError` for a bidirectional classifier, which must know the end.
    """
    if any(isinstance(layer, layers.Bidirectional) for layer in classifier.layers):
        raise ValueError(
            "`classifier` must read in one direction. "
            f"Received: classifier={classifier.name} with Bidirectional layers"
        )
    grus = [layer for layer in classifier.layers if isinstance(layer, layers.GRU)]
    pools = any(isinstance(layer, MaskedPooling) for layer in classifier.layers)
    normalization = classifier.get_layer("normalization")
    inputs = classifier.input
    dim = (inputs["features"] if isinstance(inputs, dict) else inputs).shape[-1]
    differs = isinstance(normalization, FrameDifferences)
    size, units = sum(gru.units for gru in grus), grus[-1].units
    sizes = [size, pools * (2 * units + 1), differs * (2 * dim + 1)]
    features = keras.Input((dim,), name="features")
    state = keras.Input((sum(sizes),), name="state")
    before, pooled, frames = ops.split(state, np.cumsum(sizes[:-1]).tolist(), axis=-1)
    if differs:
        x, frames = normalization.step(features, frames)
    else:
        x = normalization(features[:, None])[:, 0]
    x, after = run_step(grus, x, before)
    if pools:
        x, pooled = _pool_step(x, pooled, units)
    logits = classifier.get_layer("logits")(x)
    state_out = ops.concatenate([after, pooled, frames], axis=-1)
    return keras.Model(
        {"features": features, "state": state},
        {"logits": logits, "state": state_out},
        name="streaming_step",
    )


def _pool_step(x, state, units):
    """Goes on with maximum, sum and number of the states so far, in float32."""
    highest, total, number = ops.split(state, [units, 2 * units], axis=-1)
    now = ops.cast(x, state.dtype)
    before = ops.where(number > 0, highest, lowest(state.dtype))
    highest, total, number = ops.maximum(before, now), total + now, number + 1
    joined = ops.concatenate([highest, total / number], axis=-1)
    return ops.cast(joined, x.dtype), ops.concatenate([highest, total, number], axis=-1)
