"""Builders of language models: what may follow each token of a sequence."""

from typing import NamedTuple

import keras
from keras import layers, ops

from gru_apps.models.embeddings import NgramEmbedding, reversible_embedding
from gru_apps.models.stacks import check_dropout, check_sizes, gru_stack, run_step


class LanguageModel(NamedTuple):
    """Views of one language model, which share their layers.

    `model` maps `token_ids` and, if it has one, `context_ids`, all `(batch, length)`,
    to the logits of what follows each token, `(batch, length, vocabulary_size)`. `step`
    maps those of one step, `(batch,)`, and `state` `(batch, state_size)` to `{"logits":
    ..., "state": ...}`; a state of zeros is the start.
    """

    model: keras.Model
    step: keras.Model


def build_language_model(
    vocabulary_size: int,
    *,
    tokens_per_step: int = 1,
    num_contexts: int = 0,
    longest_ngram: int = 1,
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
    What is known of the next token before it is heard, its place in the bar for one,
    may be given as one of `num_contexts` ids. With a `longest_ngram` of 2 or more, a
    token is also embedded together with those before it (see `NgramEmbedding`), so that
    phrases need not be counted by the GRU. `output_dropout` is that before the last
    layers.

    With `tokens_per_step` above 1, say the voices of a chord or the fields of a record,
    the GRU takes one step for that many tokens, and a dense layer for each place
    predicts each of them, from the GRU's state, the tokens of the step before and those
    of its own step that come first. A length is then a multiple of `tokens_per_step`.
    """
    check_dropout(dropout=dropout, output_dropout=output_dropout)
    vocabulary_size, tokens_per_step, longest_ngram = check_sizes(
        vocabulary_size=vocabulary_size,
        tokens_per_step=tokens_per_step,
        longest_ngram=longest_ngram,
    )
    embedding_dim, units, num_layers = check_sizes(
        embedding_dim=embedding_dim, units=units, num_layers=num_layers
    )
    (num_contexts,) = check_sizes(0, num_contexts=num_contexts)
    embedding = reversible_embedding(
        vocabulary_size, embedding_dim, tied_embeddings, "embedding"
    )
    ngrams = NgramEmbedding(longest_ngram, name="ngrams") if longest_ngram > 1 else None
    if num_contexts:
        of_context = layers.Embedding(num_contexts, embedding_dim, name="context")
    input_drop = layers.Dropout(dropout, name="input_dropout")
    grus = gru_stack(units, num_layers, dropout, recurrent_dropout, False)
    outputs = [
        layers.Dense(units, activation="silu", name=f"output_{place + 1}")
        for place in range(tokens_per_step)
    ]
    output_drop = layers.Dropout(output_dropout, name="output_dropout")
    projection = layers.Dense(embedding_dim, name="projection")

    def embedded(token_ids):
        x = embedding(token_ids)
        return ops.concatenate([x, ngrams(token_ids)], axis=-1) if ngrams else x

    def joined(vectors, context_ids):
        """Makes one vector of those of several tokens, and of their context."""
        x = [vectors[..., i, :] for i in range(vectors.shape[-2])]
        x += [of_context(context_ids)] if num_contexts else []
        return ops.concatenate(x, axis=-1)

    def logits(x, known, context_ids, place):
        x = ops.concatenate([output_drop(x), joined(known, context_ids)], axis=-1)
        x = projection(output_drop(outputs[place](x)))
        return embedding(x, reverse=True)

    def of_place(context_ids, place):
        return context_ids[..., place] if num_contexts else None

    names = ["token_ids", "context_ids"] if num_contexts else ["token_ids"]
    inputs = {name: keras.Input((None,), dtype="int32", name=name) for name in names}
    # the tokens of the step before, which end with the first one of the input's step
    vectors = embedded(ops.pad(inputs["token_ids"], [[0, 0], [tokens_per_step - 1, 0]]))
    vectors_by_step = layers.Reshape(
        (-1, tokens_per_step, vectors.shape[-1]), name="vectors"
    )
    before = vectors_by_step(vectors[:, : 1 - tokens_per_step or None])
    own = vectors_by_step(vectors[:, tokens_per_step - 1 :])
    known = ops.concatenate([before, own[:, :, 1:]], axis=2)
    context = None
    if num_contexts:
        by_step = layers.Reshape((-1, tokens_per_step), name="steps")
        context = by_step(inputs["context_ids"])
    x = input_drop(joined(before, of_place(context, 0)))
    for gru in grus:
        x = gru(x)
    of_places = [
        logits(x, known[:, :, : tokens_per_step + i], of_place(context, i), i)
        for i in range(tokens_per_step)
    ]
    x = layers.Reshape((-1, vocabulary_size))(ops.stack(of_places, axis=2))
    model = keras.Model(inputs, x, name="language_model")

    inputs = {name: keras.Input((), dtype="int32", name=name) for name in names}
    context = inputs.get("context_ids")
    # the tokens that the next ones are predicted from, as far as they were read before;
    # with several tokens a step, also how many of its own the step has
    size, stored = units * num_layers, 2 * tokens_per_step - 2 + longest_ngram - 1
    several = tokens_per_step > 1
    state = keras.Input((size + stored + several,), name="state")
    recent = ops.cast(state[:, size : size + stored], "int32")
    recent = ops.concatenate([recent, inputs["token_ids"][:, None]], axis=-1)
    vectors = embedded(recent)[:, longest_ngram - 1 :]
    x = joined(vectors[:, tokens_per_step - 1 :], context)
    _, after = run_step(grus, x, state[:, :size])
    if several:
        place = ops.cast(state[:, -1:], "int32")
        after = ops.where(ops.equal(place, 0), after, state[:, :size])
    of_places = [
        logits(after[:, -units:], vectors[:, tokens_per_step - 1 - i :], context, i)
        for i in range(tokens_per_step)
    ]
    heard, x = recent[:, 1:], of_places[0]
    if several:
        x = ops.stack(of_places, axis=1)
        x = ops.take_along_axis(x, place[:, :, None], axis=1)[:, 0]
        heard = ops.concatenate([heard, (place + 1) % tokens_per_step], axis=-1)
    # in float32 whatever the policy, for half of it would round the ids
    parts = [ops.cast(part, "float32") for part in (after, heard)]
    step = keras.Model(
        inputs | {"state": state},
        {"logits": x, "state": ops.concatenate(parts, axis=-1)},
        name="language_model_step",
    )
    return LanguageModel(model, step)
