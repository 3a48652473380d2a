"""What the command line prints: tables, JSON, and an error as one plain sentence."""

import codecs
import contextlib
import importlib
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

_ASSERTED = re.compile(r"assertion failed: \[(.*?)\](?:\n| \[|$)", re.DOTALL)


def print_json(objects: Iterable[dict]) -> None:
    """Prints an object per line, for a program to read, in whatever encoding."""
    is_utf_8 = codecs.lookup(sys.stdout.encoding).name == "utf-8"
    for thing in objects:
        print(json.dumps(thing, ensure_ascii=not is_utf_8), flush=True)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Prints rows of one length in aligned columns.

    >>> print_table([["model", "metrics"], ["digits", "accuracy 0.9"]])
    model   metrics
    digits  accuracy 0.9
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


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


def comes_from_outside(error: Exception) -> bool:
    """Tells wrong input and a missing file from a mistake of this program."""
    tensorflow = sys.modules.get("tensorflow")
    kinds = [OSError, ValueError, RuntimeError, ImportError]
    kinds += [tensorflow.errors.OpError] if tensorflow else []
    return isinstance(error, tuple(kinds))


def sentence(error: Exception) -> str:
    """Returns the line of an error that says what was wrong.

    >>> sentence(FileNotFoundError(2, "No such file", "song.mid"))
    'song.mid: No such file'
    """
    if isinstance(error, OSError) and error.strerror:
        named = [str(error.filename)] if error.filename else []
        return ": ".join([*named, error.strerror])
    if asserted := _ASSERTED.search(str(error)):
        return asserted[1]
    # TensorFlow: the reason stands before the names of nodes, which are indented
    lines = [line for line in str(error).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("\t")]
    is_graphs = lines and lines[0].startswith("Graph execution error")
    return (lines or [type(error).__name__])[-1 if is_graphs else 0]
