"""Judges of the exercises of notebook 06, connected digits."""

import itertools

import numpy as np

from gru_apps.course.exercises.checking import (
    Wrong,
    as_array,
    as_choice,
    as_function,
    as_number,
    exercise,
    expect,
)


def _collapsed(path):
    return [int(label) for label, _ in itertools.groupby(path) if label]


def _labels(answer, what):
    """Returns labels that a reader's function made, as a list of integers."""
    if isinstance(answer, np.ndarray):
        answer = answer.tolist()
    if not isinstance(answer, list | tuple):
        raise Wrong(f"{what} must return a list. It returns {answer!r}.")
    return [int(as_number(label)) for label in answer]


def _draws(seed, number, frames, labels):
    generator = np.random.default_rng(seed)
    return generator.integers(labels, size=(number, frames)).tolist()


@exercise(
    "06.1",
    "Go through the frames one by one, and remember the frame before. A label is new "
    "if it differs from that frame, and it counts unless it is 0.",
)
def _judge_collapse(answer):
    collapse = as_function(answer)
    told = [
        ([0, 0, 0], "Blanks alone say nothing."),
        ([0, 3, 3, 0], "Frames in a row with the same label are one label."),
        ([3, 0, 3], "A blank between two threes makes them two: merge first."),
        ([3, 3, 0, 0, 3, 1], "A label that comes back after a blank counts anew."),
    ]
    for path, words in told:
        found = _labels(collapse(list(path)), "collapse")
        right = _collapsed(path)
        expect(found == right, f"{path} reads as {right}, not {found}. {words}")
    for path in _draws(61, 50, 7, 3):
        found, right = _labels(collapse(list(path)), "collapse"), _collapsed(path)
        expect(found == right, f"{path} reads as {right}, not {found}.")


@exercise(
    "06.2",
    "Each label takes a frame. Count how many more frames the blanks take, and between "
    "which labels a blank has to stand.",
)
def _judge_frames_needed(answer):
    frames_needed = as_function(answer)
    rows = [[1, 2], [3, 3, 3], [], [2, 2, 1, 1, 2]]
    rows += [row[: 2 + place % 4] for place, row in enumerate(_draws(62, 20, 5, 4))]
    for row in rows:
        labels = [label + 1 for label in row]
        found = as_number(frames_needed(list(labels)))
        blanks = sum(a == b for a, b in itertools.pairwise(labels))
        right = len(labels) + blanks
        words = f"{labels} cannot be read from {found:g} frames, or from fewer as well"
        expect(found == right, f"{words}. Try the shortest paths by hand.")


@exercise(
    "06.3",
    "`itertools.product(range(1 + max(labels)), repeat=frames)` goes through all paths."
    " Count those that your function of exercise 06.1 reads as the labels.",
)
def _judge_count_paths(answer):
    count_paths = as_function(answer)
    cases = [([1, 2], 4), ([1], 3), ([1, 1], 3), ([1, 1], 2), ([2, 1, 2], 5), ([2], 4)]
    for labels, frames in cases:
        found = as_number(count_paths(list(labels), frames))
        right = _forward(labels, np.ones((frames, 1 + max(labels))))
        words = f"{labels} can be read from {frames} frames in {right:g} ways"
        expect(found == right, f"{words}, not {found:g}.")


def _forward(labels, probabilities):
    rows = np.insert(labels, range(len(labels) + 1), 0)
    skips = (rows > 0) & (rows != np.roll(rows, 2))
    alpha = np.eye(len(rows))[0]
    for frame in probabilities:
        alpha = _step(alpha, frame[rows], skips)
    return alpha[-2:].sum()


def _step(alpha, p, skips):
    one, two = np.append(0, alpha)[:-1], np.append([0, 0], alpha)[:-2]
    return p * (alpha + one + skips * two)


@exercise(
    "06.4",
    "`np.append(0, alpha)[:-1]` is what the rows above hold, and `np.append([0, 0], "
    "alpha)[:-2]` what stands two rows above.",
)
def _judge_step(answer):
    step = as_function(answer)
    generator = np.random.default_rng(64)
    rows = np.array([0, 2, 0, 2, 0, 1, 0])
    skips = (rows > 0) & (rows != np.roll(rows, 2))
    alpha, p = generator.uniform(0.1, 0.9, size=(2, len(rows)))
    found = step(alpha.copy(), p.copy(), skips.copy())
    found = as_array(found, rows.shape, "What step returns")
    one, two = np.append(0, alpha)[:-1], np.append([0, 0], alpha)[:-2]
    mistakes = {
        "It only stays: add what comes from the row above.": p * alpha,
        "The step over a blank is missing.": p * (alpha + one),
        "It steps over rows where `skips` is False.": p * (alpha + one + two),
        "A path may stay in its row, too.": p * (one + skips * two),
        "Multiply by the probability of each row, `p`.": alpha + one + skips * two,
        "Ways add up: take sums, not the largest.": p
        * np.maximum(np.maximum(alpha, one), skips * two),
    }
    for words, wrong in mistakes.items():
        expect(not np.allclose(found, wrong), words)
    words = "Row 0 has one way to be reached, row 1 two, others up to three."
    expect(np.allclose(found, _step(alpha, p, skips)), words)


