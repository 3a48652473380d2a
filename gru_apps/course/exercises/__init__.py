"""Exercises of the notebooks: each knows a right answer by what it does.

One module a notebook, `nb02` for `02_machine_translation.ipynb`. What is expected is
computed when an answer is checked; functions are asked several questions, most of them
drawn anew, so that no constant passes.
"""

from gru_apps.course.exercises.checking import check, hint

__all__ = ["check", "hint"]
