"""Judges of notebook 00a, the GRU by hand. Weights are in Keras's order: z, r, h."""

import numpy as np

from gru_apps.course.exercises.checking import (
    as_array,
    as_function,
    as_number,
    as_several,
    exercise,
    expect,
)


@exercise("00a.1", "First the candidate: what does a reset gate of 0 leave to tanh?")
def _one_step_of_one_unit(answer):
    held, z, number = 0.6, 0.75, 0.0
    candidates = {r: np.tanh(number + r * held) for r in (0, 1)}
    answer = as_number(answer)
    swapped = (1 - z) * held + z * candidates[0]
    expect(
        not _near(answer, swapped),
        "The update gate says how much is kept: 0.75 of the old state, not of the new.",
    )
    expect(
        not _near(answer, z * held + (1 - z) * candidates[1]),
        "The reset gate is 0: the candidate does not see the old state.",
    )
    expect(
        _near(answer, z * held + (1 - z) * candidates[0]),
        "The next state is z times the old one plus 1 - z times the candidate.",
    )


@exercise("00a.2", "The count is three times that of one block. Count a block's parts.")
def _count_of_parameters(answer):
    count = as_function(answer)
    for inputs, units in [(3, 5), (1, 1), (7, 2), (40, 128)]:
        block = inputs * units + units * units
        counted = as_number(count(inputs, units))
        where = f"With {inputs} inputs and {units} units"
        expect(
            counted != 3 * (block + units),
            f"{where} this is the count of the form with one bias. Here there are two.",
        )
        expect(
            counted == 3 * (block + 2 * units),
            f"{where} a GRU with two biases does not have {counted:g} parameters.",
        )


@exercise("00a.3", "Two products do: `x @ W + b[0]` and `h @ U + b[1]`. Then np.split.")
def _step_after_the_product(answer):
    _judge_step(as_function(answer), _step, MISTAKES)


@exercise("00a.4", "Sigmoid of minus a is 1 minus sigmoid of a. Which columns are z's?")
def _weights_of_the_other_convention(answer):
    convert = as_function(answer)
    weights = _weights(inputs=3, units=4, seed=7)
    answer = convert(*(weight.copy() for weight in weights))
    words = "The function returns three arrays: kernel, recurrent kernel and bias."
    as_several(answer, 3, words)
    names = ("The kernel", "The recurrent kernel", "The bias")
    converted = [
        as_array(part, weight.shape, name)
        for part, weight, name in zip(answer, weights, names, strict=True)
    ]
    for name, part, weight in zip(names, converted, weights, strict=True):
        expect(
            not np.allclose(part, weight),
            f"{name} is as it was: it belongs to the update gate, too.",
        )
        expect(
            np.allclose(part[:, 4:], weight[:, 4:]),
            f"{name} has changed for the reset gate or the candidate. "
            "Only the update gate differs between the two conventions.",
        )
    x, h = _inputs(inputs=3, units=4, seed=8)
    expected = _step(x, h, *weights, keeps=False)
    expect(
        np.allclose(_step(x, h, *converted), expected, atol=1e-6),
        "With these weights Keras's step and the other one still differ.",
    )


@exercise("00a.5", "First find z. Then ask: of which number is z the sigmoid?")
def _bias_that_holds_one_half(answer):
    bias = as_number(answer)
    z = 1 / (1 + np.exp(-np.clip(bias, -500, 500)))
    left = z**100
    expect(
        0.495 < left < 0.505,
        f"With this bias {left:.3f} of the state is left after 100 steps.",
    )


@exercise(
    "00a.6", "Compare it with the table: order of the blocks, gates, candidate, sum."
)
def _mended_step(answer):
    _judge_step(as_function(answer), _step, LEFT_TO_MEND)


@exercise(
    "00a.7", "W has two blocks now: update and candidate. Leave r out of the candidate."
)
def _step_without_reset(answer):
    _judge_step(as_function(answer), _step_without, KEEPING, blocks=2)


def _judge_step(step, expected, mistakes, blocks=3):
    """Compares a step of a reader with ours, and knows the likely mistakes."""
    for inputs, units, seed in [(2, 3, 0), (5, 4, 1), (1, 1, 2)]:
        weights = _weights(inputs, units, seed, blocks)
        x, h = _inputs(inputs, units, seed + 9)
        copies = [array.copy() for array in (x, h, *weights)]
        answer = as_array(step(*copies), h.shape, "The new state")
        for words, mistake in mistakes.items():
            made = expected(x, h, *weights, **mistake)
            expect(not np.allclose(answer, made, atol=1e-4), words)
        expect(
            np.allclose(answer, expected(x, h, *weights), atol=1e-4),
            f"With {inputs} inputs and {units} units the new state is another one. "
            "Print z and the candidate, and compare them with the equations.",
        )


def _step(x, h, W, U, b, *, keeps=True, order="zrh", before=False):
    """A step of Keras's GRU, or with one mistake; arrays are as in the notebook."""
    blocks = [dict(zip(order, np.split(m, 3, axis=1), strict=True)) for m in (W, U, b)]
    of_x = {name: x @ blocks[0][name] + blocks[2][name][0] for name in order}
    of_h = {name: h @ blocks[1][name] + blocks[2][name][1] for name in order}
    z, r = (_sigmoid(of_x[name] + of_h[name]) for name in "zr")
    inner = r * of_h["h"]
    if before:
        inner = (r * h) @ blocks[1]["h"] + blocks[2]["h"][1]
    candidate = np.tanh(of_x["h"] + inner)
    return z * h + (1 - z) * candidate if keeps else (1 - z) * h + z * candidate


def _step_without(x, h, W, U, b, *, keeps=True):
    """A step whose only gate is the update gate."""
    (x_z, x_h), (h_z, h_h) = (
        np.split(a, 2, axis=1) for a in (x @ W + b[0], h @ U + b[1])
    )
    z, candidate = _sigmoid(x_z + h_z), np.tanh(x_h + h_h)
    return z * h + (1 - z) * candidate if keeps else (1 - z) * h + z * candidate


KEEPING = {
    "An update gate near 1 keeps here: z belongs to the old state.": {"keeps": False}
}
MISTAKES = KEEPING | {
    "The blocks are in Keras's order: update, reset, candidate.": {"order": "rzh"},
    "The reset gate comes after the product: r * (h @ U_h + c_h).": {"before": True},
}
LEFT_TO_MEND = {
    "Both mistakes are still there: compare each line with the equations.": {
        "order": "rzh",
        "keeps": False,
    },
    "One mistake is left, in the last line.": {"keeps": False},
    "One mistake is left, above the gates.": {"order": "rzh"},
}


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _weights(inputs, units, seed, blocks=3):
    rng = np.random.default_rng(seed)
    sizes = [(inputs, blocks * units), (units, blocks * units), (2, blocks * units)]
    return [rng.normal(size=size) for size in sizes]


def _inputs(inputs, units, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, inputs)), rng.normal(size=(4, units))


def _near(answer, expected):
    return abs(answer - expected) < 2e-3
