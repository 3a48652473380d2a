"""Builders of language models: what may follow each token of a sequence."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.embeddings import NgramEmbedding, reversible_embedding
from gru_apps.models.gru import GRU
from gru_apps.models.places import SeparateOutputs, SharedOutputs
from gru_apps.models.stacks import check_dropout, check_sizes, gru_stack, run_step


class LanguageModel(NamedTuple):
    """Views of one language model, which share their layers.

    `model` maps `token_ids` and, if it has one, `context_ids`, all `(batch, length)`,
    to the logits of what follows each token, `(batch, length, vocabulary_size)`. `step`
    maps those of one step, `(batch,)`, and `state` `(batch, state_size)` to `{"logits":
    ..., "state": ...}`; a state of zeros is the start. With several kinds of context,
    `context_ids` have them as a last axis.
    """

    model: keras.Model
    step: keras.Model


class GuidedLanguageModel(NamedTuple):
    """Views of a language model that is told some of the tokens beforehand.

    All is as in `LanguageModel`, and `model` takes `given_ids` `(batch, length)` as
    well, the tokens that are told, 0 where none is. `ahead` maps these to vectors
    `(batch, steps, given_units)`: what is told from each step on. `step` takes those of
    its step, as `given_ids` `(batch, tokens_per_step)` and `ahead` `(batch,
    given_units)`.
    """

    model: keras.Model
    step: keras.Model
    ahead: keras.Model


def build_language_model(
    vocabulary_size: int,
    *,
    tokens_per_step: int = 1,
    num_contexts: int | Sequence[int] = 0,
    given_units: int = 0,
    shared_outputs: bool = False,
    longest_ngram: int = 1,
    embedding_dim: int = 64,
    units: int = 256,
    num_layers: int = 2,
    tied_embeddings: bool = False,
    dropout: float = 0.2,
    recurrent_dropout: float = 0.0,
    output_dropout: float = 0.2,
) -> LanguageModel | GuidedLanguageModel:
    """Builds a GRU that reads tokens and says, after each, what may follow.

    Token ids are integers with 0 for padding, on the right, where it changes no answer.
    What is known of the next token before it is heard, its place in the bar for one,
    may be given as one of `num_contexts` ids; several numbers are as many kinds of
    context, whose embeddings add up. With a `longest_ngram` of 2 or more, a token is
    also embedded together with those before it (see `NgramEmbedding`), so that phrases
    need not be counted by the GRU. `output_dropout` is that before the last layers.

    With `tokens_per_step` above 1, say the voices of a chord or the fields of a record,
    the GRU takes one step for that many tokens, and a dense layer for each place
    predicts each of them, from the GRU's state, the tokens of the step before and those
    of its own step that come first. A length is then a multiple of `tokens_per_step`.
    With `shared_outputs` one layer does so for all places (see `SharedOutputs`): dozens
    of them, say the keys of a piano, are then built in seconds, and have few weights.

    With `given_units`, some tokens may be told beforehand, and the others are found for
    them: a GRU of that many units reads what is told from the end to the start, and the
    one that goes forwards reads its states. Steps of which nothing is told leave it as
    it is. A dense layer also sees what is told of its own step, from its place on.
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
    (given_units,) = check_sizes(0, given_units=given_units)
    parts = _Parts()
    parts.vocabulary_size, parts.tokens_per_step = vocabulary_size, tokens_per_step
    parts.embedding = reversible_embedding(
        vocabulary_size, embedding_dim, tied_embeddings, "embedding"
    )
    parts.longest_ngram = longest_ngram
    if longest_ngram > 1:
        parts.ngrams = NgramEmbedding(longest_ngram, name="ngrams")
    parts.contexts = _context_embeddings(num_contexts, embedding_dim)
    parts.kinds = isinstance(num_contexts, Sequence) and len(num_contexts)
    parts.input_drop = layers.Dropout(dropout, name="input_dropout")
    parts.grus = gru_stack(units, num_layers, dropout, recurrent_dropout, False)
    outputs = SharedOutputs if shared_outputs else SeparateOutputs
    parts.outputs = outputs(tokens_per_step, units, embedding_dim, output_dropout)
    if not given_units:
        return LanguageModel(parts.model(), parts.step())
    parts.reader = GRU(
        given_units, return_sequences=True, go_backwards=True, name="reader"
    )
    return GuidedLanguageModel(parts.model(), parts.step(), parts.ahead())


def _context_embeddings(num_contexts, dim):
    if isinstance(num_contexts, Sequence):
        sizes = [check_sizes(num_contexts=number)[0] for number in num_contexts]
        names = [f"context_{kind + 1}" for kind in range(len(sizes))]
    else:
        sizes = [size for size in check_sizes(0, num_contexts=num_contexts) if size]
        names = ["context"] * len(sizes)
    named = zip(sizes, names, strict=True)
    return [layers.Embedding(size, dim, name=name) for size, name in named]


