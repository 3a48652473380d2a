"""Judges of notebook 00b, what is said of the GRU."""

import numpy as np

from gru_apps.course.exercises.checking import (
    Wrong,
    as_function,
    as_number,
    exercise,
    expect,
)


@exercise("00b.1", "Twice the range is four times the variance. There are two numbers.")
def _error_of_the_mean(answer):
    error = as_number(answer)
    variance = 2**2 / 12  # of numbers drawn evenly from 0 to 2
    expect(
        not _near(error, variance),
        "1/3 is the variance of one number, and twice 1/6. Twice the range is four "
        "times the variance, and there are two numbers.",
    )
    expect(
        _near(error, 2 * variance),
        "Add the variances of the two numbers, each drawn from 0 to 2.",
    )


@exercise("00b.2", "The update gate is a sigmoid. What is the sigmoid of its bias?")
def _factor_per_step(answer):
    factor = as_number(answer)
    right = 1 / (1 + np.exp(-3))
    expect(0 < factor < 1, "A gate lies between 0 and 1.")
    expect(
        abs(factor - (1 - right)) > 0.01,
        "That is 1 - z, the share that is written. The state is kept with z.",
    )
    expect(
        abs(factor - right) < 0.006,
        "Put the bias into the sigmoid, 1 / (1 + exp(-bias)).",
    )


@exercise("00b.3", "First find z with z to the power of steps = share; then invert it.")
def _update_bias(answer):
    update_bias = as_function(answer)
    rng = np.random.default_rng()
    for steps in [1, *rng.integers(2, 400, 4)]:
        share = round(rng.uniform(0.1, 0.4), 3)
        bias = as_number(update_bias(int(steps), share))
        left = (1 / (1 + np.exp(-bias))) ** steps
        if abs(left - share) < 1e-3:
            continue
        expect(
            not _near(bias, share ** (1 / steps)),
            "That is the gate z itself. Return the bias whose sigmoid is z.",
        )
        raise Wrong(
            f"With your bias for {steps} steps and a share of {share}, {left:.3f} is "
            "left after them."
        )


@exercise("00b.4", "`np.cumprod` gives the products, `np.flatnonzero` the places.")
def _steps_until_half(answer):
    steps_until_half = as_function(answer)
    rng = np.random.default_rng()
    emptied = rng.integers(5, 40)
    gates = {
        f"gates of 0.99 at {emptied} steps, then one of 0": [0.99] * emptied + [0.0],
        "a constant gate of 0.9": [0.9] * 30,
        "a first gate of 0.3": [0.3, *rng.uniform(0.9, 1, 5)],
        "a gate of exactly one half": [1.0, 1.0, 0.5, 1.0],
        "gates drawn by lot": rng.uniform(0.6, 1, 30),
    }
    for words, update in gates.items():
        update = np.array(update)
        right = np.flatnonzero(np.cumprod(update) <= 0.5)[0] + 1
        number = as_number(steps_until_half(update.copy()))
        expect(
            number != right - 1,
            f"For {words} it is one too few: count steps from 1, places from 0.",
        )
        expect(
            number == right,
            f"For {words}, half is lost after {right} steps. Yours says {number:.3g}.",
        )
    never = steps_until_half(np.full(9, 0.99))
    expect(
        isinstance(never, float | np.floating | int) and never == np.inf,
        "Where more than half is left at the end, return `np.inf`.",
    )


@exercise("00b.5", "Each block has a matrix d by u, one u by u, and a bias of u.")
def _lstm_weights(answer):
    lstm_weights = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(4):
        d, u = (int(number) for number in rng.integers(2, 90, 2))
        number = as_number(lstm_weights(d, u))
        block = d * u + u * u + u
        expect(
            number != 4 * (block + u),
            "That has two biases a block. An LSTM of Keras has one.",
        )
        expect(number != 3 * block, "That has three blocks. An LSTM has four.")
        expect(
            number == 4 * block,
            f"With {d} inputs and {u} units there are {4 * block} weights. "
            f"Yours says {number:g}.",
        )


@exercise("00b.6", "Four blocks of n by n hold as much as three blocks of 200 by 200.")
def _lstm_units(answer):
    units = as_number(answer)
    expect(
        abs(units - 200 * 3 / 4) > 1,
        "Weights grow with the square of the units: take a square root.",
    )
    expect(units < 200, "An LSTM has more weights a unit, so it gets fewer units.")
    expect(
        abs(units - 200 * np.sqrt(3 / 4)) < 4,  # about
        "Solve 4 times n squared = 3 times 200 squared.",
    )


def _near(number, right):
    return abs(number - right) < 0.005
