"""The SavedModels of the page, asked by the very functions of the command line."""

import argparse
import importlib
import os
import threading
from collections.abc import Callable

from gru_apps.cli import options, saved_models
from gru_apps.cli.questions import KINDS


class Models:
    """The SavedModels of a folder: each is loaded when it is first asked, for all."""

    def __init__(self, folder: str | os.PathLike):
        self.folder = folder
        self._loaded, self._locks = {}, {}
        self._lock = threading.Lock()

    def load(self, name: str) -> Callable:
        """Returns the `serving_default` of a model; raises as `saved_models.load`."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._loaded:
                self._loaded[name] = saved_models.load(self.folder, name)
            return self._loaded[name]

    def signature(self, name: str, signature: str) -> Callable:
        """Returns a signature of a model; `ValueError` if it has none of that name."""
        signatures = self.load(name).loaded.signatures
        if signature not in signatures:
            raise ValueError(
                f"The model {name} must have a signature {signature!r}. "
                f"Received: {', '.join(signatures)}"
            )
        return signatures[signature]

    def answers(self, name: str, inputs=(), **asked) -> list[dict]:
        """Answers texts, or paths, as `python -m gru_apps predict NAME` does.

        `asked` are options of the command line by their names, without dashes.
        """
        ask = self.load(name)
        takes = ask.structured_input_signature[1]
        kind = next(KINDS[first] for first in KINDS if first in takes)
        named = {flag[2:].replace("-", "_"): None for flag, *_ in options.OPTIONS}
        if unknown := asked.keys() - named.keys():
            raise ValueError(f"The command line has no option {unknown.pop()!r}.")
        asked = argparse.Namespace(**named | asked | {"model": name})
        options.check_ranges(asked)
        question = importlib.import_module(kind.module)
        return question.answers(ask, [os.fsencode(text) for text in inputs], asked)
