"""No check can be fooled by twenty answers that are wrong, and none crashes."""

import pathlib

import numpy as np
import pytest

from gru_apps.course.exercises import check, checking, hint

ROOT = pathlib.Path(__file__).parents[2]
MODULES = sorted(
    path.stem[2:] for path in ROOT.glob("gru_apps/course/exercises/nb*.py")
)
WRONG = {
    "nothing yet": ...,
    "none": None,
    "zero": 0,
    "minus one": -1,
    "large": 1e12,
    "nan": float("nan"),
    "infinity": float("inf"),
    "true": True,
    "false": False,
    "empty text": "",
    "the word right": "right",
    "empty list": [],
    "two zeros": [0, 0],
    "three ones": (1, 1, 1),
    "dict": {"answer": 1},
    "zeros": np.zeros((3, 4), "float32"),
    "object": object(),
    "a class": float,
    "a function of none": lambda: 0,
    "returns zero": lambda *arguments, **named: 0,
    "returns the first": lambda *arguments, **named: arguments[0],
    "returns all": lambda *arguments, **named: arguments,
    "returns nothing": lambda *arguments, **named: None,
    "fails": lambda *arguments, **named: 1 / 0,
}


def _numbers():
    for module in MODULES:
        with pytest.raises(ValueError):  # it is imported, and has no such exercise
            checking.verdict(f"{module}.none", 0)
    return sorted(checking.EXERCISES)


NUMBERS = _numbers()


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_wrong_answer_is_told_what_is_wrong(number, wrong):
    said = checking.verdict(number, wrong)
    assert said.startswith(("look again. ", "not yet: "))
    assert len(said.split()) > 5


@pytest.mark.parametrize("nothing", [None, ...])
def test_a_function_that_returns_nothing_yet_is_told_so_by_every_exercise(nothing):
    said = {n: checking.verdict(n, lambda *inputs, **named: nothing) for n in NUMBERS}
    of_functions = [words for words in said.values() if "is a function" not in words]
    unfinished = "look again. Your function returns nothing yet: "
    number = sum(words.startswith(unfinished) for words in said.values())
    assert number > 50 and len(of_functions) >= number
    assert not any("type NoneType" in words for words in said.values())
    assert not any("type ellipsis" in words for words in said.values())


@pytest.mark.parametrize("number", NUMBERS)
def test_an_exercise_has_a_hint(number, capsys):
    hint(number)
    assert len(capsys.readouterr().out.split()) > 5


def test_an_exercise_that_is_not_there_is_refused():
    for number in ["99.1", "", 3]:
        with pytest.raises(ValueError, match="There is no exercise"):
            check(number, 0)


@pytest.mark.parametrize(
    "answer", ["3", True, [1, 2], 1j, None, float("nan"), np.zeros(2)]
)
def test_what_is_no_number_is_told_so(answer):
    with pytest.raises(checking.Wrong, match="number"):
        checking.as_number(answer)


@pytest.mark.parametrize("answer", [3, 3.0, np.float32(3), np.array(3), np.int8(3)])
def test_numbers_of_any_kind_are_taken(answer):
    assert checking.as_number(answer) == 3


def _right_in_other_forms():
    import fractions

    import tensorflow as tf

    def by_pandas(traffic, hours):
        import pandas as pd

        return pd.Series(traffic).rolling(hours).mean()

    def in_place(logits, temperature):
        logits /= temperature
        logits -= logits.max()
        powers = np.exp(logits)
        return powers / powers.sum()

    return {
        "a tensor": ("05.1", tf.math.log(2048.0)),
        "a mean of tensors": ("00c.4", tf.reduce_mean([2.0] * 10 + [0.0] * 30)),
        "a fraction": ("04.4", fractions.Fraction(4787, 1000)),
        "rounded": ("04.4", 4.8),
        "about": ("00b.6", 170),
        "rounded nats": ("05.1", 7.6),
        "pandas": ("07.4", by_pandas),
        "what changes its input": ("04.7", in_place),
        "a tensor of the graph": ("08.6", lambda x: x - tf.reduce_mean(x)),
    }


@pytest.mark.parametrize("form", _right_in_other_forms())
def test_a_right_answer_is_right_in_any_form(form):
    number, answer = _right_in_other_forms()[form]
    assert checking.verdict(number, answer) == "right."


WRONG_IN_PART = {
    "signs are lost": ("08.3", lambda a, b: _same(a, b, lambda x: x)),
    "a wide margin": ("08.3", lambda a, b: _same(a, b, lambda x: abs(x) / 1000)),
    "NumPy": ("08.6", lambda x: x - np.mean(x)),
}


def _same(answers, expected, size):
    return (
        answers.keys() == expected.keys()
        and all(np.shape(answers[name]) == np.shape(expected[name]) for name in answers)
        and all(
            np.all(size(np.subtract(answers[name], expected[name])) <= 1e-5)
            for name in answers
        )
    )


@pytest.mark.parametrize("mistake", WRONG_IN_PART)
def test_what_is_right_in_most_cases_is_not_right(mistake):
    number, answer = WRONG_IN_PART[mistake]
    assert checking.verdict(number, answer).startswith("look again. ")
