"""Exercises of `02_machine_translation.ipynb`."""

import collections
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

START, END = 2, 3
SHUFFLING = ("weights", "context", "both", "neither")


@exercise(
    "02.1",
    "The inputs begin with the start id, the targets end with the end id, and both "
    "are one longer than the sentence.",
)
def _teacher_forcing(answer):
    shift = as_function(answer)
    rng = np.random.default_rng()
    for length in (3, 1, 6):
        ids = rng.integers(4, 100, size=length).tolist()
        inputs, targets = _pair(_given(shift(list(ids))), "inputs and targets")
        inputs, targets = _as_ids(inputs, "inputs"), _as_ids(targets, "targets")
        of = f"for the ids {ids}"
        expect(
            len(inputs) == len(targets),
            f"Inputs and targets are equally long. Here {of} they have {len(inputs)} "
            f"and {len(targets)}.",
        )
        expect(
            inputs != ids,
            f"Inputs {of} are the ids as they were: what does the decoder read before "
            "it writes the first of them?",
        )
        expect(
            inputs == [START, *ids],
            f"Inputs {of} are {inputs}: they begin with {START}, and nothing is lost.",
        )
        expect(
            targets == [*ids, END],
            f"Targets {of} are {targets}: they are the same ids, and then {END}.",
        )


@exercise(
    "02.2",
    "Count with `Counter`. For each n-gram take the largest count in any reference, "
    "and then the smaller of that and the count in the translation.",
)
def _clipped_precision(answer):
    precision = as_function(answer)
    for n, translation, references in _translations():
        given = precision(list(translation), [list(r) for r in references], n)
        given = as_number(_given(given))
        right = _precision(translation, references, n)
        shown = f"{' '.join(translation)!r} against {[' '.join(r) for r in references]}"
        unclipped = _precision(translation, references, n, clipped=False)
        expect(
            abs(given - unclipped) > 1e-6 or abs(right - unclipped) < 1e-6,
            f"For n = {n}, {shown} gives {given:.3f}: a word that is said too often "
            "counts too often. Clip the counts.",
        )
        expect(
            abs(given - right) < 1e-6,
            f"For n = {n}, {shown} gives {given:.3f}, which is not the share of its "
            "n-grams that a reference has, too.",
        )


