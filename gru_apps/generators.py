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

    The encoder has `units // 2` in each direction, so that its memory is `units` wide.
    The decoder's first GRU asks the memory, its second reads the answer (the
    conditional GRU of Sennrich et al., 2017, arXiv:1703.04357, section 3, but for
    feeding the answer back, so that all steps train at once). `attention` is "additive"
    or "dot_product". Token ids are integers with 0 for padding, which changes no
    answer. With `tied_embeddings` the target embedding also gives the logits
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
        embeddings_initializer=keras.initializers.RandomNormal(
            stddev=embedding_dim**-0.5
        ),
        name="target",
    )
    input_drop = layers.Dropout(dropout, name="target_dropout")
    asking, reading = gru_stack(units, 2, 0.0, recurrent_dropout, False, "decoder")
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
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    embedding = layers.ReversibleEmbedding(
        vocabulary_size, embedding_dim, tie_weights=tied_embeddings, name="embedding"
    )
    if num_contexts:
        of_context = layers.Embedding(num_contexts, embedding_dim, name="context")
    grus = gru_stack(units, num_layers, dropout, recurrent_dropout, False)
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
    x, state_in, state_out = run_step(grus, embedded(inputs))
    step = keras.Model(
        inputs | {"state": state_in},
        {"logits": logits(x), "state": state_out},
        name="language_model_step",
    )
    return LanguageModel(model, step)
