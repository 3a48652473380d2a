"""Exercises of the notebooks: each knows a right answer by what it does.

One module a notebook, `nb02` for `02_machine_translation.ipynb`. What is expected is
computed from fresh inputs when an answer is checked, so that no constant passes.
"""

from gru_apps.course.exercises.checking import check, hint

__all__ = ["check", "hint"]
