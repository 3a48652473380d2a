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
    as_several,
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
        inputs, targets = as_several(
            shift(list(ids)),
            2,
            "The function returns two things: inputs and targets.",
        )
        inputs, targets = _as_ids(inputs, "inputs"), _as_ids(targets, "targets")
        wrong = f"For the ids {ids} the inputs are {inputs}, the targets {targets}. "
        begins, ends = inputs == [START, *ids], targets == [*ids, END]
        expect(begins, f"{wrong}Inputs begin with {START}, and lose nothing.")
        expect(ends, f"{wrong}Targets end with {END}, and lose nothing.")


@exercise(
    "02.2",
    "Count with `Counter`. For each n-gram take the largest count in any reference, "
    "and then the smaller of that and the count in the translation.",
)
def _clipped_precision(answer):
    precision = as_function(answer)
    for n, translation, references in _translations():
        copies = list(translation), [list(r) for r in references]
        given = as_number(precision(*copies, n))
        right = _precision(translation, references, n)
        shown = f"{' '.join(translation)!r} against {[' '.join(r) for r in references]}"
        expect(
            abs(given - right) < 1e-6,
            f"For n = {n}, {shown} gives {given:.3f}. Which of its n-grams does a "
            "reference have, too, and how often may each of them count?",
        )


@exercise(
    "02.3",
    "Add up both lists first. Then which sum goes into the exponent's denominator? Try "
    "translations half as long as their references: the exponent must be -1.",
)
def _brevity_penalty(answer):
    penalty = as_function(answer)
    rng = np.random.default_rng()
    for number in (1, 2, 5):
        references = rng.integers(10, 40, number)
        for share in (0.5, 0.9, 1.0, 1.4):
            lengths = np.maximum(1, np.round(share * references)).astype(int)
            lengths[0] += number - 1  # some are longer than theirs, whatever the sum
            sums = lengths.sum(), references.sum()
            given = as_number(penalty(lengths.tolist(), references.tolist()))
            right = min(1.0, float(np.exp(1 - sums[1] / sums[0])))
            found = f"For {sums[0]} words in all against {sums[1]} B is {given:.3f}. "
            expect(given <= 1 + 1e-6, f"{found}No translation is rewarded: B is <= 1.")
            expect(abs(given - right) < 1e-4, f"{found}That is not the formula.")


@exercise(
    "02.4",
    "The scores are dot products: multiply in pairs, and add. Then take exp of each, "
    "and divide by their sum.",
)
def _weights_by_hand(answer):
    memory = np.array([[1.0, 0], [0, 1], [2, 0]])
    weights = as_array(answer, (3,), "The answer")
    expect((weights >= 0).all(), "No weight is below zero: exp never is.")
    total, right = weights.sum(), _softmax(memory @ [1.0, 0])
    expect(abs(total - 1) < 0.02, f"The weights add up to 1, and not to {total:.2f}.")
    leads = np.argmax(weights) == np.argmax(right)
    expect(leads, "Which memory vector has the largest dot product with the query?")
    fits = np.abs(weights - right).max() < 0.015
    expect(fits, "They add up to 1, and the right one leads. Now mind the exp.")


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
        pair = as_several(
            attend(query, memory, mask),
            2,
            "The function returns two things: context and weights.",
        )
        context = as_array(pair[0], (steps, 6), "The context")
        weights = as_array(pair[1], (steps, length), "The weights")
        unseen = np.abs(weights[:, ~mask]).max(initial=0) < 1e-6
        expect(unseen, "Padding has a weight. It must have none.")
        whole = np.abs(weights.sum(axis=1) - 1).max() < 1e-4
        expect(whole, "The weights of each query add up to 1. Check the axis.")
        scores = np.where(mask, query @ memory.T, -1e9)
        fits = np.abs(weights - [_softmax(row) for row in scores]).max() < 1e-4
        expect(fits, "They add up to 1, and are not the softmax of dot products.")
        average = np.abs(context - weights @ memory).max() < 1e-4
        expect(average, "The weights are right. The context is the average by them.")


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
    given = as_array(attend(query, memory, mask), (4,), "The context")
    weights = _softmax(memory @ query)
    forgotten, late = weights @ memory, (weights * mask) @ memory
    for context, words in (
        (forgotten, "Padding has a share in this average: the mask changes nothing."),
        (late, "The real places get less weight than alone. Where is the rest?"),
    ):
        expect(np.abs(given - context).max() > 1e-6, words)
    fits = np.abs(given - right).max() < 1e-4
    expect(fits, "With padding the context is not that of the real places alone.")


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
            path = _as_ids(search(table.copy(), 0, 3, width), "path")
            right = _beam(table, 0, 3, width)
            fits = len(path) == 3 and all(0 <= token < len(table) for token in path)
            expect(fits, f"A path of 3 steps has 3 columns of the table, not {path}.")
            ours, best = _score(table, 0, path), _score(table, 0, right)
            found = f"{ours:.2f} is the log-probability of this path, {best:.2f} that"
            expect(path == right, f"{found} of the one that a beam of {width} finds.")


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


def _translations():
    rng = np.random.default_rng()
    yield 1, ["the"] * 7, [["the", "cat", "is", "on", "the", "mat"]]
    yield 1, ["the"] * 3, [["the", "cat"], ["the", "mat", "and", "the", "cat"]]
    for n in (1, 2, 3):
        drawn = [rng.choice(list("abc"), size=size).tolist() for size in (9, 7, 8)]
        yield n, drawn[0], drawn[1:]


def _ngrams(words, n):
    return collections.Counter(zip(*(words[i:] for i in range(n)), strict=False))


def _precision(translation, references, n):
    most = collections.Counter()
    for reference in references:
        most |= _ngrams(reference, n)
    counts = _ngrams(translation, n)
    return (counts & most).total() / counts.total()


def _score(table, start, path):
    return sum(table[a, b] for a, b in itertools.pairwise([start, *path]))


def _beam(table, start, steps, width):
    beams = [[]]
    for _ in range(steps):
        longer = [[*path, token] for path in beams for token in range(len(table))]
        beams = sorted(longer, key=lambda path: -_score(table, start, path))[:width]
    return beams[0]
