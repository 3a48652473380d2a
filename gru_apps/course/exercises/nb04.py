"""Exercises of `04_music_generation.ipynb`."""

import math

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

LOWEST, HIGHEST, LOWEST_TOKEN, REST_TOKEN, FIRST_HELD = 30, 87, 3, 2, 61
NUM_TOKENS = 120
READING_ORDER = ("soprano", "bass", "alto", "tenor")


@exercise(
    "04.1",
    hint="Pitch 30 that starts is token 3, pitch 31 is token 4. A rest that starts is "
    "token 2. The held tokens stand in the same order, 59 further on.",
)
def token_of_a_cell(answer):
    token = as_function(answer)
    for starts in (True, False):
        for pitch in (0, LOWEST, 60, 72, HIGHEST):
            right = pitch - LOWEST + LOWEST_TOKEN if pitch else REST_TOKEN
            right += 0 if starts else FIRST_HELD - REST_TOKEN
            number = as_number(token(pitch, starts))
            what = f"pitch {pitch}" if pitch else "a rest"
            what += " that starts" if starts else " that goes on"
            expect(number == right, f"For {what}, your function returns {number:g}.")


@exercise(
    "04.2",
    hint="`np.where(condition, a, b)` takes from `a` where the condition holds. Only "
    "cells above 0 are pitches.",
)
def transposed_cells(answer):
    transpose = as_function(answer)
    rng = np.random.default_rng()
    cells = rng.integers(40, 80, [6, 4])
    cells[rng.permutation(6)[:2], 1] = 0
    cells[1:, 2] = -1
    cells[0, 3], cells[1, 3] = 0, -1
    for semitones in (-5, 3, 6):
        before = cells.copy()
        moved = as_array(transpose(cells, semitones), cells.shape)
        expect((cells == before).all(), "Your function changes the cells it is given.")
        expect((moved[cells == 0] == 0).all(), "A rest, 0, must stay a rest.")
        expect((moved[cells == -1] == -1).all(), "A cell that goes on, -1, must stay.")
        right = cells[cells > 0] + semitones
        expect(
            (moved[cells > 0] == right).all(),
            f"Moved by {semitones} semitones, pitch {cells[cells > 0][0]} becomes "
            f"{right[0]}. Your function returns {moved[cells > 0][0]:g}.",
        )


@exercise(
    "04.3",
    hint="Draw hymns, not passages: list the different hymns, permute them, and take "
    "every passage to the side on which its hymn stands.",
)
def split_by_hymn(answer):
    split = as_function(answer)
    rng = np.random.default_rng()
    for _ in range(3):
        hymns = [f"hymn {i}" for i in rng.permutation(20)]
        sizes = rng.integers(2, 9, len(hymns))
        pairs = zip(hymns, sizes, strict=True)
        passages = [(hymn, i) for hymn, size in pairs for i in range(size)]
        words = "The function returns two lists of passages: train and test."
        sides = as_several(split(passages, 0), 2, words)
        train, test = (_as_passages(side, passages) for side in sides)
        expect(train and test, "Both sides must have passages.")
        is_whole = sorted(train + test) == sorted(passages)
        expect(is_whole, "Every passage must stand on one side, and once.")
        shared = {hymn for hymn, _ in train} & {hymn for hymn, _ in test}
        expect(
            not shared,
            f"{len(shared)} of {len(hymns)} hymns have passages on both sides: the "
            "test asks for music that the training has read.",
        )
        count = len({hymn for hymn, _ in test})
        words = f"About a fifth of 20 hymns go to the test, not {count}."
        expect(2 <= count <= 6, words)


@exercise(
    "04.4",
    hint="Each of 120 tokens gets a probability of 1/120. The loss is minus its "
    "natural logarithm.",
)
def loss_of_equal_guesses(answer):
    number, right = as_number(answer), math.log(NUM_TOKENS)
    if abs(number - math.log2(NUM_TOKENS)) < 0.01:
        raise Wrong("That is the answer in bits. Nats use the natural logarithm.")
    expect(number > 0, "A surprise is above 0: mind the sign of the logarithm.")
    expect(
        abs(number - right) < 0.02,
        f"Your loss belongs to a probability of {math.exp(-min(number, 700)):.3g}. "
        "Which probability does each of 120 equally likely tokens have?",
    )


@exercise(
    "04.5",
    hint="Take minus the logarithm of each probability, then the mean, and then `exp` "
    "of the mean.",
)
def perplexity(answer):
    function = as_function(answer)
    for size in (2, 120):
        number = as_number(function(np.full(7, 1 / size)))
        expect(
            abs(number - size) < 1e-3 * size,
            f"A model that gives 1/{size} to each cell hesitates between {size} "
            f"tokens. Your function returns {number:.3g}.",
        )
    probabilities = np.random.default_rng().uniform(0.05, 0.95, 50)
    number = as_number(function(probabilities))
    if abs(number - np.mean(1 / probabilities)) < 1e-6:
        raise Wrong("That averages 1/p. Average the logarithms first.")
    right = np.exp(-np.log(probabilities).mean())
    expect(
        abs(number - right) < 1e-3 * right,
        "Equal probabilities come out right, others do not: the mean is that of the "
        "logarithms.",
    )


