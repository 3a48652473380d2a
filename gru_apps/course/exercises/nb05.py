"""Judges of the exercises of `05_language_modeling`."""

import numpy as np

from gru_apps.course.exercises.checking import (
    as_array,
    as_choice,
    as_function,
    as_number,
    as_several,
    exercise,
    expect,
)


@exercise("05.1", "The probability of the right token is 1/2048. Take its logarithm.")
def _uniform(answer):
    value = as_number(answer)
    expect(abs(value - 11) > 0.1, "That is in bits. Use the natural logarithm.")
    expect(value > 0, "A loss is minus a log-probability, so it is above 0.")
    expect(abs(value - np.log(2048)) < 0.03, "Take minus the logarithm of 1/2048.")


@exercise("05.2", "Targets are the stream from its second token on. Cut both alike.")
def _shift(answer):
    shift = as_function(answer)
    rng = np.random.default_rng()
    for length, number in [(4, 13), (5, 21), (3, 9)]:
        stream = rng.integers(2, 99, number)
        words = "The function returns two arrays, inputs and targets."
        pair = as_several(shift(stream, length), 2, words)
        rows = (number - 1) // length
        inputs = as_array(pair[0], (rows, length), "The array of inputs")
        targets = as_array(pair[1], (rows, length), "The array of targets")
        flat = stream[: rows * length].reshape(rows, length)
        expect((inputs == flat).all(), "The inputs are not the stream, row by row.")
        flat = stream[1 : rows * length + 1].reshape(rows, length)
        expect((targets == flat).all(), "A target is the token after its input.")


@exercise("05.3", "Bits a token are the binary logarithm of the perplexity.")
def _bits(answer):
    bits = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(5):
        perplexity, length = rng.uniform(2, 900), rng.uniform(1, 6)
        value, right = as_number(bits(perplexity, length)), np.log2(perplexity) / length
        expect(
            abs(value - right * np.log(2)) > 1e-6 * right,
            "That is in nats. A bit is the binary logarithm.",
        )
        expect(
            abs(value - right) < 1e-6 * right,
            f"For a perplexity of {perplexity:.0f} and {length:.1f} characters a token "
            f"it gives {value:.3f}.",
        )


@exercise("05.4", "Try all eleven shares, and sum minus the logarithms of the mixture.")
def _best_share(answer):
    best_share = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(5):
        p, q = rng.uniform(0.01, 1, (2, 40))
        shares = np.linspace(0, 1, 11)
        nats = [-np.log(share * p + (1 - share) * q).sum() for share in shares]
        value = as_number(best_share(p.copy(), q.copy()))
        expect(
            abs(value - shares[int(np.argmin(nats))]) < 1e-6,
            f"It returns {value:.2f}, where another share has fewer nats.",
        )
    sure, lost = np.full(9, 0.9), np.full(9, 0.1)
    expect(
        as_number(best_share(sure, lost))
        > 0.9
        > 0.1
        > as_number(best_share(lost, sure)),
        "Where one model is always better, its share is all.",
    )


@exercise("05.5", "Divide, take the exponential, and divide by the sum.")
def _probabilities(answer):
    probabilities = as_function(answer)
    rng = np.random.default_rng()
    for temperature in [0.5, 1.0, 2.5]:
        logits = rng.normal(size=7) * 3
        p = as_array(probabilities(logits.copy(), temperature), (7,), "What it returns")
        expect(abs(p.sum() - 1) < 1e-5, "The probabilities do not add up to 1.")
        right = np.exp(logits / temperature - (logits / temperature).max())
        expect(
            np.allclose(p, right / right.sum(), atol=1e-5),
            f"They are wrong at temperature {temperature}.",
        )
    with np.errstate(all="ignore"):
        high = probabilities(np.array([2000.0, 0.0]), 1.0)
    overflow = "For [2000, 0] it overflows: subtract the largest logit first."
    expect(np.isfinite(np.asarray(high, "float64")).all(), overflow)
    expect(as_array(high, (2,), "For [2000, 0] it")[0] > 0.99, overflow)


@exercise("05.6", "A token stays if what comes before it does not reach top_p yet.")
def _nucleus(answer):
    nucleus = as_function(answer)
    for p, top_p, right in [
        ([0.6, 0.3, 0.1], 0.5, [1, 0, 0]),
        ([0.1, 0.3, 0.6], 0.7, [0, 1, 1]),
        ([0.25, 0.4, 0.35], 1.0, [1, 1, 1]),
        ([0.05, 0.15, 0.5, 0.3], 0.79, [0, 0, 1, 1]),
        ([0.9, 0.1], 0.01, [1, 0]),
    ]:
        kept = as_array(nucleus(np.array(p), top_p), (len(p),), "What it returns")
        expect(kept.any(), f"For {p} and {top_p} it keeps no token at all.")
        expect(
            (kept.astype(bool) == np.array(right, bool)).all(),
            f"For {p} and {top_p} it keeps the wrong tokens.",
        )


@exercise("05.7", "The likeliest word after a common phrase is the common one.")
def _beam(answer):
    word = as_choice(answer, ["varied", "repetitive", "surprising"])
    expect(word != "surprising", "What is likeliest surprises least.")
    expect(word == "repetitive", "Only drawing brings variety; a beam does not draw.")
