"""What the page refuses, and how it says so."""

import functools
import html
import os
from collections.abc import Callable

from gru_apps.cli import console

MAX_BYTES = 20 * 2**20  # of a file
MAX_SECONDS = 30  # of a recording


class Refused(ValueError):
    """What a visitor gave cannot be answered; the text says why."""


def message(text: str) -> str:
    """Returns HTML that says what was wrong, also to a screen reader.

    >>> message("Type a <word>.")
    '<p class="message" role="alert">Type a &lt;word&gt;.</p>'
    """
    return f'<p class="message" role="alert">{html.escape(text)}</p>'


def answered(outputs: int = 1) -> Callable:
    """Decorates a function of the page: what is wrong is said in its first output.

    The others, there are `outputs` in all, are then empty. A mistake of the program
    itself is raised.
    """

    def decorate(function):
        @functools.wraps(function)
        def answer(*inputs):
            try:
                return function(*inputs)
            except Exception as error:
                if not console.comes_from_outside(error):
                    raise
                said = message(_without_folders(console.sentence(error), inputs))
                return said if outputs == 1 else (said, *[None] * (outputs - 1))

        return answer

    return decorate


def _without_folders(said, inputs):
    """Leaves out where the server keeps a visitor's file."""
    for path in inputs:
        if isinstance(path, str) and os.path.isabs(path):
            said = said.replace(path, os.path.basename(path))
    return said


def checked_text(text: str | None, most: int, what: str = "text") -> str:
    """Returns a text that is not empty and has at most that many characters."""
    text = (text or "").strip()
    if not text:
        raise Refused(f"Type a {what} first.")
    if len(text) > most:
        raise Refused(f"The {what} may have {most:,} characters. It has {len(text):,}.")
    return text


def checked_number(value, name: str, least: float, most: float) -> float:
    """Returns a number in a range; a slider allows no other, a program may send it."""
    if not isinstance(value, int | float) or not least <= value <= most:
        raise Refused(f"{name} must be {least} to {most}. Received: {value}")
    return value


def checked_file(path: str | None, what: str) -> str:
    """Returns the path of a file that is there and not too large."""
    if not path:
        raise Refused(f"Choose a {what} first.")
    size = os.path.getsize(path)
    if size > MAX_BYTES:
        raise Refused(
            f"A file may have {MAX_BYTES >> 20} MB. This has {size / 2**20:.0f} MB."
        )
    return path
