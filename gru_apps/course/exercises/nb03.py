"""Judges of the exercises of notebook 03, spoken digits."""

import numpy as np

from gru_apps.course.exercises.checking import (
    as_array,
    as_function,
    as_number,
    as_several,
    exercise,
    expect,
)

SAMPLE_RATE, FRAME_STEP = 8000, 200


@exercise(
    "03.1",
    "Turn seconds into samples. Count how often 200 goes into them, and do not forget "
    "the frame on sample 0.",
)
def judge_number_of_frames(answer):
    number_of_frames = as_function(answer)
    for samples in [1000, 8000, 4000, 240, 0, 1799]:
        seconds = samples / SAMPLE_RATE
        found = as_number(number_of_frames(seconds))
        right = 1 + samples // FRAME_STEP
        words = f"A clip of {seconds:g} seconds has not {found:g} frames."
        one_less = "One too few. Samples first, then frames, that on sample 0, too."
        expect(found != right - 1, f"{words} {one_less}")
        words = f"{words} It has {samples} samples."
        expect(found == right, f"{words} Only whole steps of 200 bring a new frame.")


@exercise(
    "03.2",
    "Four times the power adds `10 * np.log10(4)` decibels to each of the 128 levels. "
    "What is the sum of that over all levels, divided by the square root of 128?",
)
def judge_rise(answer):
    rise = as_number(answer)
    level = 10 * np.log10(4)
    right = 128 * level / np.sqrt(128)
    told = {
        level: "That is the rise of each level. Coefficient 0 is made of 128 of them.",
        128 * level: "That is the sum. It is divided by the square root of 128.",
        right / 2: "That is twice the power. Twice the samples are four times of it.",
    }
    for wrong, words in told.items():
        expect(abs(rise - wrong) > 0.5, words)
    words = "each of the 128 levels rises by the decibels of four times the power."
    expect(abs(rise - right) < 0.5, f"That is not the rise: {words}")


@exercise(
    "03.3",
    "A test clip must not tell how it is scaled. Compute mean and spread once, from "
    "the training frames, before the loop.",
)
def judge_scale(answer):
    scale = as_function(answer)
    generator = np.random.default_rng(33)
    train, test = generator.normal(3, 2, (50, 3)), generator.normal(9, 1, (20, 3))
    found = as_several(
        scale(train.copy(), test.copy()),
        2,
        "The function returns both arrays of frames.",
    )
    mean, spread = train.mean(axis=0), train.std(axis=0)
    scaled = as_array(found[0], train.shape, "The first array")
    words = "The training frames must get mean 0 and spread 1 in each column."
    expect(np.allclose(scaled, (train - mean) / spread, atol=1e-6), words)
    scaled = as_array(found[1], test.shape, "The second array")
    both = np.concatenate([train, test])
    own = (test - test.mean(axis=0)) / test.std(axis=0)
    expect(
        not np.allclose(scaled, own, atol=1e-6),
        "The test frames are scaled by their own mean and spread. A single new clip "
        "could not be scaled so.",
    )
    expect(
        not np.allclose(scaled, (test - both.mean(axis=0)) / both.std(axis=0)),
        "Mean and spread are those of all frames, the test's among them.",
    )
    words = "The test frames must be scaled by the numbers of the training frames."
    expect(np.allclose(scaled, (test - mean) / spread, atol=1e-6), words)


@exercise(
    "03.4",
    "What does a frame of zeros become when a mean is taken off? Look for the zeros "
    "before that.",
)
def judge_scale_padded(answer):
    scale_padded = as_function(answer)
    generator = np.random.default_rng(34)
    lengths = np.array([[6], [4], [1]])
    real = np.arange(6) < lengths
    batch = generator.normal(2, 3, size=(3, 6, 4))
    mean, spread = generator.normal(2, 1, size=4), generator.uniform(1, 4, size=4)
    batch[0, 1] = mean  # a real frame that is scaled to zeros
    batch[1, 2] = [1, -1, 0, 0]  # a real frame whose sum is 0
    batch[~real] = 0
    found = scale_padded(batch.copy(), mean.copy(), spread.copy())
    scaled, mask = as_several(
        found, 2, "The function returns the scaled batch and its mask."
    )
    mask = as_array(mask, real.shape, "The mask") != 0
    scaled = as_array(scaled, batch.shape, "The scaled batch")
    expect(not mask[~real].any(), "Some frames of padding still count as real.")
    expect(mask[real].all(), "Some real frames count as padding now.")
    right = (batch - mean) / spread
    expect(np.allclose(scaled[real], right[real]), "Real frames are not scaled right.")


