"""Builders of GRU models that generate: one view to train, one to take single steps."""

from typing import NamedTuple

import keras
from keras import layers, ops

from gru_apps.layers import (
    BahdanauAttention,
    DotProductAttention,
    MaskedPooling,
    check_dropout,
    gru_stack,
    reversible_embedding,
    run_step,
)

ATTENTIONS = {"additive": BahdanauAttention, "dot_product": DotProductAttention}


class Translator(NamedTuple):
    """Views of one encoder and decoder, which share their layers.

    `model` maps `source_ids` `(batch, length)` and `target_ids` `(batch, steps)` to
    logits `(batch, steps, target_vocabulary_size)`, for training; `attention` maps the
    same to weights `(batch, steps, length)`. `encoder` maps `source_ids` to the state
    that `step` starts from; `step` maps `token_ids` `(batch,)` and such a state, a
    dict, to `{"logits": ..., "state": ...}`.
    """

    model: keras.Model
    attention: keras.Model
    encoder: keras.Model
    step: keras.Model


class LanguageModel(NamedTuple):
    """Views of one language model, which share their layers.

    `model` maps `token_ids` and, if it has one, `context_ids`, all `(batch, length)`,
    to the logits of what follows each token, `(batch, length, vocabulary_size)`. `step`
    maps those of one step, `(batch,)`, and `state` `(batch, state_size)` to `{"logits":
    ..., "state": ...}`; a state of zeros is the start.
    """

    model: keras.Model
    step: keras.Model


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

    The encoder has `units // 2` in each direction, so that its memory is `units` wide;
    the decoder starts from a summary of it, and at each step joins its state with what
    `attention` ("additive" or "dot_product") finds there (Luong et al., 2015,
    arXiv:1508.04025, section 3, without input feeding, so that all steps train at
    once). Both are `num_layers` deep. Token ids are integers with 0 for padding, which
    changes no answer. With `tied_embeddings` the target embedding also gives the logits
    (arXiv:1608.05859).
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    if attention not in ATTENTIONS:
        raise ValueError(
            f"`attention` must be one of {list(ATTENTIONS)}. "
            f"Received: attention={attention}"
        )
    source_ids = keras.Input((None,), dtype="int32", name="source_ids")
    mask = ops.not_equal(source_ids, 0)
    x = layers.Embedding(source_vocabulary_size, embedding_dim, name="source")(
        source_ids
    )
    x = layers.Dropout(dropout, name="source_dropout")(x)
    encoders = gru_stack(
        units // 2, num_layers, dropout, recurrent_dropout, True, "encoder"
    )
    for gru in encoders:
        x = gru(x, mask=mask)
    memory = ops.where(mask[:, :, None], x, 0.0)  # and without its mask attribute
    starts = layers.Dense(num_layers * units, activation="tanh", name="start")
    start = starts(MaskedPooling(name="pooling")(memory, mask))
    encoder = keras.Model(
        source_ids,
        {"memory": memory, "memory_mask": mask, "state": start},
        name="encoder",
    )

    embedding = reversible_embedding(
        target_vocabulary_size, embedding_dim, tied_embeddings, "target"
    )
    input_drop = layers.Dropout(dropout, name="target_dropout")
    decoders = gru_stack(
        units, num_layers, dropout, recurrent_dropout, False, "decoder"
    )
    attend = ATTENTIONS[attention](units, name="attention")
    output = layers.Dense(embedding_dim, activation="tanh", name="output")
    output_drop = layers.Dropout(output_dropout, name="output_dropout")

    def answers(query, memory, mask):
        context, weights = attend(query, memory, mask)
        x = output(ops.concatenate([query, context], axis=-1))
        return embedding(output_drop(x), reverse=True), weights

    target_ids = keras.Input((None,), dtype="int32", name="target_ids")
    x = input_drop(embedding(target_ids) * embedding_dim**0.5)
    for gru, state in zip(decoders, ops.split(start, num_layers, -1), strict=True):
        x = gru(x, initial_state=state)
    logits, weights = answers(x, memory, mask)
    inputs = {"source_ids": source_ids, "target_ids": target_ids}
    model = keras.Model(inputs, logits, name="translator")

    token_ids = keras.Input((), dtype="int32", name="token_ids")
    inputs_of_step = {
        "token_ids": token_ids,
        "memory": keras.Input((None, memory.shape[-1]), name="memory"),
        "memory_mask": keras.Input((None,), dtype="bool", name="memory_mask"),
    }
    x = embedding(token_ids) * embedding_dim**0.5
    state = keras.Input((num_layers * units,), name="state")
    x, state_out = run_step(decoders, x, state)
    logits, _ = answers(
        x[:, None], inputs_of_step["memory"], inputs_of_step["memory_mask"]
    )
    step = keras.Model(
        inputs_of_step | {"state": state},
        {"logits": logits[:, 0], "state": state_out},
        name="translator_step",
    )
    return Translator(
        model, keras.Model(inputs, weights, name="translator_attention"), encoder, step
    )


