"""Curves that one draws with the mouse, a finger or the arrow keys."""

import json
import pathlib
from collections.abc import Sequence

import gradio as gr

from gru_apps.cli.play.limits import Refused

FOLDER = pathlib.Path(__file__).parent


def as_value(values: Sequence, name: str = "values") -> str:
    """Returns numbers as a curve has them, None for what is missing, or `notes`.

    >>> as_value([0.5, None])
    '{"values": [0.5, null]}'
    """
    return json.dumps({name: list(values)})


def parsed(value: str | None, name: str) -> list:
    """Returns the list of a component's value; refuses what is no JSON of one."""
    try:
        items = json.loads(value or "")[name]
    except (ValueError, TypeError, KeyError):
        items = None
    if not isinstance(items, list):
        raise Refused(f"There are no {name}.")
    return items


def curve(
    values: Sequence[float | None],
    *,
    label: str,
    low: float,
    high: float,
    step: float,
    names: Sequence[str] | None = None,
    missing: bool = False,
) -> gr.HTML:
    """Returns a component whose points are dragged up and down, with its first values.

    With `missing`, a point that is dragged below the axis, or deleted by its key, is
    missing. `names` stand below the points, evenly; without them the points' numbers.
    """
    return gr.HTML(
        value=as_value(values),
        html_template='<div class="curve"></div>',
        js_on_load=(FOLDER / "curve.js").read_text(encoding="utf-8"),
        curve_label=label,
        low=low,
        high=high,
        step=step,
        names=list(names or range(len(values))),
        missing=missing,
    )


def values_of(value: str | None, number: int, low: float, high: float) -> list:
    """Returns the numbers of a curve, None for missing ones; refuses what is none."""
    values = parsed(value, "values")
    fine = len(values) == number and all(
        v is None or (type(v) in (int, float) and low <= v <= high) for v in values
    )
    if not fine:
        raise Refused(f"The curve must have {number} numbers in {low:g}..{high:g}.")
    return values


def keyboard(lowest: int, highest: int) -> gr.HTML:
    """Returns a keyboard for MIDI numbers; its value is JSON of `notes`.

    A note is a pair of pitch, 0 for a rest, and sixteenths.
    """
    return gr.HTML(
        value=as_value([], "notes"),
        html_template='<div class="keyboard"></div>',
        js_on_load=(FOLDER / "keyboard.js").read_text(encoding="utf-8"),
        lowest=lowest,
        highest=highest,
    )
