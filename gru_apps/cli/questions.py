"""Puts the questions of the command line to a SavedModel, and prints the answers."""

import importlib
import itertools
import os
import sys
from typing import NamedTuple

from gru_apps.cli import console

CHUNK = 64  # inputs that are answered in one batch


class Kind(NamedTuple):
    """A kind of question: the module that puts it, and the options that it takes.

    The module has `answers(ask, inputs, asked)`, which returns a dict for each of the
    inputs, a list of bytes, and `line(answer)`, which writes one of them. A kind that
    takes no inputs is asked once.
    """

    module: str
    options: tuple[str, ...] = ()
    takes_inputs: bool = True


# by the first input that a signature takes
KINDS = {
    "text": Kind("gru_apps.cli.texts"),
    "prompt": Kind("gru_apps.cli.prompts", ("seed", "temperature", "length", "top_p")),
    "waveform": Kind("gru_apps.cli.recordings"),
    "timestamp": Kind("gru_apps.applications.traffic.question"),
    "primer": Kind(
        "gru_apps.applications.music.question",
        ("seed", "temperature", "steps", "primer", "out"),
        takes_inputs=False,
    ),
}


def put(ask, asked) -> None:
    """Puts the questions of the command line to a signature, and prints the answers.

    `ask` is a `serving_default`, and `asked` the arguments of `predict`: what is asked
    depends on what the signature takes. Raises `ValueError` for a model that takes
    none of `KINDS`, and for inputs and options that it does not take.
    """
    takes = ask.structured_input_signature[1]
    kind = next((KINDS[name] for name in KINDS if name in takes), None)
    if not kind:
        raise ValueError(f"{asked.model} takes {', '.join(takes)}: ask it from Python.")
    _refuse(kind, asked)
    question = importlib.import_module(kind.module)
    for batch in _chunks(asked.inputs) if kind.takes_inputs else [[]]:
        answers = question.answers(ask, batch, asked)
        if asked.json:
            console.print_json(answers)
            continue
        for answer in answers:
            if line := question.line(answer):
                print(line, flush=True)


def _refuse(kind, asked):
    """Refuses what this kind of question would otherwise leave unread."""
    if asked.inputs and not kind.takes_inputs:
        raise ValueError(f"{asked.model} takes no INPUT, but options: see --help.")
    every = {name for each in KINDS.values() for name in each.options}
    for name in sorted(every - set(kind.options)):
        if getattr(asked, name, None) is not None:
            flags = ", ".join(f"--{o.replace('_', '-')}" for o in kind.options)
            raise ValueError(
                f"{asked.model} takes no --{name.replace('_', '-')}. "
                f"Its options are: {flags or 'none'}."
            )


def _chunks(inputs):
    """Yields lists of bytes, the arguments or else the lines of stdin."""
    inputs = [os.fsencode(text) for text in inputs]
    # whoever types waits for the answer to a line before the next
    size = 1 if not inputs and sys.stdin.isatty() else CHUNK
    lines = inputs or (line.rstrip(b"\r\n") for line in sys.stdin.buffer)
    lines = iter(lines)
    while chunk := list(itertools.islice(lines, size)):
        yield chunk
