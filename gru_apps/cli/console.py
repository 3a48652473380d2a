"""What the command line says: tables, JSON, and an error as one plain sentence."""

import codecs
import contextlib
import importlib
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

from gru_apps.cli import streams

_ASSERTED = re.compile(r"assertion failed: \[(.*?)\](?:\n| \[|$)", re.DOTALL)


def print_json(objects: Iterable[dict]) -> None:
    """Prints an object per line, for a program to read, in whatever encoding."""
    is_utf_8 = codecs.lookup(sys.stdout.encoding).name == "utf-8"
    for thing in objects:
        line = json.dumps(thing, ensure_ascii=not is_utf_8)
        # the bytes of a path that are no UTF-8 cannot be written but as escapes
        surrogates = any("\ud800" <= letter <= "\udfff" for letter in line)
        streams.write_raw(json.dumps(thing) if surrogates else line)


def print_table(rows: Sequence[Sequence[str | list[str]]]) -> None:
    """Prints rows of one length in aligned columns; a list is a cell of several lines.

    >>> print_table([["model", "metrics"], ["digits", ["accuracy 0.9", "loss 0.3"]]])
    model   metrics
    digits  accuracy 0.9
            loss 0.3
    """
    lines = []
    for row in rows:
        cells = [[cell] if isinstance(cell, str) else cell for cell in row]
        lines += itertools.zip_longest(*cells, fillvalue="")
    lines = [[streams.escaped(part) for part in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        parts = (part.ljust(width) for part, width in zip(line, widths, strict=True))
        streams.write("  ".join(parts).rstrip())


def import_tensorflow() -> ModuleType:
    """Imports TensorFlow without what it writes on stderr before it reads settings."""
    if "tensorflow" not in sys.modules and os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3":
        with _closed_stderr():
            importlib.import_module("tensorflow")
    import tensorflow as tf

    return tf


@contextlib.contextmanager
def _closed_stderr():
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def command_line(*parts: str) -> str:
    """Writes a command that can be pasted into the shell of this system.

    >>> command_line("python", "-m", "json.tool").split()
    ['python', '-m', 'json.tool']
    """
    return subprocess.list2cmdline(parts) if os.name == "nt" else shlex.join(parts)


def comes_from_outside(error: Exception) -> bool:
    """Tells wrong input and a missing file from a mistake of this program."""
    tensorflow = sys.modules.get("tensorflow")
    kinds = [OSError, ValueError, RuntimeError, ImportError]
    kinds += [tensorflow.errors.OpError] if tensorflow else []
    return isinstance(error, tuple(kinds))


def sentence(error: Exception, path: str = "") -> str:
    """Returns the line of an error that says what was wrong, and with which file.

    >>> sentence(FileNotFoundError(2, "No such file", "song.mid"))
    'song.mid: No such file'
    >>> sentence(ValueError("`waveform` must be finite."), "song.wav")
    'song.wav: `waveform` must be finite.'
    """
    named = streams.escaped(path)
    said = _sentence(error, path, named)
    return said if named in said else f"{named}: {said}"


def _sentence(error, path, named):
    if isinstance(error, shutil.Error) and error.args and error.args[0]:
        first = error.args[0][0]  # of all files that could not be copied
        return str(first[2] if isinstance(first, tuple) else error)
    if isinstance(error, OSError) and error.strerror:
        file = [streams.escaped(str(error.filename))] if error.filename else []
        return ": ".join([*file, error.strerror])
    if asserted := _ASSERTED.search(str(error)):
        return asserted[1]
    said = str(error).replace(path, named)  # a path may have line ends
    # TensorFlow: the reason stands before the names of nodes, which are indented
    lines = [line for line in said.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("\t")]
    is_graphs = lines and lines[0].startswith("Graph execution error")
    return (lines or [type(error).__name__])[-1 if is_graphs else 0]
