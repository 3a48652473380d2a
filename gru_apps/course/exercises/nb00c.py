"""Judges of notebook 00c, break it."""

import numpy as np

from gru_apps.course.exercises.checking import (
    as_array,
    as_choice,
    as_function,
    as_number,
    as_plain,
    exercise,
    expect,
)


@exercise("00c.1", "Pad with `np.pad(rows, [(0, 0), (0, 20)])`, and call `read` twice.")
def _ignores_padding(answer):
    ignores_padding = as_function(answer)
    rng = np.random.default_rng()
    weights = rng.normal(size=(9, 4))
    weights[0] = 0  # padding adds nothing to a sum
    readers = {
        "sums what is no padding": (lambda rows: weights[rows].sum(axis=1), True),
        "gives one answer to all": (lambda rows: np.ones((len(rows), 2)), True),
        "counts its steps": (lambda rows: rows.shape[1] * np.ones((2, 1)), False),
        "reads its last step": (lambda rows: weights[rows[:, -1]], False),
        "takes the mean of all steps": (lambda rows: weights[rows].mean(axis=1), False),
        "falls with padding": (lambda rows: -np.mean(rows == 0, axis=1), False),
    }
    for words, (read, right) in readers.items():
        rows = rng.integers(1, 9, (2, 7))
        said = as_plain(ignores_padding(read, rows))
        expect(
            isinstance(said, bool | np.bool_),
            "The function returns True or False.",
        )
        expect(said == right, f"A model that {words} gives {not right} with yours.")


@exercise("00c.2", "Set padding to 0, add up, and divide by the number of real steps.")
def _masked_mean(answer):
    masked_mean = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(3):
        states = rng.normal(size=(3, 7, 4))
        mask = np.arange(7) < rng.integers(1, 6, (3, 1))
        right = np.stack([s[m].mean(axis=0) for s, m in zip(states, mask, strict=True)])
        given = masked_mean(states.copy(), mask.copy())
        mean = as_array(given, (3, 4), "The mean")
        expect(not np.allclose(mean, states.mean(axis=1)), "That counts padding, too.")
        zeroed = np.where(mask[..., np.newaxis], states, 0)
        expect(
            not np.allclose(mean, zeroed.mean(axis=1)),
            "Padding adds nothing now, and still counts: divide by the real steps.",
        )
        expect(np.allclose(mean, right, atol=1e-5), "That is not the mean.")


@exercise("00c.3", "Give padding a score of minus infinity before the softmax.")
def _masked_softmax(answer):
    masked_softmax = as_function(answer)
    rng = np.random.default_rng()
    for scale in (1, 500):
        scores = rng.normal(size=(3, 6)) * scale
        mask = np.arange(6) < np.array([[2], [6], [4]])
        right = np.exp(scores - np.where(mask, scores, -np.inf).max(1, keepdims=True))
        right = np.where(mask, right, 0) / np.where(mask, right, 0).sum(1)[:, None]
        with np.errstate(all="ignore"):
            given = masked_softmax(scores.copy(), mask.copy())
        weights = as_array(given, (3, 6), "What the function returns")
        expect(np.allclose(weights[~mask], 0), "Padding gets some of the weight.")
        expect(
            np.allclose(weights.sum(axis=1), 1),
            "The weights of a row do not add up to 1: mask before the softmax.",
        )
        expect(np.allclose(weights, right, atol=1e-5), "That is not the softmax.")


@exercise("00c.4", "The sum is that of the real tokens. How many does the mean count?")
def _reported(answer):
    reported, right = as_number(answer), np.repeat([2.0, 0.0], [10, 30]).mean()
    expect(
        reported != 2, "That is the mean of the real tokens. `reduce_mean` takes all."
    )
    expect(
        abs(reported - right) < 0.005,
        "Add up the losses, and divide by the number of all tokens.",
    )


@exercise(
    "00c.5",
    "`keras.ops.log_softmax(logits)`; pick the entry of each id with "
    "`np.take_along_axis`; average where ids > 0, and change the sign.",
)
def _sequence_loss(answer):
    sequence_loss = as_function(answer)
    rng = np.random.default_rng()
    for scale in (1, 600):
        ids = rng.integers(1, 6, (3, 7))
        ids[np.arange(7) >= np.array([[2], [7], [4]])] = 0
        logits = rng.normal(size=(3, 7, 6)) * scale
        shifted = logits - logits.max(axis=-1, keepdims=True)
        nats = (
            np.log(np.exp(shifted).sum(axis=-1))
            - shifted[np.arange(3)[:, None], np.arange(7), ids]
        )
        with np.errstate(all="ignore"):
            given = sequence_loss(ids.copy(), logits.copy())
        loss = as_number(np.asarray(given)[()] if np.ndim(given) == 0 else given)
        of_rows = [n[i > 0].mean() for n, i in zip(nats, ids, strict=True)]
        for wrong, words in {
            nats.mean(): "That is the mean of all tokens, padding included.",
            (
                nats * (ids > 0)
            ).mean(): "Padding is 0 now, and still counts in the mean.",
            nats[
                ids > 0
            ].sum(): "That is the sum. Divide by the number of real tokens.",
            np.mean(of_rows): "That is the mean of the rows' means.",
            nats[ids > 0].mean() / np.log(2): "That is in bits.",
        }.items():
            expect(abs(loss - wrong) > 1e-6 * abs(wrong), words)
        right = nats[ids > 0].mean()
        expect(
            abs(loss - right) < 1e-4 * right,
            f"For logits of the size of {scale} it gives {loss:.3f}, not {right:.3f}.",
        )


@exercise("00c.6", "What comes after `cache` may differ between epochs. What before?")
def _broken(answer):
    import tensorflow as tf

    examples = tf.data.Dataset.range(20)
    pipelines = {
        "a": examples.cache().shuffle(20).batch(5),
        "b": examples.batch(5).cache().shuffle(4),
        "c": examples.shuffle(20).batch(5).cache().prefetch(1),
        "d": examples.cache().shuffle(20).batch(5).prefetch(1),
    }
    chosen = pipelines[as_choice(answer, list(pipelines))]
    passes = [
        tuple(number for batch in chosen.as_numpy_iterator() for number in batch)
        for _ in range(6)  # that four batches come in one order by chance
    ]
    expect(
        len(set(passes)) == 1,
        "We ran that one six times: the order of its numbers differs between epochs.",
    )


@exercise("00c.7", "`np.isin` says of each element whether it stands in another array.")
def _leaked_share(answer):
    leaked_share = as_function(answer)
    rng = np.random.default_rng()
    cases = [
        (np.array(["anna", "ben"]), np.array(["carl", "ben", "ben", "dora", "ben"])),
        (rng.integers(0, 30, 40), rng.integers(20, 60, 40)),
        (np.arange(9), np.arange(9, 20)),
    ]
    for train, test in cases:
        known = np.isin(test, train)
        given = as_number(leaked_share(train, test))
        expect(
            abs(given - known.mean()) < 1e-6,
            f"Of {len(test)} test examples, {known.sum()} are of groups that stand in "
            f"training. Your share is {given:.3g}.",
        )
