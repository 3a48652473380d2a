"""Exercises of `01_sentiment_analysis.ipynb`."""

import numpy as np

from gru_apps.course.exercises.checking import (
    Wrong,
    as_array,
    as_function,
    as_names,
    as_number,
    exercise,
    expect,
)

HOTELS = {"train": (800, 1200), "test": (700, 300)}  # negative, positive
NAMES = "The answer is a list of names, as they stand in the text."
IGNORE_ORDER = {"word counts", "mean of embeddings"}
MODELS = {"gru", "bigrams"} | IGNORE_ORDER


@exercise(
    "01.1",
    hint="Which label is commonest in training? Then count how many test reviews have "
    "that label.",
)
def majority_accuracy(answer):
    accuracy = as_number(answer)
    train, test = (np.array(HOTELS[name]) for name in ("train", "test"))
    share = test / test.sum()
    common = int(train.argmax())
    expect(
        abs(accuracy - train[common] / train.sum()) > 1e-3,
        "This is the share of the label in training. Accuracy is measured on the test.",
    )
    expect(
        abs(accuracy - share[1 - common]) > 1e-3,
        "This answers the commonest label of the test. A model may not look there.",
    )
    expect(
        abs(accuracy - share[common]) < 1e-3,
        "Divide the test reviews that have training's commonest label by all of them.",
    )


@exercise(
    "01.2",
    hint="The embedding is a table. The GRU has three parts, each with a matrix for "
    "the input, one for the state, and two biases. Dense has a matrix and a bias.",
)
def count_parameters(answer):
    count = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(3):
        words, dim, units = (int(size) for size in rng.integers(5, 90, 3))
        parts = {
            "the embedding": words * dim,
            "the GRU": 3 * units * (dim + units + 2),
            "the dense layer": 3 * units + 3,
        }
        total, number = (
            sum(parts.values()),
            as_number(count(words, dim, units)),
        )
        for name, size in parts.items():
            expect(number != total - size, f"Your function leaves out {name}.")
        expect(
            number != total - 3 * units,
            "Keras's GRU has two biases for each of its three parts, not one.",
        )
        expect(
            number == total,
            f"For {words} words, {dim} numbers a word and {units} units your function "
            f"returns {number:g}. Count the tables one by one.",
        )


@exercise(
    "01.3",
    hint="Every layer but one is right. Which layer of the small model tells the GRU "
    "where the padding is?",
)
def model_without_mask(answer):
    model = as_function(answer)()
    expect(
        hasattr(model, "get_weights") and getattr(model, "built", False),
        "Your function must return the model.",
    )
    rng = np.random.default_rng()
    short = rng.integers(1, 50, [2, 4])
    padded = np.pad(short, [(0, 0), (0, 5)])
    logits, other = (_logits(model, ids) for ids in (short, padded))
    reversed_logits = _logits(model, short[:, ::-1])
    expect(
        any("GRU" in type(layer).__name__ for layer in model.layers),
        "The model must keep its GRU.",
    )
    expect(
        np.abs(logits - reversed_logits).max() > 1e-7,
        "The model answers the same whatever the order is: its GRU reads nothing.",
    )
    difference = np.abs(logits - other).max()
    expect(
        difference < 1e-5,
        f"Five zeros after a sentence still change a logit by {difference:.0e}.",
    )


@exercise(
    "01.4",
    hint="The loss is least where the answer equals the target. Put the target into "
    "both places of the cross-entropy.",
)
def least_loss(answer):
    floor = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(3):
        ratings = rng.uniform(-4, 4, 20)
        p = 1 / (1 + np.exp(-ratings))
        right = -np.mean(p * np.log(p) + (1 - p) * np.log(1 - p))
        loss = as_number(floor(ratings.copy()))
        expect(
            abs(loss + np.mean(p * np.log(p))) > 1e-3,
            "Both labels add to the loss: positive with p, negative with 1 - p.",
        )
        expect(loss > 0, "A cross-entropy is above 0: mind the sign.")
        expect(
            abs(loss - right) < 1e-3,
            f"For 20 ratings your function returns {loss:.3f}. No answer can have less "
            f"than the entropy of the targets, {right:.3f} here.",
        )


