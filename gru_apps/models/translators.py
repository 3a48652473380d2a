"""A builder of GRUs that translate: a view to train, and one to take single steps."""

import functools
from typing import NamedTuple

import keras
from keras import layers, ops

from gru_apps.models.embeddings import NgramEmbedding, reversible_embedding
from gru_apps.models.layers import (
    BahdanauAttention,
    DotProductAttention,
    MaskedPooling,
    over_steps,
)
from gru_apps.models.stacks import check_dropout, check_sizes, gru_stack, run_step

ATTENTIONS = {"additive": BahdanauAttention, "dot_product": DotProductAttention}


class Translator(NamedTuple):
    """Views of one encoder and decoder, which share their layers.

    `model` maps `source_ids` `(batch, length)` and `target_ids` `(batch, steps)` to
    logits `(batch, steps, target_vocabulary_size)` of the token that follows each one
    of the target. For training, `target_ids` begin with a start token, and labels are
    the same ids without it, and with an end. `attention` maps the same to weights
    `(batch, steps, length)`.

    `encoder` maps `source_ids` to a dict of `memory`, `memory_mask` and `state`. `step`
    takes these and `token_ids` `(batch,)` in one dict, and returns `logits` `(batch,
    target_vocabulary_size)` and the next `state` `(batch, num_layers * units)`; memory
    and mask stay the same for all steps.
    """

    model: keras.Model
    attention: keras.Model
    encoder: keras.Model
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
    shared_embeddings: bool = False,
    bigram_rows: int = 0,
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
    changes no answer; that of the target stands on the right. With `tied_embeddings`
    the target embedding also gives the logits (arXiv:1608.05859). With
    `shared_embeddings`, ids of source and target mean the same and share one embedding
    ("three-way tying" there, if tied). With `bigram_rows`, a source token is embedded
    together with the one before it as well, in half as many numbers, by an
    `NgramEmbedding` of so many rows: Chinese words are mostly of two characters.

    Raises `ValueError` for sizes that are not whole numbers in range, odd `units`,
    dropout that is not in [0, 1), an unknown `attention`, and `shared_embeddings` of
    two vocabularies of different sizes.
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    source_vocabulary_size, target_vocabulary_size, embedding_dim, num_layers = (
        check_sizes(
            source_vocabulary_size=source_vocabulary_size,
            target_vocabulary_size=target_vocabulary_size,
            embedding_dim=embedding_dim,
            num_layers=num_layers,
        )
    )
    (units,) = check_sizes(2, units=units)
    (bigram_rows,) = check_sizes(0, bigram_rows=bigram_rows)
    if shared_embeddings and source_vocabulary_size != target_vocabulary_size:
        raise ValueError(
            "With `shared_embeddings`, both vocabularies must be of one size. "
            f"Received: {source_vocabulary_size=}, {target_vocabulary_size=}"
        )
    if units % 2:  # each direction of the encoder has half of them
        raise ValueError(f"`units` must be even. Received: units={units}")
    if attention not in ATTENTIONS:
        raise ValueError(
            f"`attention` must be one of {list(ATTENTIONS)}. "
            f"Received: attention={attention}"
        )
    source_ids = keras.Input((None,), dtype="int32", name="source_ids")
    mask = ops.not_equal(source_ids, 0)
    scale = embedding_dim**0.5
    embed = functools.partial(
        reversible_embedding, target_vocabulary_size, embedding_dim, tied_embeddings
    )
    shared = embed("embedding") if shared_embeddings else None
    if shared:
        x = shared(source_ids) * scale
    else:
        source = layers.Embedding(source_vocabulary_size, embedding_dim, name="source")
        x = source(source_ids)
    if bigram_rows:
        bigrams = NgramEmbedding(
            2, rows=bigram_rows, dim=embedding_dim // 2, name="source_bigrams"
        )
        x = ops.concatenate([x, bigrams(source_ids)], axis=-1)
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
        {
            "memory": ops.cast(memory, "float32"),  # as `step` takes them
            "memory_mask": mask,
            "state": ops.cast(start, "float32"),
        },
        name="encoder",
    )

    embedding = shared or embed("target")
    input_drop = layers.Dropout(dropout, name="target_dropout")
    decoders = gru_stack(
        units, num_layers, dropout, recurrent_dropout, False, "decoder"
    )
    attend = ATTENTIONS[attention](units, name="attention")
    output = layers.Dense(embedding_dim, activation="tanh", name="output")
    output_drop = layers.Dropout(output_dropout, name="output_dropout")

    def answers(query, memory, mask):
        context, weights = attend(query, memory, mask)
        x = over_steps(output, ops.concatenate([query, context], axis=-1))
        logits_of = functools.partial(embedding, reverse=True)
        return over_steps(logits_of, output_drop(x)), weights

    target_ids = keras.Input((None,), dtype="int32", name="target_ids")
    x = input_drop(embedding(target_ids) * scale)
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
    x = embedding(token_ids) * scale
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