def build_language_model(
    vocabulary_size: int,
    *,
    tokens_per_step: int = 1,
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

    The GRU takes one step for each `tokens_per_step` tokens, and a layer of its own
    predicts each of them, from the GRU's state, the tokens of the step before and those
    of its own step that come first. A length is then a multiple of `tokens_per_step`.
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    if tokens_per_step < 1:
        raise ValueError(
            "`tokens_per_step` must be at least 1. "
            f"Received: tokens_per_step={tokens_per_step}"
        )
    embedding = reversible_embedding(
        vocabulary_size, embedding_dim, tied_embeddings, "embedding"
    )
    if num_contexts:
        of_context = layers.Embedding(num_contexts, embedding_dim, name="context")
    input_drop = layers.Dropout(dropout, name="input_dropout")
    grus = gru_stack(units, num_layers, dropout, recurrent_dropout, False)
    outputs = [
        layers.Dense(units, activation="gelu", name=f"output_{place + 1}")
        for place in range(tokens_per_step)
    ]
    output_drop = layers.Dropout(output_dropout, name="output_dropout")
    projection = layers.Dense(embedding_dim, name="projection")

    def joined(token_ids, context_ids):
        """Embeds ids `(..., number)`, with the context `(...)`, in one vector each."""
        x = [embedding(token_ids[..., i]) for i in range(token_ids.shape[-1])]
        x += [of_context(context_ids)] if num_contexts else []
        return ops.concatenate(x, axis=-1)

    def logits(x, known_ids, context_ids, place):
        x = ops.concatenate([output_drop(x), joined(known_ids, context_ids)], axis=-1)
        x = projection(output_drop(outputs[place](x)))
        return embedding(x, reverse=True)

    def of_place(context_ids, place):
        return context_ids[..., place] if num_contexts else None

    names = ["token_ids", "context_ids"] if num_contexts else ["token_ids"]
    inputs = {name: keras.Input((None,), dtype="int32", name=name) for name in names}
    by_step = layers.Reshape((-1, tokens_per_step), name="steps")
    # the tokens of the step before, which end with the first one of the input's step
    before = ops.pad(inputs["token_ids"], [[0, 0], [tokens_per_step - 1, 0]])
    before = by_step(before[:, : 1 - tokens_per_step or None])
    known = ops.concatenate([before, by_step(inputs["token_ids"])[..., 1:]], axis=-1)
    context = by_step(inputs["context_ids"]) if num_contexts else None
    x = input_drop(joined(before, of_place(context, 0)))
    for gru in grus:
        x = gru(x)
    of_places = [
        logits(x, known[..., : tokens_per_step + i], of_place(context, i), i)
        for i in range(tokens_per_step)
    ]
    x = layers.Reshape((-1, vocabulary_size))(ops.stack(of_places, axis=2))
    model = keras.Model(inputs, x, name="language_model")

    inputs = {name: keras.Input((), dtype="int32", name=name) for name in names}
    context = inputs.get("context_ids")
    size, stored = units * num_layers, 2 * tokens_per_step - 2
    # with several tokens a step: those of the step so far and of the one before, and
    # how many of its own the step has
    state = keras.Input((size + stored + (stored > 0),), name="state")
    recent = ops.cast(state[:, size : size + stored], "int32")
    recent = ops.concatenate([recent, inputs["token_ids"][:, None]], axis=-1)
    x = joined(recent[:, tokens_per_step - 1 :], context)
    _, after = run_step(grus, x, state[:, :size])
    if stored:
        place = ops.cast(state[:, -1:], "int32")
        after = ops.where(ops.equal(place, 0), after, state[:, :size])
    of_places = [
        logits(after[:, -units:], recent[:, tokens_per_step - 1 - i :], context, i)
        for i in range(tokens_per_step)
    ]
    x = of_places[0]
    if stored:
        x = ops.stack(of_places, axis=1)
        x = ops.take_along_axis(x, place[:, :, None], axis=1)[:, 0]
        heard = ops.concatenate([recent[:, 1:], (place + 1) % tokens_per_step], -1)
        after = ops.concatenate([after, ops.cast(heard, after.dtype)], axis=-1)
    step = keras.Model(
        inputs | {"state": state},
        {"logits": x, "state": after},
        name="language_model_step",
    )
    return LanguageModel(model, step)
