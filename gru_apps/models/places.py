"""What stands in each place of a step: a layer for each, or one that they share.

Both are called with what all places know, `x` `(batch, steps, any)`, and with vectors
`(batch, steps, size, any)`: `before` of the tokens of the step before; `own` of the
last of these and then the tokens of the step itself, but its last; `context`, whose
third axis may be 1, or None; and `given`, what is told of the step, or None. A place
hears the tokens of its own step that come first, and what is told from it on. They
return `(batch, steps, size, dim)`, from which logits are made, or `(batch, steps, 1,
dim)` of one `place`.
"""

from keras import layers, ops

from gru_apps.models.layers import over_steps


class SeparateOutputs:
    """A dense layer for each place, over all that it hears, end to end."""

    def __init__(self, size, units, dim, dropout):
        self.outputs = [
            layers.Dense(units, activation="silu", name=f"output_{place + 1}")
            for place in range(size)
        ]
        self.drop = layers.Dropout(dropout, name="output_dropout")
        self.projection = layers.Dense(dim, name="projection")

    def __call__(self, x, before, own, context=None, given=None, place=None):
        """Returns vectors of the places, or of one."""
        vectors = []
        places = range(len(self.outputs)) if place is None else [place]
        for place in places:
            heard = [self.drop(x), end_to_end(before)]
            if place:
                heard += [end_to_end(own[:, :, 1 : place + 1])]
            if context is not None:
                heard += [context[:, :, min(place, context.shape[2] - 1)]]
            if given is not None:
                heard += [end_to_end(given[:, :, place:])]
            units = over_steps(self.outputs[place], ops.concatenate(heard, axis=-1))
            vectors.append(over_steps(self.projection, self.drop(units)))
        return ops.stack(vectors, axis=2)


class SharedOutputs:
    """One layer for all places at once, to which each token adds what it tells.

    The hidden units of place `p` are `silu(W [x, before] + sum of U[q] own[q] for q <=
    p)`: `W` is one matrix for all places, and what a token tells those after it is
    computed once. What is told of the step adds up likewise, from its end.

    Reference: Uria et al., 2016, arXiv:1605.02226 ("NADE"), section 2.
    """

    def __init__(self, size, units, dim, dropout):
        def by_place(width, name):
            shapes = {"output_shape": (None, size, width), "bias_axes": "po"}
            return layers.EinsumDense("btpi,pio->btpo", **shapes, name=name)

        self.of_step = layers.Dense(units, use_bias=False, name="step_output")
        self.of_context = layers.Dense(units, use_bias=False, name="context_output")
        self.of_own = by_place(units, "own_output")
        self.of_given = by_place(units, "given_output")
        self.drop = layers.Dropout(dropout, name="output_dropout")
        self.projection = by_place(dim, "projection")

    def __call__(self, x, before, own, context=None, given=None, place=None):
        """Returns vectors of the places, or of one."""
        known = ops.concatenate([self.drop(x), end_to_end(before)], axis=-1)
        x = over_steps(self.of_step, known)[:, :, None]
        x = x + ops.cumsum(self.of_own(own), axis=2)
        if context is not None:
            x = x + self.of_context(context)
        if given is not None:
            told = self.of_given(given)
            so_far = ops.cumsum(told, axis=2) - told
            x = x + ops.sum(told, axis=2, keepdims=True) - so_far
        vectors = self.projection(self.drop(ops.silu(x)))
        return vectors if place is None else vectors[:, :, place : place + 1]


def end_to_end(vectors):
    """Joins vectors `(batch, steps, places, dim)` to `(batch, steps, places * dim)`."""
    return layers.Reshape((-1, vectors.shape[2] * vectors.shape[3]))(vectors)
