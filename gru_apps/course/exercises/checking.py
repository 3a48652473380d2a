"""Checks answers of readers, and says what is wrong with them."""

import importlib
import math
import numbers
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Wrong(Exception):
    """An answer is wrong, and for which reason, in a sentence for the reader."""


class Exercise(NamedTuple):
    """A function that raises `Wrong` for a wrong answer, and a hint for the reader."""

    judge: Callable[[Any], None]
    hint: str


UNFINISHED = "Your function returns nothing yet: fill in what it returns."
EXERCISES: dict[str, Exercise] = {}


def exercise(number: str, hint: str) -> Callable:
    """Makes a judge the one of exercise `number`, "02.3" say; used as a decorator."""

    def register(judge):
        EXERCISES[number] = Exercise(judge, hint)
        return judge

    return register


def check(number: str, answer) -> None:
    """Prints whether `answer` solves exercise `number`, and if not, what is wrong.

    An answer of `...` or None is one that has not been given yet. Raises `ValueError`
    for an exercise that there is not.
    """
    print(f"{number}: {verdict(number, answer)}")


def hint(number: str) -> None:
    """Prints a hint for exercise `number`."""
    print(f"{number}: {_find(number).hint}")


def verdict(number: str, answer) -> str:
    """Returns what `check` prints: "right.", "not yet ..." or "look again. ..."."""
    judge = _find(number).judge
    if answer is None or answer is ...:
        return "not yet: put your answer where the dots stand."
    try:
        judge(answer)
    except Wrong as wrong:
        return f"look again. {wrong}"
    except Exception as error:  # whatever the reader's own code raises
        first = (str(error).splitlines() or [""])[0]
        return f"look again. Your answer raises {type(error).__name__}: {first}"
    return "right."


def as_number(answer) -> float:
    """Returns a finite real number as a float; `Wrong` for anything else."""
    answer = as_plain(answer)
    is_number = isinstance(answer, numbers.Real | np.number)
    if not is_number or isinstance(answer, bool | np.bool_):
        raise Wrong(f"The answer is a number. This is {_kind(answer)}.")
    if not math.isfinite(answer):
        raise Wrong("The answer is a finite number.")
    return float(answer)


def as_plain(answer):
    """Returns what a tensor or an array of no axis holds, and anything else as it is.

    >>> as_plain(np.array(True)), as_plain("three")
    (np.True_, 'three')
    """
    if hasattr(answer, "numpy"):  # TensorFlow's and PyTorch's
        answer = answer.numpy()
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        answer = answer[()]
    return answer


def as_names(answer, words: str) -> list[str]:
    """Returns the words in a list, set, array or index; `Wrong` for anything else."""
    names = getattr(answer, "tolist", lambda: answer)()
    if not isinstance(names, list | tuple | set | frozenset):
        raise Wrong(words)
    if not all(isinstance(name, str) for name in names):
        raise Wrong(words)
    return list(names)


def as_choice(answer, choices) -> str:
    """Returns one of the words that may be chosen; `Wrong` for anything else."""
    if not isinstance(answer, str) or answer.strip().lower() not in choices:
        words = ", ".join(f'"{choice}"' for choice in choices)
        raise Wrong(f"The answer is one of {words}.")
    return answer.strip().lower()


def as_array(answer, shape, what="The answer") -> np.ndarray:
    """Returns an array of finite numbers of that shape; `Wrong` for anything else."""
    try:
        array = np.asarray(answer, "float64")
    except (TypeError, ValueError):
        raise Wrong(f"{what} is an array. This is {_kind(answer)}.") from None
    if array.shape != tuple(shape):
        raise Wrong(f"{what} has shape {tuple(shape)}. This has {array.shape}.")
    if not np.isfinite(array).all():
        raise Wrong(f"{what} has numbers that are not finite.")
    return array


def as_function(answer) -> Callable:
    """Returns a function, not a class; `Wrong` for anything else.

    It is called as the reader's own, and raises `Wrong` where that returns nothing.
    """
    if not callable(answer) or isinstance(answer, type):
        raise Wrong(f"The answer is a function. This is {_kind(answer)}.")

    def call(*arguments, **named):
        returned = answer(*arguments, **named)
        if returned is None or returned is ...:
            raise Wrong(UNFINISHED)
        return returned

    return call


def as_several(answer, number: int, words: str) -> list:
    """Returns the things in a row of them; `Wrong`, in words, for another number."""
    is_row = isinstance(answer, tuple | list) or np.ndim(answer) > 0
    expect(is_row and len(answer) == number, words)
    return list(answer)


def expect(holds, words: str) -> None:
    """Raises `Wrong` with these words unless something holds."""
    if not holds:
        raise Wrong(words)


def _kind(answer):
    if answer is ...:
        raise Wrong(UNFINISHED)
    return f"of type {type(answer).__name__}"


def _find(number):
    module = f"gru_apps.course.exercises.nb{str(number).partition('.')[0]}"
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
    if number not in EXERCISES:
        there = ", ".join(sorted(EXERCISES))
        others = f"There are: {there}" if there else 'They are named as "02.3".'
        raise ValueError(f"There is no exercise {number!r}. {others}")
    return EXERCISES[number]
