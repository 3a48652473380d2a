"""Judges of the exercises of `08_ship_it`."""

import numpy as np

from gru_apps.course.exercises.checking import (
    Wrong,
    as_array,
    as_choice,
    as_function,
    as_number,
    as_plain,
    as_several,
    exercise,
    expect,
)


@exercise("08.1", "What is it that only training needs?")
def _optimizer(answer):
    word = as_choice(answer, ["weights", "tokenizer", "optimizer"])
    expect(word != "weights", "Without weights a network answers nothing.")
    expect(word != "tokenizer", "Without it nobody can send raw text.")


@exercise("08.2", "Put `@tf.function(input_signature=[...])` above the function.")
def _shout(answer):
    import tensorflow as tf

    expect(
        hasattr(answer, "get_concrete_function"),
        "The answer is a tf.function: put @tf.function above it.",
    )
    concrete = answer.get_concrete_function()
    inputs = concrete.structured_input_signature
    specs = [*inputs[0], *inputs[1].values()]
    expect(len(specs) == 1, "It takes exactly one input.")
    expect(specs[0].name == "text", f"The input is named {specs[0].name!r}, not text.")
    expect(specs[0].dtype == tf.string, "The input is made of strings.")
    expect(specs[0].shape.as_list() == [None], "The batch may have any size: [None].")
    said = answer(tf.constant(["Ab", "c"]))
    expect(
        isinstance(said, dict) and set(said) == {"loud"}, "It returns {'loud': ...}."
    )
    expect([*said["loud"].numpy()] == [b"AB", b"C"], "The texts are not in upper case.")


@exercise("08.3", "Compare names, then shapes, then numbers; NaN fails every <=.")
def _same(answer):
    same = as_function(answer)
    expected = {"a": np.ones((2, 3)), "b": np.zeros(2)}
    cases = [
        ({"a": np.ones((2, 3)), "b": np.zeros(2)}, True, "equal answers"),
        ({"a": np.ones((2, 3)) + 1e-7, "b": np.zeros(2)}, True, "tiny differences"),
        ({"a": np.ones((2, 3))}, False, "an output that is missing"),
        (dict(expected, c=np.ones(1)), False, "an output too many"),
        ({"a": np.ones((1, 3)), "b": np.zeros(2)}, False, "another shape"),
        ({"a": np.ones((2, 3)), "b": np.array([0, 0.1])}, False, "another number"),
        ({"a": np.ones((2, 3)), "b": np.array([0, -0.1])}, False, "a lower number"),
        ({"a": np.ones((2, 3)), "b": np.array([0, 5e-5])}, False, "5e-5 more"),
        ({"a": np.full((2, 3), np.nan), "b": np.zeros(2)}, False, "NaN"),
    ]
    for answers, right, words in cases:
        said = same(answers, expected)
        said = as_plain(said)
        expect(isinstance(said, bool | np.bool_), "It returns True or False.")
        expect(bool(said) == right, f"For {words} it returns {said}.")
    broken = {"a": np.array([np.nan])}
    expect(not same(broken, broken), "NaN is never the same, not even as NaN.")


@exercise("08.4", "Eight bits are a byte, a thousand bytes a kilobyte.")
def _kilobytes(answer):
    kilobytes = as_function(answer)
    rng = np.random.default_rng()
    for bits in [8, 16, 32]:
        number = int(rng.integers(1000, 10**6))
        value, right = as_number(kilobytes(number, bits)), number * bits / 8000
        expect(
            abs(value - 8 * right) > 1e-6 * right, "That is in bits: a byte has eight."
        )
        expect(
            abs(value - right) < 1e-6 * right,
            f"For {number} parameters of {bits} bits it returns {value:.1f}.",
        )


@exercise("08.5", "Keep the sum and the number in the state, and return both anew.")
def _running_mean(answer):
    step = as_function(answer)
    rng = np.random.default_rng()
    callers = [(rng.normal(size=6), (0.0, 0)) for _ in range(2)]
    sums = [list(numbers) for numbers, _ in callers]
    states = [state for _, state in callers]
    for place in range(6):
        for caller in range(2):  # in turns: a global variable would mix them up
            answer = step(float(sums[caller][place]), states[caller])
            words = "It returns two things, the mean and the state."
            pair = as_several(answer, 2, words)
            value, states[caller] = as_number(pair[0]), pair[1]
            right = np.mean(sums[caller][: place + 1])
            expect(
                abs(value - right) < 1e-9,
                f"After {place + 1} numbers the mean is wrong: is all of it in the "
                "state?",
            )


@exercise("08.6", "`tf.reduce_mean(x)` is computed in the graph, at each call.")
def _centred(answer):
    import tensorflow as tf

    centred = as_function(answer)
    try:
        # without AutoGraph, which would write `Wrong` anew
        centred = tf.function(centred, autograph=False).get_concrete_function(
            tf.TensorSpec([None], tf.float32)
        )
    except NotImplementedError:  # what NumPy is told of a tensor without numbers
        raise Wrong("NumPy cannot compute in a graph: use TensorFlow.") from None
    rng = np.random.default_rng()
    for number in [3, 5]:
        x = rng.normal(size=number).astype("float32") + 7
        found = as_array(centred(tf.constant(x)), (number,), "What it returns")
        expect(
            np.allclose(found, x - x.mean(), atol=1e-4),
            "It does not subtract the mean of what it is given.",
        )
