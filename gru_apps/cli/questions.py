"""Puts the questions of the command line to a SavedModel, and prints the answers."""

import importlib
import os
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gru_apps.cli import console, options, streams

CHUNK = 64  # inputs that are answered in one batch


class Kind(NamedTuple):
    """A kind of question: the module that puts it, and the options that it takes.

    The module has `answers(ask, inputs, asked)`, which returns a dict for each of the
    inputs, a list of bytes, and `line(answer)`, which writes one of them, or is None
    where there is nothing to write. A kind that takes no inputs is asked once. Those
    that are paths to files are answered without the files that are bad.
    """

    module: str
    options: tuple[str, ...] = ()
    takes_inputs: bool = True
    takes_files: bool = False


# by the first input that a signature takes
KINDS = {
    "text": Kind("gru_apps.cli.texts", ("n_best", "attention")),
    "prompt": Kind("gru_apps.cli.prompts", ("seed", "temperature", "length", "top_p")),
    "waveform": Kind("gru_apps.cli.recordings", takes_files=True),
    "timestamp": Kind("gru_apps.applications.traffic.question", takes_files=True),
    "primer": Kind(
        "gru_apps.applications.music.question",
        (
            *("seed", "temperature", "steps", "primer", "out"),
            *("harmonize", "voices", "key"),
        ),
        takes_inputs=False,
    ),
}


def put(ask, asked) -> bool:
    """Puts the questions of the command line to a signature, and prints the answers.

    `ask` is a `serving_default`, and `asked` the arguments of `predict`: what is asked
    depends on what the signature takes. Returns whether all were answered: what is
    wrong with a file is said in its place, and the others are answered. Raises
    `ValueError` for a model that takes none of `KINDS`, and for inputs and options that
    it does not take.
    """
    takes = ask.structured_input_signature[1]
    kind = next((KINDS[name] for name in KINDS if name in takes), None)
    if not kind:
        raise ValueError(f"{asked.model} takes {', '.join(takes)}: ask it from Python.")
    _refuse(kind, asked)
    question = importlib.import_module(kind.module)
    answered = True
    for batch in _chunks(asked.inputs) if kind.takes_inputs else [[]]:
        try:
            answers = question.answers(ask, batch, asked)
        except Exception as error:
            if not (kind.takes_files and console.comes_from_outside(error)):
                raise
            # one of the files is bad: which one shows when each is asked alone
            answers = (_answer(question, ask, path, asked) for path in batch)
        for answer in answers:
            answered &= _say(answer, question.line, asked)
    return answered


def _answer(question, ask, path, asked):
    try:
        (answer,) = question.answers(ask, [path], asked)
        return answer
    except Exception as error:
        if not console.comes_from_outside(error):
            raise
        path = os.fsdecode(path)
        return {"error": console.sentence(error, path), "path": path}


def _say(answer, line: Callable, asked):
    """Prints an answer, or complains, and returns whether it was one."""
    if "error" in answer:
        streams.complain(answer["error"])
    if asked.json:
        console.print_json([answer])
    elif "error" not in answer and (said := line(answer)) is not None:
        streams.write(said)
    return "error" not in answer


def _refuse(kind, asked):
    """Refuses what this kind of question would otherwise leave unread."""
    if asked.inputs and not kind.takes_inputs:
        raise ValueError(f"{asked.model} takes no INPUT, but options: see --help.")
    every = {name for each in KINDS.values() for name in each.options}
    for name in sorted(every - set(kind.options)):
        if getattr(asked, name, None) is not None:
            flags = ", ".join(map(options.flag, kind.options)) or "none"
            raise ValueError(
                f"{asked.model} takes no {options.flag(name)}. "
                f"Its options are: {flags}."
            )


def _chunks(inputs) -> Iterator[list[bytes]]:
    """Yields lists of bytes, the arguments or else the lines of stdin."""
    # whoever types waits for the answer to a line before the next
    size = 1 if not inputs and streams.is_typed() else CHUNK
    chunk = []
    try:
        for line in [os.fsencode(text) for text in inputs] or streams.lines():
            chunk.append(line)
            if len(chunk) == size:
                yield chunk
                chunk = []
    except ValueError:  # a line without an end: those before it are answered
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def in_groups(items: Iterable, size: Callable, most: int) -> Iterator[list]:
    """Cuts items in a row into groups that hold `most`, padded to their longest.

    One that is longer than that is a group of its own: it does not pad the others.

    >>> list(in_groups(["abc", "de", "much longer", "f"], len, most=8))
    [['abc', 'de'], ['much longer'], ['f']]
    """
    group, longest = [], 0
    for item in items:
        longest = max(longest, size(item))
        if group and longest * (len(group) + 1) > most:
            yield group
            group, longest = [], size(item)
        group.append(item)
    if group:
        yield group
