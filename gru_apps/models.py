"""Builders of GRU models, by shape: uncompiled functional models with logits out."""

from typing import NamedTuple

import keras
from keras import layers, ops

from gru_apps.layers import BahdanauAttention, DotProductAttention, MaskedPooling

ATTENTIONS = {"additive": BahdanauAttention, "dot_product": DotProductAttention}


class Translator(NamedTuple):
    """Views of one encoder and decoder, which share their layers.

    `model` maps `source_ids` `(batch, length)` and `target_ids` `(batch, steps)` to
    logits `(batch, steps, target_vocabulary_size)`, for training; `attention` maps the
    same to weights `(batch, steps, length)`. `encoder` maps `source_ids` to the state
    that `step` starts from; `step` maps `token_ids` `(batch,)` and such a state, a dict,
    to `{"logits": ..., "state": ...}`.
    """

    model: keras.Model
    attention: keras.Model
    encoder: keras.Model
    step: keras.Model


class LanguageModel(NamedTuple):
    """Views of one language model, which share their layers.

    `model` maps `token_ids` and, if it has one, `context_ids`, all `(batch, length)`, to
    the logits of what follows each token, `(batch, length, vocabulary_size)`. `step` maps
    those of one step, `(batch,)`, and `state` `(batch, state_size)` to `{"logits": ...,
    "state": ...}`; a state of zeros is the start.
    """

    model: keras.Model
    step: keras.Model


def build_text_classifier(
    vocabulary_size: int,
    num_classes: int,
    *,
    embedding_dim: int = 64,
    units: int = 64,
    num_layers: int = 1,
    bidirectional: bool = True,
    dropout: float = 0.2,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.2,
) -> keras.Model:
    """Builds a GRU over token ids whose pooled states give one label per sequence.

    Inputs are `token_ids`, integers `(batch, length)` with 0 for padding; outputs are
    logits `(batch, num_classes)`. Padding does not change them. `dropout` is that of
    embeddings and between layers, `output_dropout` that of the pooled states.

    >>> build_text_classifier(vocabulary_size=100, num_classes=3).output_shape
    (None, 3)
    """
    _check_dropout(dropout=dropout, output_dropout=output_dropout)
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    mask = ops.not_equal(token_ids, 0)
    x = layers.Embedding(vocabulary_size, embedding_dim, name="embedding")(token_ids)
    x = layers.Dropout(dropout, noise_shape=(None, 1, None), name="input_dropout")(x)
    for gru in _grus(units, num_layers, dropout, recurrent_dropout, bidirectional):
        x = gru(x, mask=mask)
    x = MaskedPooling(name="pooling")(x, mask)
    x = layers.Dropout(output_dropout, name="output_dropout")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(token_ids, logits, name="text_classifier")


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
    """Builds a GRU over frames of features whose last states give one label per sequence.

    Inputs are `features`, floats `(batch, frames, feature_dim)`, in which a frame of
    zeros is padding; outputs are logits `(batch, num_classes)`. Padding does not change
    them. The layer `normalization` brings features to mean 0 and variance 1: let it
    `adapt` to frames of the training set.

    >>> build_feature_classifier(feature_dim=13, num_classes=10).output_shape
    (None, 10)
    """
    _check_dropout(dropout=dropout, output_dropout=output_dropout)
    features = keras.Input((None, feature_dim), dtype="float32", name="features")
    mask = ops.any(ops.not_equal(features, 0), axis=-1)
    x = layers.Normalization(name="normalization")(features)
    grus = _grus(units, num_layers, dropout, recurrent_dropout, bidirectional)
    for gru in grus[:-1]:
        x = gru(x, mask=mask)
    x = _last_states(grus[-1])(x, mask=mask)
    x = layers.Dropout(output_dropout, name="output_dropout")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(features, logits, name="feature_classifier")


