"""Builders of language models: what may follow each token of a sequence."""

from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import layers

from gru_apps.models.embeddings import NgramEmbedding, reversible_embedding
from gru_apps.models.gru import GRU
from gru_apps.models.language_views import LanguageModelParts
from gru_apps.models.places import SeparateOutputs, SharedOutputs
from gru_apps.models.stacks import check_dropout, check_sizes, gru_stack


class _StepAt:
    """What views of a language model have in common."""

    def step_at(self, place: int) -> keras.Model:
        """Returns a `step` for states that stand at `place` of a step, 0 the first.

        Whether they do is not checked. Only the first place runs the GRU, and each runs
        its own output layer alone (with `shared_outputs`, that of all), which takes a
        fraction of the time of `step`. Raises `ValueError` unless the place is below
        `tokens_per_step`.
        """
        return self.parts.step_at(place)


class LanguageModel(
    _StepAt, NamedTuple("Views", [("model", keras.Model), ("step", keras.Model)])
):
    """Views of one language model, which share their layers.

    `model` maps `token_ids` and, if it has one, `context_ids`, all `(batch, length)`,
    to the logits of what follows each token, `(batch, length, vocabulary_size)`; the
    context is that of the token that follows. `step` maps those of one token,
    `(batch,)`, and `state` `(batch, state_size)` to `{"logits": ..., "state": ...}`; a
    state of zeros, as wide as `step.input["state"].shape[-1]`, is the start. With
    several kinds of context, `context_ids` have them as a last axis.
    """


class GuidedLanguageModel(
    _StepAt,
    NamedTuple(
        "GuidedViews",
        [("model", keras.Model), ("step", keras.Model), ("ahead", keras.Model)],
    ),
):
    """Views of a language model that is told some of the tokens beforehand.

    All is as in `LanguageModel`, and `model` takes `given_ids` `(batch, length)` as
    well. Like the targets, they stand one place before the inputs: at each place the
    token that follows, if it is told, and 0 if it is not. `ahead` maps them to vectors
    `(batch, steps, given_units)`: what is told from each step on. `step` takes those of
    its step, as `given_ids` `(batch, tokens_per_step)` and `ahead` `(batch,
    given_units)`.
    """


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
    may be given as an id from 0 to `num_contexts - 1`; several numbers are as many
    kinds of context, whose embeddings add up. With a `longest_ngram` of 2 or more, a
    token is also embedded together with those before it (see `NgramEmbedding`), so that
    phrases need not be counted by the GRU. `output_dropout` is that before the last
    layers.

    With `tokens_per_step` above 1, say the voices of a chord or the fields of a record,
    the GRU takes one step for that many tokens, and a dense layer for each place
    predicts each of them, from the GRU's state, the tokens of the step before and those
    of its own step that come first. A length is then a multiple of `tokens_per_step`.
    The first step is that of the first targets: inputs are a start token, and then the
    targets less their last, so that a step of inputs begins one token early. With
    `shared_outputs` one layer does so for all places (see `SharedOutputs`): dozens of
    them, say the keys of a piano, are then built in seconds, and have few weights.

    With `given_units`, some tokens may be told beforehand, and the others are found for
    them: a GRU of that many units reads what is told from the end to the start, and the
    one that goes forwards reads its states. Steps of which nothing is told leave it as
    it is. A dense layer also sees what is told of its own step, from its place on.

    Raises `ValueError` for sizes that are not whole numbers in range, and for dropout
    that is not in [0, 1).
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
    parts = LanguageModelParts()
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
    if given_units:
        parts.reader = GRU(
            given_units, return_sequences=True, go_backwards=True, name="reader"
        )
        views = GuidedLanguageModel(parts.model(), parts.step(), parts.ahead())
    else:
        views = LanguageModel(parts.model(), parts.step())
    views.parts = parts
    return views


def _context_embeddings(num_contexts, dim):
    if isinstance(num_contexts, Sequence):
        sizes = [check_sizes(num_contexts=number)[0] for number in num_contexts]
        names = [f"context_{kind + 1}" for kind in range(len(sizes))]
    else:
        sizes = [size for size in check_sizes(0, num_contexts=num_contexts) if size]
        names = ["context"] * len(sizes)
    named = zip(sizes, names, strict=True)
    return [layers.Embedding(size, dim, name=name) for size, name in named]