@exercise(
    "01.5",
    hint="The larger the number, the narrower the interval: by its square root.",
)
def half_width(answer):
    width = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(4):
        p, n = float(rng.uniform(0.6, 0.95)), int(rng.integers(200, 9000))
        right = 1.96 * (p * (1 - p) / n) ** 0.5
        found = as_number(width(p, n))
        for factor, words in [
            (1.96, "This is one standard error. 95 % take 1.96 of them."),
            (0.5, "This is the whole interval. Half of it is asked for."),
        ]:
            expect(abs(found * factor / right - 1) > 1e-3, words)
        expect(
            abs(found / right - 1) < 0.03,
            f"For accuracy {p:.3f} of {n} sentences your function returns {found:.4g}.",
        )


@exercise(
    "01.6",
    hint="For the maximum, put a very low number, such as -1e9, where the mask is "
    "False. For the mean, put 0 there, and divide by how many words the mask counts.",
)
def pool(answer):
    pooled = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(3):
        batch, steps, units = (int(size) for size in rng.integers(3, 7, 3))
        # all below 0, so that a 0 at padding would be the largest
        states = -rng.uniform(0.1, 0.9, [batch, steps, units]).astype("float32")
        lengths = np.append(rng.integers(1, steps, batch - 1), steps)
        mask = np.arange(steps) < lengths[:, None]
        states[~mask] = 7.0
        right = [states[i, :n] for i, n in enumerate(lengths)]
        highest = np.stack([row.max(axis=0) for row in right])
        mean = np.stack([row.mean(axis=0) for row in right])
        found = as_array(pooled(states.copy(), mask.copy()), (batch, 2 * units))
        expect(
            np.allclose(found[:, :units], highest, atol=1e-4),
            "The first half must be the largest state of each unit, without padding.",
        )
        expect(
            np.allclose(found[:, units:], mean, atol=1e-4),
            "The second half must be the mean over the words, without padding.",
        )


@exercise(
    "01.8",
    hint="Multiply the log-odds by the opinions, add up, and divide by the sum of the "
    "opinions. The largest opinion is that of the text.",
)
def join(answer):
    joined = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(3):
        number = int(rng.integers(3, 7))
        opinion, log_odds = rng.uniform(0.1, 0.8, number), rng.normal(0.5, 2, number)
        opinion[0] = 0.95

        def score(mean, most):
            return most / (1 + np.exp(-mean)) + (1 - most) / 2

        weighted, most = np.average(log_odds, weights=opinion), opinion.max()
        found = as_number(joined(opinion.copy(), log_odds.copy()))
        if abs(found - score(weighted, most)) < 1e-3:
            continue
        expect(
            abs(found - score(log_odds.mean(), most)) > 1e-4,
            "This is the plain mean of the log-odds. Weigh each by its opinion.",
        )
        expect(
            abs(found - score(weighted, opinion.mean())) > 1e-4,
            "A text has an opinion if one sentence has: take the largest.",
        )
        expect(
            abs(found - most / (1 + np.exp(-weighted))) > 1e-4,
            "Half of what is left belongs to the score, too.",
        )
        raise Wrong(
            f"For opinions {opinion.round(2).tolist()} and log-odds "
            f"{log_odds.round(2).tolist()} your function returns {found:.3f} where "
            f"{score(weighted, most):.3f} is right."
        )


@exercise(
    "01.7",
    hint="Ask of each model: does any of its numbers depend on which word is next to "
    "which?",
)
def models_that_ignore_order(answer):
    names = as_names(answer, NAMES)
    expect(names, NAMES)
    chosen = {name.strip().lower() for name in names}
    if strange := chosen - MODELS:
        raise Wrong(f"There is no model of that name: {sorted(strange)[0]!r}.")
    if chosen - IGNORE_ORDER:
        raise Wrong("A model in your list reads which word stands beside which.")
    expect(chosen == IGNORE_ORDER, "One more model gives the same answer.")


def _logits(model, token_ids):
    return np.asarray(model(token_ids.astype("int32"), training=False))