@exercise(
    "04.6",
    hint="Within a sixteenth, the voices are named in the order soprano, bass, alto, "
    "tenor. Each of the four layers knows the voices that are named before its own.",
)
def first_voice_that_changes(answer):
    choice = as_choice(answer, READING_ORDER)
    place = READING_ORDER.index("bass")
    right = READING_ORDER[place + 1]
    if choice == "bass":
        raise Wrong(
            "The bass is what is predicted here: its layer must not know it yet."
        )
    if choice == "soprano":
        raise Wrong("The soprano is named before the bass, and cannot know it.")
    expect(choice == right, "That voice changes, too, but another is named before it.")


@exercise(
    "04.7",
    hint="Divide the logits by the temperature. Then subtract the largest, take `exp`, "
    "and divide by the sum.",
)
def probabilities_at_a_temperature(answer):
    function = as_function(answer)
    logits = np.random.default_rng().normal(size=6) * 2
    for temperature in (1.0, 0.5, 2.0):
        p = as_array(function(logits.copy(), temperature), logits.shape)
        expect(abs(p.sum() - 1) < 1e-5, "Probabilities add up to 1.")
        right = _softmax(logits / temperature)
        if temperature != 1 and np.allclose(p, _softmax(logits), atol=1e-6):
            raise Wrong("The temperature changes nothing in your function.")
        if temperature != 1 and np.allclose(p, _softmax(logits * temperature)):
            raise Wrong("Your function multiplies by the temperature.")
        expect(
            np.allclose(p, right, atol=1e-5),
            f"At temperature {temperature} the largest probability is "
            f"{right.max():.3f}. Yours is {p.max():.3f}.",
        )
    large = function(np.array([1000.0, 999.0]), 1.0)
    try:
        close = np.allclose(as_array(large, (2,)), _softmax(np.array([1.0, 0.0])))
    except Wrong:
        close = False
    expect(close, "Logits of 1000 overflow: subtract the largest logit before `exp`.")


@exercise("04.8", hint="Take `np.cumsum`, then `np.searchsorted(..., side='right')`.")
def candidates_that_go_on(answer):
    function = as_function(answer)
    random = np.random.default_rng()
    for faults in ([0] * 4, [0, 9, 0, 9], *random.integers(0, 3, [20, 8]).tolist()):
        size, number = len(faults), round(random.random(), 2)
        shares = np.cumsum(np.exp(-4.0 * np.array(faults)))
        points = (number + np.arange(size)) / size * shares[-1]
        right = np.searchsorted(shares, points, side="right")
        go_on = as_array(function(np.array(faults), number), (size,))
        near = np.abs(shares[:, None] - points).min() < 1e-6  # then rounding tells
        expect(
            near or (go_on == right).all(),
            f"With faults {faults} and the random number {number}, the candidates "
            f"{right.tolist()} go on, not {go_on.tolist()}.",
        )


@exercise(
    "04.9",
    hint="`np.diff` gives the motion of each voice. Count where both motions have the "
    "same sign, not 0, and the interval modulo 12 is 7 before and after.",
)
def parallel_fifths(answer):
    function = as_function(answer)
    cases = {
        "A fifth that moves up to a fifth counts once.": ([67, 69], [60, 62]),
        "A fifth that moves down to a fifth counts once.": ([69, 67], [62, 60]),
        "A twelfth counts as a fifth.": ([79, 81], [60, 62]),
        "Voices that do not move make no parallel.": ([67, 67], [60, 60]),
        "A third that moves to a third does not count.": ([64, 65], [60, 61]),
        "A fourth that moves to a fifth does not count.": ([65, 69], [60, 62]),
        "Opposite ways, from a fifth to a twelfth, is none.": ([67, 76], [60, 57]),
    }
    rng = np.random.default_rng()
    bass = rng.integers(48, 54, 200)
    cases["In a long passage, all count."] = bass + rng.choice([4, 7, 19], 200), bass
    for words, (upper, lower) in cases.items():
        upper, lower = np.array(upper), np.array(lower)
        number = as_number(function(upper, lower))
        right = _parallel_fifths(upper, lower)
        expect(number == right, f"{words} Your function returns {number:g}.")


def _as_passages(side, passages):
    known = set(passages)
    try:
        side = [tuple(passage) for passage in side]
    except TypeError:
        raise Wrong("Each side is a list of passages.") from None
    expect(set(side) <= known, "Each side is a list of the passages that were given.")
    return side


def _softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def _parallel_fifths(upper, lower):
    motion = [np.sign(np.diff(voice)) for voice in (upper, lower)]
    fifths = (upper - lower) % 12 == 7
    together = (motion[0] == motion[1]) & (motion[0] != 0)
    return int((together & fifths[:-1] & fifths[1:]).sum())