@exercise(
    "03.5",
    "Split `x @ W + b[0]` and `h @ U + b[1]` into three blocks each. Update and reset "
    "gate are the sigmoid of the sum of the first, and of the second blocks. The reset "
    "gate multiplies the third block of the state.",
)
def judge_gru_step(answer):
    gru_step = as_function(answer)
    generator = np.random.default_rng(35)
    x, h = generator.normal(size=(2, 3)), generator.normal(size=(2, 4))
    W, U, b = (generator.normal(size=(n, 12)) for n in (3, 4, 2))
    given = (part.copy() for part in (x, h, W, U, b))
    found = gru_step(*given)
    found = as_array(found, h.shape, "The new state")
    of_x, of_h = np.split(x @ W + b[0], 3, axis=1), np.split(h @ U + b[1], 3, axis=1)
    z, r = (1 / (1 + np.exp(-of_x[i] - of_h[i])) for i in (0, 1))
    candidate = np.tanh(of_x[2] + r * of_h[2])
    before = np.tanh(of_x[2] + (r * h) @ np.split(U, 3, axis=1)[2] + b[1, 8:])
    no_bias = np.tanh(of_x[2] + r * (of_h[2] - b[1, 8:]))
    mistakes = {
        "Near 1, the update gate keeps the old state.": z * candidate + (1 - z) * h,
        "The first block is the update gate, the second the reset gate.": r * h
        + (1 - r) * np.tanh(of_x[2] + z * of_h[2]),
        "The reset gate comes after the product with U, as in Keras.": z * h
        + (1 - z) * before,
        "The reset gate is missing.": z * h + (1 - z) * np.tanh(of_x[2] + of_h[2]),
        "The second row of b belongs to all three blocks.": z * h + (1 - z) * no_bias,
        "That is the candidate: mix it with the old state.": candidate,
    }
    for words, wrong in mistakes.items():
        expect(not np.allclose(found, wrong, atol=1e-5), words)
    right = z * h + (1 - z) * candidate
    words = "The new state is not that of a GRU. Compare it, block by block, with"
    expect(np.allclose(found, right, atol=1e-5), f"{words} the equations of 00a.")


@exercise(
    "03.6",
    "First `p = right / n`. Then take the root of `p * (1 - p) / n`, and multiply it "
    "by 1.96.",
)
def judge_margin(answer):
    margin = as_function(answer)
    for right, n in [(291, 300), (150, 300), (80, 100), (7, 20)]:
        found = as_number(margin(right, n))
        p = right / n
        error = (p * (1 - p) / n) ** 0.5
        words = f"For {right} of {n} it returns {found:.4f}."
        told = {
            error: "That is one standard error, not 1.96.",
            1.96 * (p * (1 - p)) ** 0.5: "That is the spread of one clip: divide by n.",
            2 * 1.96 * error: "That is the whole width of the interval.",
        }
        for wrong, why in told.items():
            expect(abs(found - wrong) > 1e-6, f"{words} {why}")
        expect(abs(found - 1.96 * error) < 1e-4, words)


@exercise(
    "03.9",
    "Begin with zeros of the batch's shape. Take the real frames of each clip, "
    "`clip[real]`, turn them around, and put them in front.",
)
def judge_reverse(answer):
    reverse = as_function(answer)
    generator = np.random.default_rng(39)
    mask = np.arange(6) < np.array([[6], [4], [1]])
    batch = generator.normal(size=(3, 6, 2)) * mask[:, :, np.newaxis]
    found = reverse(batch.copy(), mask.copy())
    found = as_array(found, batch.shape, "The batch")
    words = "The padding comes first now. It must stay on the right."
    expect(not np.allclose(found, batch[:, ::-1]), words)
    expect(not np.allclose(found, batch), "No clip is turned around.")
    expect(not np.allclose(found, batch[::-1]), "The clips are turned, not the frames.")
    for row, clip, real in zip(found, batch, mask, strict=True):
        expect((row[~real] == 0).all(), "Padding must stay zeros, on the right.")
        words = f"The clip of {real.sum()} frames is not turned around in time."
        expect(np.allclose(row[real], clip[real][::-1]), words)


@exercise(
    "03.7",
    "Copy the frames. Coefficient 0 of each rises by the decibels times the square "
    "root of 128; the others stay.",
)
def judge_louder(answer):
    louder = as_function(answer)
    mfcc = np.random.default_rng(37).normal(scale=30, size=(5, 13))
    for decibels in [6.0, -20.0]:
        given = mfcc.copy()
        found = louder(given, decibels)
        found = as_array(found, mfcc.shape, "What louder returns")
        expect(np.array_equal(given, mfcc), "The frames that were given are changed.")
        rise = found - mfcc
        words = "Loudness moves coefficient 0 alone, and all frames alike."
        expect(np.allclose(rise[:, 1:], 0, atol=1e-3), words)
        words = "Each of the 128 levels rises, and coefficient 0 by more than one does."
        expect(not np.allclose(rise[:, 0], decibels), words)
        right = decibels * np.sqrt(128)
        words = f"By {decibels:g} dB, coefficient 0 must rise by {right:.1f}."
        expect(np.allclose(rise[:, 0], right, rtol=1e-3), words)


@exercise(
    "03.8",
    "`np.array(speakers) == held_out` is True for the clips of that speaker.",
)
def judge_split(answer):
    split = as_function(answer)
    drawn = np.random.default_rng(38).integers(3, size=12)
    for speakers, held_out in [
        (["ada", "bo", "ada", "cy"], "ada"),
        (["cy", "bo", "bo"], "bo"),
        ([["ada", "bo", "cy"][number] for number in drawn], "cy"),
    ]:
        words = "two arrays of booleans, for training and for test"
        found = as_several(
            split(list(speakers), held_out), 2, f"The function returns {words}."
        )
        train, test = (
            as_array(part, (len(speakers),), "Each array") != 0 for part in found
        )
        right = np.array([speaker == held_out for speaker in speakers])
        expect(not (train & test).any(), "Some clip is on both sides.")
        expect((train | test).all(), "Some clip is on neither side.")
        expect((test != ~right).any(), "Training comes first, test second.")
        words = f"The test must be all clips of {held_out}, and no others."
        expect((test == right).all(), words)
