"""Is this computer ready for the course? In plain words, for participants."""

import importlib.metadata
import importlib.util
import math
import os
import pathlib
import shutil
import sys
import time

from gru_apps.cli import console, corpora, requirements, streams

GIGABYTES = 5  # on the disk: corpora, caches and runs of all notebooks
MEMORY = 4  # gigabytes that the largest notebook takes
SECONDS = 30  # that the small training may take, on the slowest machine that is of use


def check() -> bool:
    """Prints a line for each thing that the course needs, and returns if all are there.

    A line that begins with "!" says what is missing, and what to do.
    """
    checks = [_python, _packages, _disk, _memory, _corpora, _training]
    ready = True
    for each in checks:
        try:
            good, words = each()
        except Exception as error:  # whatever is broken, the other lines are printed
            good, words = False, f"{each.__name__[1:]}: {error}"
        ready &= good
        streams.write(f"{'ok' if good else '! '} {words}")
    if ready:
        begin = console.command_line(_python_here(), "-m", "jupyterlab", "notebooks")
        streams.write(f"This computer is ready. Begin with: {begin}")
    return ready


def _python_here():
    """Returns how this Python is called from here."""
    here = pathlib.Path.cwd()
    python = pathlib.Path(sys.executable)
    return str(python.relative_to(here) if python.is_relative_to(here) else python)


def _python():
    version = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info < (3, 14)
    return good, f"Python {version}" + ("" if good else ": install 3.11, 3.12 or 3.13")


def _packages():
    """Compares what is installed with what requirements.txt asks for."""
    path = pathlib.Path("requirements.txt")
    if not path.exists():
        return False, "requirements.txt is not here: go to the folder of the project"
    missing, others = [], []
    for wanted in requirements.that_hold(path.read_text("utf-8").splitlines()):
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(wanted.name)
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            others.append(wanted.name)
    if missing:
        return False, (
            f"{len(missing)} packages are missing, {missing[0]} for one: "
            "pip install -r requirements.txt"
        )
    if others:
        return True, (
            f"packages, {len(others)} of them in other versions than tested "
            f"({others[0]} for one)"
        )
    return True, "packages, in the versions that were tested"


def _disk():
    folder = corpora.folder()
    folder = next(path for path in [folder, *folder.parents] if path.exists())
    free = min(shutil.disk_usage(path).free for path in (".", folder)) / 1e9
    good = free >= GIGABYTES
    words = f"{_rounded_down(free)} GB free on the disk"
    return good, words + ("" if good else f": make room for {GIGABYTES} GB")


def _memory():
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return True, "memory: this system does not say"
    size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    good = size >= MEMORY
    words = f"{_rounded_down(size)} GB of memory"
    return good, words + ("" if good else f": the course needs {MEMORY} GB")


def _rounded_down(gigabytes):
    """Says 4.9 of 4.96, which is less than 5."""
    return f"{math.floor(10 * gigabytes) / 10:g}"


def _corpora():
    import gru_apps.datasets

    if missing := corpora.not_prepared():
        return False, (
            f"corpora: {', '.join(missing)} not prepared. Run: python -m gru_apps data"
        )
    return True, f"{len(gru_apps.datasets.BUILDERS)} corpora"


def _training():
    import keras
    import numpy as np

    x = np.random.default_rng(0).normal(size=(64, 20, 8)).astype("float32")
    layers = [keras.Input((None, 8)), keras.layers.GRU(16), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    model.compile("adam", "mse")
    begun = time.monotonic()
    history = model.fit(x, x.sum(axis=(1, 2)), epochs=3, verbose=0).history["loss"]
    seconds = time.monotonic() - begun
    good = history[-1] < history[0] and seconds < SECONDS
    words = f"a small GRU was trained in {seconds:.1f} seconds"
    return good, words + ("" if good else ": this machine is too slow or its loss rose")
