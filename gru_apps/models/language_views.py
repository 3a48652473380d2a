"""The views of a language model: of whole sequences, of one step, and what is ahead."""

import keras
import numpy as np
from keras import layers, ops

from gru_apps.models.places import end_to_end
from gru_apps.models.stacks import run_step


class LanguageModelParts:
    """The layers, which `build_language_model` sets, and the views that they make."""

    reader = None

    def __init__(self):
        self.steps = {}  # by place, as they are asked for

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
        x = end_to_end(vectors)
        if context is None:
            return x
        return ops.concatenate([x, context[..., 0, :]], axis=-1)

    def given(self):
        """Makes the input of what is told, its vectors by step, and those ahead."""
        given_ids = keras.Input((None,), dtype="int32", name="given_ids")
        by_step = layers.Reshape((-1, self.tokens_per_step), name="given_steps")
        ids = by_step(given_ids)
        vectors = self.embedding(ids)
        told = ops.any(ops.not_equal(ids, 0), axis=-1)
        ahead = self.reader(end_to_end(vectors), mask=told)
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

    def step_at(self, place):
        """Returns the view of a step at `place`, which is made once."""
        if not 0 <= place < self.tokens_per_step:
            raise ValueError(
                f"`place` must be 0 to {self.tokens_per_step - 1}. Received: {place=}"
            )
        if place not in self.steps:
            self.steps[place] = self.step(place)
        return self.steps[place]

    def step(self, place=None):
        """Makes the view of one step, at `place` or at that which the state tells."""
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
        after = state[:, :of_grus]
        if place in (None, 0):  # others go on from what the GRU has made
            _, after = run_step(self.grus, x, after)
        heard = recent[:, 1:]
        if several:
            # of NumPy, since a loose tensor would be one more input of an ONNX file
            last_ones = np.arange(size - 1, 2 * size - 1, dtype="int32")
            # those of the step before lie further back, the more of its own it has
            if place is None:
                here = ops.cast(state[:, -1:], "int32")
                after = ops.where(ops.equal(here, 0), after, state[:, :of_grus])
                first = ops.subtract(last_ones, here)[:, :, None]
                before = ops.take_along_axis(vectors, first, axis=1)
                first = ops.minimum(first + size - 1, 2 * size - 2)
                own = ops.take_along_axis(vectors, first, axis=1)
            else:  # the same for all rows, which is quicker to take
                here = ops.full_like(recent[:, :1], place)
                first = last_ones - place
                before = ops.take(vectors, first, axis=1)
                first = np.minimum(first + size - 1, 2 * size - 2)
                own = ops.take(vectors, first, axis=1)
            heard = ops.concatenate([heard, (here + 1) % size], axis=-1)
        last = after[:, None, -units:]
        own, before = own[:, None], before[:, None]
        x = self.outputs(last, before, own, context, given, place)[:, 0]
        if several and place is None:
            x = ops.take_along_axis(x, here[:, :, None], axis=1)
        x = self.embedding(x[:, 0], reverse=True)
        # in float32 whatever the policy, for half of it would round the ids
        parts = [ops.cast(part, "float32") for part in (after, heard)]
        return keras.Model(
            inputs | {"state": state},
            {"logits": x, "state": ops.concatenate(parts, axis=-1)},
            name="language_model_step" if place is None else f"at_{place}",
        )
