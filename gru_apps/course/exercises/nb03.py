"""Judges of the exercises of `03_speech_features`."""

import numpy as np

from gru_apps.course.exercises.checking import (
    as_array,
    as_choice,
    as_function,
    as_number,
    exercise,
    expect,
)


@exercise("03.1", "Count the samples, divide by 200, and add the frame at sample 0.")
def _number_of_frames(answer):
    number_of_frames = as_function(answer)
    for seconds, right in [(0.125, 6), (1.0, 41), (0.5, 21), (0.03, 2), (0.0, 1)]:
        value = as_number(number_of_frames(seconds))
        expect(value != right - 1, "It is one too few: the first is around sample 0.")
        expect(
            value == right,
            f"A clip of {seconds} seconds does not have {value:g} frames.",
        )


@exercise("03.2", "Compute mean and spread once, from the training frames.")
def _scale(answer):
    scale = as_function(answer)
    rng = np.random.default_rng()
    train, test = rng.normal(3, 2, size=(50, 3)), rng.normal(9, 1, size=(20, 3))
    pair = scale(train.copy(), test.copy())
    expect(isinstance(pair, tuple | list) and len(pair) == 2, "It returns two arrays.")
    scaled = [
        as_array(array, shape, "What it returns")
        for array, shape in zip(pair, [(50, 3), (20, 3)], strict=True)
    ]
    mean, spread = train.mean(axis=0), train.std(axis=0)
    expect(
        np.allclose(scaled[0], (train - mean) / spread),
        "The training frames do not have mean 0 and spread 1.",
    )
    expect(
        np.allclose(scaled[1], (test - mean) / spread),
        "The test frames are not scaled by the numbers of the training frames.",
    )


@exercise("03.3", "Split both products in three; the reset gate multiplies the third.")
def _step(answer):
    import keras

    step = as_function(answer)
    rng = np.random.default_rng()
    d, u = 3, 4
    cell = keras.layers.GRUCell(u)
    cell.build((None, d))
    weights = [rng.normal(size=w.shape).astype("float32") for w in cell.weights]
    cell.set_weights(weights)
    W, U, b = weights
    x, h = (rng.normal(size=(2, n)).astype("float32") for n in (d, u))
    right = np.asarray(cell(x, h)[0])
    found = as_array(step(x, h, W, U, b), (2, u), "The new state")
    z, r = (
        1 / (1 + np.exp(-(x @ W[:, i] + b[0, i] + h @ U[:, i] + b[1, i])))
        for i in (slice(0, u), slice(u, 2 * u))
    )
    block = slice(2 * u, 3 * u)
    late = np.tanh(x @ W[:, block] + b[0, block] + r * (h @ U[:, block] + b[1, block]))
    expect(
        not np.allclose(found, (1 - z) * h + z * late, atol=1e-4),
        "Update gate near 1 must keep the old state, not write.",
    )
    early = np.tanh(x @ W[:, block] + b[0, block] + (r * h) @ U[:, block] + b[1, block])
    expect(
        not np.allclose(found, z * h + (1 - z) * early, atol=1e-4),
        "That is the form with the reset gate before the product. Keras's is after it.",
    )
    expect(
        np.allclose(found, right, atol=1e-4),
        "The new state is not that of Keras's cell.",
    )


@exercise("03.4", "p is right / n. Take the square root before you multiply by 1.96.")
def _margin(answer):
    margin = as_function(answer)
    for right, n in [(291, 300), (150, 300), (80, 100), (7, 20)]:
        p = right / n
        value, wanted = as_number(margin(right, n)), 1.96 * (p * (1 - p) / n) ** 0.5
        expect(
            abs(value - wanted) < 1e-6,
            f"For {right} of {n} it returns {value:.4f}.",
        )


@exercise("03.5", "Look at the first figure: which panel has numbers far from 0?")
def _silence(answer):
    word = as_choice(answer, ["level", "shape"])
    expect(word == "level", "Silence is a very low level: a number far below 0.")


@exercise("03.6", "Compare an array of the speakers with the one that is held out.")
def _split(answer):
    split = as_function(answer)
    for speakers, held_out in [
        (["a", "b", "a", "c"], "a"),
        (["c", "b", "b"], "b"),
        (["b", "a", "a", "a"], "a"),
    ]:
        pair = split(list(speakers), held_out)
        expect(
            isinstance(pair, tuple | list) and len(pair) == 2, "It returns two arrays."
        )
        train, test = (as_array(part, (len(speakers),), "Each array") for part in pair)
        right = np.array([speaker == held_out for speaker in speakers])
        expect(((train != 0) ^ (test != 0)).all(), "A clip is lost, or on both sides.")
        expect(
            ((test != 0) == right).all(), "The test is not all clips of the speaker."
        )


@exercise("03.7", "For each clip: take its real frames, turn them, put them in front.")
def _reverse(answer):
    reverse = as_function(answer)
    rng = np.random.default_rng()
    batch, mask = rng.normal(size=(3, 6, 2)), np.arange(6) < np.array([[6], [4], [1]])
    batch[~mask] = 0
    found = as_array(reverse(batch.copy(), mask.copy()), batch.shape, "The batch")
    expect(
        not np.allclose(found, batch[:, ::-1]), "The padding must stay on the right."
    )
    for row, clip, real in zip(found, batch, mask, strict=True):
        expect((row[~real] == 0).all(), "The padding must stay zeros, on the right.")
        expect(np.allclose(row[real], clip[real][::-1]), "A clip is not turned around.")