@exercise(
    "02.3",
    "Which of the two lengths goes into the exponent's denominator? Try a translation "
    "half as long as its reference: the exponent must be -1.",
)
def _brevity_penalty(answer):
    penalty = as_function(answer)
    rng = np.random.default_rng()
    for reference in (8, int(rng.integers(10, 40))):
        for length in (reference // 2, reference - 1, reference, reference + 5):
            given = as_number(_given(penalty(length, reference)))
            right = min(1.0, float(np.exp(1 - reference / length)))
            lengths = f"For {length} words against {reference}"
            expect(
                given <= 1 + 1e-6,
                f"{lengths} the penalty is {given:.3f}: it never rewards.",
            )
            expect(
                length < reference or given > 1 - 1e-6,
                f"{lengths} the penalty is {given:.3f}: it is for short ones alone.",
            )
            expect(
                abs(given - right) < 1e-4,
                f"{lengths} the penalty is {given:.3f}: that is not the formula.",
            )


@exercise(
    "02.4",
    "The scores are dot products: multiply in pairs, and add. Then take exp of each, "
    "and divide by their sum.",
)
def _weights_by_hand(answer):
    memory = np.array([[1.0, 0], [0, 1], [2, 0]])
    weights = as_array(answer, (3,), "The answer")
    expect((weights >= 0).all(), "No weight is below zero: exp never is.")
    expect(
        abs(weights.sum() - 1) < 0.02,
        f"The weights add up to 1. These add up to {weights.sum():.2f}.",
    )
    right = _softmax(memory @ [1.0, 0])
    expect(
        np.argmax(weights) == np.argmax(right),
        "Which memory vector has the largest dot product with the query?",
    )
    expect(
        np.abs(weights - right).max() < 0.015,
        "They add up to 1, and the right one leads. Now mind the exp.",
    )


@exercise(
    "02.5",
    "With a row for each query, the scores are `query @ memory.T`. The mask has one "
    "entry a column, and the softmax goes along the rows.",
)
def _attention_of_many(answer):
    attend = as_function(answer)
    rng = np.random.default_rng()
    for steps, length, real in ((2, 5, 5), (3, 4, 2)):
        query, memory = rng.normal(size=(steps, 6)), rng.normal(size=(length, 6))
        mask = np.arange(length) < real
        pair = _pair(_given(attend(query, memory, mask)), "context and weights")
        context = as_array(pair[0], (steps, 6), "The context")
        weights = as_array(pair[1], (steps, length), "The weights")
        _judge_weights(weights, query @ memory.T, mask)
        expect(
            np.abs(context - weights @ memory).max() < 1e-4,
            "The weights are right. The context is the average of the memory by them.",
        )


@exercise(
    "02.6",
    "Print the sum of the weights once with padding and once without. At which line "
    "does it stop being 1?",
)
def _mask_in_its_place(answer):
    attend = as_function(answer)
    rng = np.random.default_rng()
    memory, query = rng.normal(size=(5, 4)), rng.normal(size=4)
    mask = np.array([True, True, True, False, False])
    right = _softmax(memory[:3] @ query) @ memory[:3]
    given = as_array(_given(attend(query, memory, mask)), (4,), "The context")
    forgotten = _softmax(memory @ query)
    expect(
        np.abs(given - forgotten @ memory).max() > 1e-6,
        "Padding has a share in this average: the mask changes nothing.",
    )
    late = (forgotten * mask) @ memory
    expect(
        np.abs(given - late).max() > 1e-6,
        "Three real places get less weight here than the same three get without "
        "padding. Where has the rest gone?",
    )
    expect(
        np.abs(given - right).max() < 1e-4,
        "With padding the context is not that of the three real places alone.",
    )


@exercise(
    "02.7",
    "Begin with `[(0.0, [start])]`. At each step make all continuations of all "
    "beginnings, sort them by score, and keep the first `width`.",
)
def _beam_over_a_table(answer):
    search = as_function(answer)
    rng = np.random.default_rng()
    # greedy takes 1 at first; 2 wins by what follows
    trap = np.log([[0.1, 0.5, 0.4], [0.4, 0.3, 0.3], [0.05, 0.05, 0.9]])
    tables = [trap, *(np.log(rng.dirichlet([0.4] * 4, size=4)) for _ in range(6))]
    for table in tables:
        for width in (1, 2, len(table) ** 2):
            path = _as_ids(_given(search(table.copy(), 0, 3, width)), "path")
            right = _beam(table, 0, 3, width)
            expect(
                len(path) == 3,
                f"For 3 steps the path has 3 ids, without the start. This has "
                f"{len(path)}.",
            )
            expect(
                all(0 <= token < len(table) for token in path),
                f"Ids are columns of the table. This path is {path}.",
            )
            expect(
                path == right,
                f"With a width of {width} a beam finds a path of log-probability "
                f"{_score(table, 0, right):.2f}; this one has "
                f"{_score(table, 0, path):.2f}.",
            )


@exercise(
    "02.8",
    "Take two characters and swap them. Which number of the four lines of attention "
    "knows at which place a vector stands?",
)
def _shuffled_memory(answer):
    choice = as_choice(answer, SHUFFLING)
    rng = np.random.default_rng()
    query, memory = rng.normal(size=4), rng.normal(size=(6, 4))
    order = np.roll(np.arange(6), 1)
    before, after = _softmax(memory @ query), _softmax(memory[order] @ query)
    changed = {
        "weights": np.abs(before - after).max() > 1e-6,
        "context": np.abs(before @ memory - after @ memory[order]).max() > 1e-6,
    }
    moved = [name for name, differs in changed.items() if differs]
    right = moved[0] if len(moved) == 1 else ("both" if moved else "neither")
    words = {
        "weights": "The weights do move: each goes where its character goes.",
        "context": "A sum does not depend on the order of what is added up.",
        "both": "One of the two changes, but not both. A sum has no order.",
        "neither": "One of the two has an entry for each place, and the places change.",
    }
    expect(choice == right, words[choice])


def _given(answer):
    """Hands on what a function returned, unless it is still to be written."""
    if answer is None:
        raise Wrong("The function returns nothing yet.")
    if answer is ...:
        raise Wrong("Dots still stand in the function where your code goes.")
    return answer


def _pair(answer, what):
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Wrong(f"The function returns two things: {what}.")
    return [_given(each) for each in answer]


def _as_ids(answer, what):
    """Returns ids of a list, tuple or array as a list; `Wrong` for anything else."""
    if hasattr(answer, "numpy"):
        answer = answer.numpy()
    if not isinstance(answer, list | tuple | np.ndarray):
        raise Wrong(f"Ids are in a list: the {what}, too. Not {type(answer).__name__}.")
    return [int(as_number(each)) for each in answer]


def _softmax(scores):
    parts = np.exp(scores - scores.max())
    return parts / parts.sum()


def _judge_weights(weights, scores, mask):
    expect(
        np.abs(weights[:, ~mask]).max(initial=0) < 1e-6,
        "Padding has a weight. It must have none.",
    )
    expect(
        np.abs(weights.sum(axis=1) - 1).max() < 1e-4,
        "The weights of each query add up to 1. These do not: check the axis.",
    )
    right = np.array([_softmax(np.where(mask, row, -1e9)) for row in scores])
    expect(
        np.abs(weights - right).max() < 1e-4,
        "The weights add up to 1, but they are not the softmax of the dot products.",
    )


def _translations():
    rng = np.random.default_rng()
    yield 1, ["the"] * 7, [["the", "cat", "is", "on", "the", "mat"]]
    yield 1, ["the"] * 3, [["the", "cat"], ["the", "mat", "and", "the", "cat"]]
    for n in (1, 2, 3):
        drawn = [rng.choice(list("abc"), size=size).tolist() for size in (9, 7, 8)]
        yield n, drawn[0], drawn[1:]


def _ngrams(words, n):
    return collections.Counter(zip(*(words[i:] for i in range(n)), strict=False))


def _precision(translation, references, n, clipped=True):
    counts = _ngrams(translation, n)
    most = collections.Counter()
    for reference in references:
        most |= _ngrams(reference, n)
    kept = {
        ngram: min(count, most[ngram]) if clipped else count * (most[ngram] > 0)
        for ngram, count in counts.items()
    }
    return sum(kept.values()) / counts.total()


def _score(table, start, path):
    return sum(table[a, b] for a, b in itertools.pairwise([start, *path]))


def _beam(table, start, steps, width):
    beams = [[]]
    for _ in range(steps):
        longer = [[*path, token] for path in beams for token in range(len(table))]
        beams = sorted(longer, key=lambda path: -_score(table, start, path))[:width]
    return beams[0]
