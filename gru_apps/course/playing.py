"""Things to play with in a notebook."""

import os
from collections.abc import Callable


def play(function: Callable, **controls) -> None:
    """Calls a function anew whenever a reader moves one of the controls below a cell.

    `controls` are those of `ipywidgets.interact`: a pair of numbers is a slider, a list
    a menu, a text a field. The figure above the cell shows one setting of it, for those
    who see the notebook without a kernel: where `python -m gru_apps run` executes it,
    nobody moves anything, and nothing is drawn.
    """
    if "GRU_APPS_FINISHED" not in os.environ:
        from ipywidgets import interact

        interact(function, **controls)