class _Parts:
    """The layers of a language model, and the views that they make."""

    reader = None

    def inputs(self, *shape):
        """Makes the inputs, each of that shape; kinds of context are a last axis."""
        shapes = {"token_ids": shape}
        if self.contexts:
            shapes["context_ids"] = (*shape, self.kinds) if self.kinds else shape
        return {n: keras.Input(s, dtype="int32", name=n) for n, s in shapes.items()}

    def embedded(self, token_ids):
        x = self.embedding(token_ids)
        more = [self.ngrams(token_ids)] if self.longest_ngram > 1 else []
        return ops.concatenate([x, *more], axis=-1) if more else x

    def context(self, context_ids):
        """Embeds ids of all kinds of context; None where there are none."""
        if self.kinds:
            of_kinds = enumerate(self.contexts)
            return sum(of_kind(context_ids[..., i]) for i, of_kind in of_kinds)
        return self.contexts[0](context_ids) if self.contexts else None

    def joined(self, vectors, context):
        """Makes one vector of those of several tokens, and of their first context."""
        x = [vectors[..., i, :] for i in range(vectors.shape[-2])]
        x += [] if context is None else [context[..., 0, :]]
        return ops.concatenate(x, axis=-1)

    def given(self):
        """Makes the input of what is told, its vectors by step, and those ahead."""
        given_ids = keras.Input((None,), dtype="int32", name="given_ids")
        by_step = layers.Reshape((-1, self.tokens_per_step), name="given_steps")
        ids = by_step(given_ids)
        vectors = self.embedding(ids)
        x = [vectors[:, :, i] for i in range(self.tokens_per_step)]
        told = ops.any(ops.not_equal(ids, 0), axis=-1)
        ahead = self.reader(ops.concatenate(x, axis=-1), mask=told)
        return given_ids, vectors, ops.flip(ahead, axis=1)

    def ahead(self):
        given_ids, _, ahead = self.given()
        return keras.Model(given_ids, ahead, name="language_model_ahead")

    def model(self):
        size = self.tokens_per_step
        inputs = self.inputs(None)
        # the tokens of the step before, which end with the first of the input's step
        vectors = self.embedded(ops.pad(inputs["token_ids"], [[0, 0], [size - 1, 0]]))
        by_step = layers.Reshape((-1, size, vectors.shape[-1]), name="vectors")
        before = by_step(vectors[:, : 1 - size or None])
        own = by_step(vectors[:, size - 1 :])
        if self.contexts:
            shape = (-1, size, self.kinds) if self.kinds else (-1, size)
            context_ids = layers.Reshape(shape, name="steps")(inputs["context_ids"])
        context, given = self.context(context_ids if self.contexts else None), None
        x = self.joined(before, context)
        if self.reader:
            inputs["given_ids"], given, ahead = self.given()
            x = ops.concatenate([x, ahead], axis=-1)
        x = self.input_drop(x)
        for gru in self.grus:
            x = gru(x)
        x = self.outputs(x, before, own, context, given)
        x = self.embedding(x, reverse=True)
        x = layers.Reshape((-1, self.vocabulary_size))(x)
        return keras.Model(inputs, x, name="language_model")

    def step(self):
        size, units = self.tokens_per_step, self.grus[-1].units
        inputs = self.inputs()
        context_ids = inputs.get("context_ids")
        context = self.context(context_ids[:, None, None] if self.contexts else None)
        # the tokens that the next ones are predicted from, as far as they were read
        # before; with several tokens a step, also how many of its own the step has
        of_grus, stored = units * len(self.grus), 2 * size - 2 + self.longest_ngram - 1
        several = size > 1
        state = keras.Input((of_grus + stored + several,), name="state")
        recent = ops.cast(state[:, of_grus : of_grus + stored], "int32")
        recent = ops.concatenate([recent, inputs["token_ids"][:, None]], axis=-1)
        vectors = self.embedded(recent)[:, self.longest_ngram - 1 :]
        # the last `size`, of which a GRU that takes a step makes one
        before, own = vectors[:, size - 1 :], vectors[:, -1:]
        x, given = self.joined(before[:, None], context)[:, 0], None
        if self.reader:
            ahead = keras.Input((self.reader.units,), name="ahead")
            given_ids = keras.Input((size,), dtype="int32", name="given_ids")
            inputs |= {"given_ids": given_ids, "ahead": ahead}
            x = ops.concatenate([x, ahead], axis=-1)
            given = self.embedding(given_ids)[:, None]
        _, after = run_step(self.grus, x, state[:, :of_grus])
        heard = recent[:, 1:]
        if several:
            place = ops.cast(state[:, -1:], "int32")
            after = ops.where(ops.equal(place, 0), after, state[:, :of_grus])
            heard = ops.concatenate([heard, (place + 1) % size], axis=-1)
            # those of the step before lie further back, the more of its own it has
            # of NumPy, since a loose tensor would be one more input of an ONNX file
            last_ones = np.arange(size - 1, 2 * size - 1, dtype="int32")
            first = ops.subtract(last_ones, place)
            before = ops.take_along_axis(vectors, first[:, :, None], axis=1)
            first = ops.minimum(first + size - 1, 2 * size - 2)
            own = ops.take_along_axis(vectors, first[:, :, None], axis=1)
        last = after[:, None, -units:]
        x = self.outputs(last, before[:, None], own[:, None], context, given)[:, 0]
        if several:
            x = ops.take_along_axis(x, place[:, :, None], axis=1)
        x = self.embedding(x[:, 0], reverse=True)
        # in float32 whatever the policy, for half of it would round the ids
        parts = [ops.cast(part, "float32") for part in (after, heard)]
        return keras.Model(
            inputs | {"state": state},
            {"logits": x, "state": ops.concatenate(parts, axis=-1)},
            name="language_model_step",
        )