@exercise(
    "06.5",
    "A frame is padding if all its 13 numbers are 0. Count the other frames.",
)
def _judge_lengths(answer):
    lengths = as_function(answer)
    generator = np.random.default_rng(65)
    right = np.array([7, 4, 9, 1])
    features = generator.normal(size=(4, 9, 13))
    features[1, 2] = [1, -1] * 6 + [0]  # a real frame whose sum is 0
    features[0, 3, 0] = 0
    features[np.arange(9) >= right[:, np.newaxis]] = 0
    found = lengths(features.copy())
    found = as_array(found, right.shape, "What lengths returns")
    words = "The frames of padding are still counted: every clip seems to be as long as"
    expect(not np.array_equal(found, [9] * 4), f"{words} the longest.")
    words = "A frame is real if one of its numbers is not 0, whatever their sum."
    expect(np.array_equal(found, right), f"{right} are counted as {found}. {words}")


@exercise(
    "06.6",
    "Fill a table: `table[i, j]` is the distance of the first `i` words of the "
    "reference to the first `j` of the answer. It is the least of three: the cell "
    "above plus 1, the cell to the left plus 1, and the one above to the left, plus 1 "
    "unless the words are equal.",
)
def _judge_word_error_rate(answer):
    rate = as_function(answer)
    cases = [
        ("1 2 3", "1 2 3", "Nothing is wrong there."),
        ("1 2 3 4", "1 9 3 4", "One word is substituted."),
        ("1 2 3 4", "1 3 4", "One word is missing; compare by the best alignment."),
        (
            "2 3 4",
            "1 2 3 4",
            "One word is inserted; divide by the words of the reference.",
        ),
        ("1 2", "3 4 5 6", "A rate may be above 1."),
        ("7 7", "", "All words are missing."),
    ]
    pairs = [(a, b, "") for a, b in zip(_texts(670), _texts(671), strict=True)]
    for reference, found_words, words in cases + pairs:
        found = as_number(rate(reference, found_words))
        truth = reference.split()
        right = _distance(truth, found_words.split()) / len(truth)
        text = (
            f'"{reference}" read as "{found_words}" has a rate of {right:.3f}, '
            f"not {found:.3f}."
        )
        expect(abs(found - right) < 1e-6, f"{text} {words}".strip())


def _texts(seed):
    rows = _draws(seed, 20, 6, 3)
    return [" ".join(map(str, row[: 2 + i % 5])) for i, row in enumerate(rows)]


def _distance(truth, answer):
    row = list(range(len(answer) + 1))
    for i, word in enumerate(truth, start=1):
        above, row = row, [i]
        for j, other in enumerate(answer, start=1):
            change = above[j - 1] + (word != other)
            row.append(min(above[j] + 1, row[j - 1] + 1, change))
    return row[-1]


@exercise(
    "06.7",
    "Take `logits.argmax(axis=1)`. A label begins at a frame if it is not 0 and differs"
    " from the frame before; before the first frame there is a blank.",
)
def _judge_spikes(answer):
    spikes = as_function(answer)
    paths = [[0, 4, 4, 0], [4, 0, 4], [2, 2, 5, 5], [0, 0], *_draws(66, 20, 9, 3)]
    generator = np.random.default_rng(66)
    for path in paths:
        logits = generator.uniform(size=(len(path), 11))
        logits[range(len(path)), path] += 2
        pairs = enumerate(itertools.pairwise([0, *path]))
        right = [(now, frame) for frame, (last, now) in pairs if now not in (0, last)]
        found = spikes(logits.copy())
        if isinstance(found, np.ndarray):
            found = found.tolist()
        kinds = list | tuple
        listed = isinstance(found, kinds) and all(isinstance(p, kinds) for p in found)
        words = "spikes must return a list of pairs `(label, frame)`."
        expect(listed and all(len(pair) == 2 for pair in found), words)
        found = [(int(as_number(a)), int(as_number(b))) for a, b in found]
        expect(found == right, f"The path {path} has {right}, not {found}.")


@exercise(
    "06.8",
    "Which of the two has read the rest of the digit when it answers for a frame in the"
    " middle of it? The other has to wait for what it needs.",
)
def _judge_later(answer):
    # frames of a digit that each has read when it answers for the tenth of seventeen
    heard = {"streaming": 10, "both directions": 17}
    later = as_choice(answer, (*heard, "neither"))
    expect(
        later == min(heard, key=heard.get),
        "Think of a frame in the middle of a digit. The GRU in both directions knows "
        "the rest of the digit there, and the other one does not yet.",
    )