def build_streaming_step(classifier: keras.Model) -> keras.Model:
    """Builds the one-step view of a feature classifier that reads in one direction.

    It shares the layers of `classifier` and maps one frame, `features` `(batch,
    feature_dim)`, and `state` `(batch, state_size)`, zeros at the start, to `{"logits":
    ..., "state": ...}`: after each frame, what the classifier says of the frames so far.
    Raises `ValueError` for a bidirectional classifier, which must know the end.
    """
    if any(isinstance(layer, layers.Bidirectional) for layer in classifier.layers):
        raise ValueError(
            "`classifier` must read in one direction. "
            f"Received: classifier={classifier.name} with Bidirectional layers"
        )
    grus = [layer for layer in classifier.layers if isinstance(layer, layers.GRU)]
    features = keras.Input(classifier.input_shape[2:], name="features")
    x = classifier.get_layer("normalization")(features)
    x, state_in, state_out = _one_step(grus, x)
    logits = classifier.get_layer("logits")(x)
    return keras.Model(
        {"features": features, "state": state_in},
        {"logits": logits, "state": state_out},
        name="streaming_step",
    )


def build_translator(
    source_vocabulary_size: int,
    target_vocabulary_size: int,
    *,
    embedding_dim: int = 256,
    units: int = 256,
    num_layers: int = 1,
    attention: str = "dot_product",
    tied_embeddings: bool = True,
    dropout: float = 0.3,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.3,
) -> Translator:
    """Builds a bidirectional GRU encoder and a GRU decoder that attends to it.

    The encoder has `units // 2` in each direction, so that its memory is `units` wide.
    The decoder's first GRU asks the memory, its second reads the answer (the conditional
    GRU of Sennrich et al., 2017, arXiv:1703.04357, section 3, but for feeding the answer
    back, so that all steps train at once). `attention` is "additive" or "dot_product".
    Token ids are integers with 0 for padding, which changes no answer. With
    `tied_embeddings` the target embedding also gives the logits (arXiv:1608.05859).
    """
    _check_dropout(dropout=dropout, output_dropout=output_dropout)
    if attention not in ATTENTIONS:
        raise ValueError(
            f"`attention` must be one of {list(ATTENTIONS)}. "
            f"Received: attention={attention}"
        )
    source_ids = keras.Input((None,), dtype="int32", name="source_ids")
    mask = ops.not_equal(source_ids, 0)
    x = layers.Embedding(source_vocabulary_size, embedding_dim, name="source")(source_ids)
    x = layers.Dropout(dropout, name="source_dropout")(x)
    encoders = _grus(units // 2, num_layers, dropout, recurrent_dropout, True, "encoder")
    for gru in encoders:
        x = gru(x, mask=mask)
    memory = x
    starts = layers.Dense(2 * units, activation="tanh", name="start")
    start = starts(MaskedPooling(name="pooling")(memory, mask))
    encoder = keras.Model(
        source_ids,
        {"memory": memory, "memory_mask": mask, "state": start},
        name="encoder",
    )

    embedding = layers.ReversibleEmbedding(
        target_vocabulary_size,
        embedding_dim,
        tie_weights=tied_embeddings,
        embeddings_initializer=keras.initializers.RandomNormal(stddev=embedding_dim**-0.5),
        name="target",
    )
    input_drop = layers.Dropout(dropout, name="target_dropout")
    asking, reading = _grus(units, 2, 0.0, recurrent_dropout, False, "decoder")
    attend = ATTENTIONS[attention](units, name="attention")
    output = layers.Dense(embedding_dim, activation="tanh", name="output")
    output_drop = layers.Dropout(output_dropout, name="output_dropout")

    def answers(x, query, context):
        x = output(ops.concatenate([x, query, context], axis=-1))
        return embedding(output_drop(x), reverse=True)

    target_ids = keras.Input((None,), dtype="int32", name="target_ids")
    x = input_drop(embedding(target_ids) * embedding_dim**0.5)
    query = asking(x, initial_state=start[:, :units])
    context, weights = attend(query, memory, mask)
    x = ops.concatenate([query, context], axis=-1)
    x = reading(x, initial_state=start[:, units:])
    inputs = {"source_ids": source_ids, "target_ids": target_ids}
    model = keras.Model(inputs, answers(x, query, context), name="translator")

    token_ids = keras.Input((), dtype="int32", name="token_ids")
    state = {
        "memory": keras.Input((None, memory.shape[-1]), name="memory"),
        "memory_mask": keras.Input((None,), dtype="bool", name="memory_mask"),
        "state": keras.Input((2 * units,), name="state"),
    }
    x = embedding(token_ids) * embedding_dim**0.5
    query = asking(x[:, None], initial_state=state["state"][:, :units])
    context, _ = attend(query, state["memory"], state["memory_mask"])
    x = ops.concatenate([query, context], axis=-1)
    x = reading(x, initial_state=state["state"][:, units:])
    logits = answers(x, query, context)[:, 0]
    x = ops.concatenate([query, x], axis=-1)[:, 0]
    step = keras.Model(
        {"token_ids": token_ids, **state},
        {"logits": logits, "state": x},
        name="translator_step",
    )
    return Translator(
        model, keras.Model(inputs, weights, name="translator_attention"), encoder, step
    )


def build_language_model(
    vocabulary_size: int,
    *,
    num_contexts: int = 0,
    embedding_dim: int = 64,
    units: int = 256,
    num_layers: int = 2,
    tied_embeddings: bool = False,
    dropout: float = 0.2,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.2,
) -> LanguageModel:
    """Builds a GRU that reads tokens and says, after each, what may follow.

    Token ids are integers with 0 for padding, on the right, where it changes no answer.
    With `num_contexts`, a second input `context_ids` says of each token to be predicted
    what is known beforehand (the beat, the voice), as an id below `num_contexts`.
    """
    _check_dropout(dropout=dropout, output_dropout=output_dropout)
    embedding = layers.ReversibleEmbedding(
        vocabulary_size, embedding_dim, tie_weights=tied_embeddings, name="embedding"
    )
    of_context = layers.Embedding(num_contexts, embedding_dim, name="context")
    grus = _grus(units, num_layers, dropout, recurrent_dropout, False)
    output = layers.Dense(embedding_dim, activation="gelu", name="output")
    output_drop = layers.Dropout(output_dropout, name="output_dropout")

    def embedded(inputs):
        x = embedding(inputs["token_ids"])
        if num_contexts:
            x = ops.concatenate([x, of_context(inputs["context_ids"])], axis=-1)
        return x

    def logits(x):
        return embedding(output(output_drop(x)), reverse=True)

    names = ["token_ids", "context_ids"] if num_contexts else ["token_ids"]
    inputs = {name: keras.Input((None,), dtype="int32", name=name) for name in names}
    x = embedded(inputs)
    for gru in grus:
        x = gru(x)
    model = keras.Model(inputs, logits(x), name="language_model")

    inputs = {name: keras.Input((), dtype="int32", name=name) for name in names}
    x, state_in, state_out = _one_step(grus, embedded(inputs))
    step = keras.Model(
        inputs | {"state": state_in},
        {"logits": logits(x), "state": state_out},
        name="language_model_step",
    )
    return LanguageModel(model, step)


def _check_dropout(**shares):
    for name, share in shares.items():
        if not 0 <= share < 1:  # keras.layers.GRU would clip it without a word
            raise ValueError(f"`{name}` must be in [0, 1). Received: {name}={share}")


def _grus(units, num_layers, dropout, recurrent_dropout, bidirectional, name="gru"):
    """Makes layers that return sequences; all but the first have dropout before them."""
    _check_dropout(recurrent_dropout=recurrent_dropout)
    grus = []
    for index in range(num_layers):
        gru = layers.GRU(
            units,
            return_sequences=True,
            dropout=dropout if index else 0.0,
            recurrent_dropout=recurrent_dropout,
            name=f"{name}_{index + 1}",
        )
        grus.append(
            layers.Bidirectional(gru, name=f"{name}_{index + 1}")
            if bidirectional
            else gru
        )
    return grus


def _last_states(gru):
    """Makes a GRU return its last state instead of all."""
    for layer in (
        [gru.forward_layer, gru.backward_layer]
        if isinstance(gru, layers.Bidirectional)
        else [gru]
    ):
        layer.return_sequences = False
    gru.return_sequences = False
    return gru


def _one_step(grus, x):
    """Runs layers over one step, from a state that joins those of all of them."""
    state_in = keras.Input((sum(gru.units for gru in grus),), name="state")
    states, start = [], 0
    for gru in grus:
        state = state_in[:, start : start + gru.units]
        x = gru(x[:, None], initial_state=state)
        x = x[:, 0] if gru.return_sequences else x
        states.append(x)
        start += gru.units
    return x, state_in, ops.concatenate(states, axis=-1)
