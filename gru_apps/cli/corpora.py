"""Corpora fetched and prepared ahead of time, with little said meanwhile."""

import contextlib
import importlib
import io
import logging
import os
import pathlib
import sys
from collections.abc import Iterator, Sequence

from gru_apps.cli import streams


def prepare(names: Sequence[str]) -> None:
    """Prepares the named corpora, or all default ones, and prints their splits' sizes.

    Raises ValueError if there is no corpus of a name, before any is prepared, and what
    the builders raise: of a network, an archive or a disk.
    """
    datasets = importlib.import_module("gru_apps.datasets")
    builders = datasets.BUILDERS | datasets.FULL_SIZE
    if unknown := [name for name in names if name not in builders]:
        raise ValueError(
            f"No corpus is called {unknown[0]!r}. There are: {', '.join(builders)}"
        )
    for name in names or datasets.BUILDERS:
        for config in builders[name].BUILDER_CONFIGS or [None]:
            full_name = f"{name}/{config.name}" if config else name
            with _only_our_warnings():
                builder = builders[name](config=config)
                already = builder.is_prepared()
                builder.download_and_prepare()
            splits = builder.info.splits.items()
            sizes = ", ".join(f"{k} {split.num_examples:,}" for k, split in splits)
            was_there = " (was there already)" if already else ""
            streams.write(f"{full_name}: {sizes}{was_there}")


def folder() -> pathlib.Path:
    """Returns the folder in which TensorFlow Datasets keeps corpora."""
    default = pathlib.Path("~", "tensorflow_datasets")
    return pathlib.Path(os.environ.get("TFDS_DATA_DIR") or default).expanduser()


def not_prepared() -> list[str]:
    """Returns the names of the default corpora that are not prepared."""
    import tensorflow_datasets as tfds

    datasets = importlib.import_module("gru_apps.datasets")
    return [n for n in sorted(datasets.BUILDERS) if not tfds.builder(n).is_prepared()]


@contextlib.contextmanager
def _only_our_warnings() -> Iterator[None]:
    """Silences what TensorFlow Datasets prints; the library's warnings are one line."""
    theirs, ours = logging.getLogger("absl"), logging.getLogger("gru_apps")
    shown = logging.StreamHandler(sys.stderr)
    shown.setFormatter(logging.Formatter("gru_apps: warning: %(message)s"))
    before = theirs.level, ours.propagate
    theirs.setLevel(logging.CRITICAL)
    ours.addHandler(shown)
    ours.propagate = False
    try:
        with contextlib.redirect_stdout(io.StringIO()), _no_progress():
            yield
    finally:
        theirs.setLevel(before[0])
        ours.propagate = before[1]
        ours.removeHandler(shown)


@contextlib.contextmanager
def _no_progress() -> Iterator[None]:
    """Leaves bars to terminals: in a file they are a line of thousands of signs."""
    import tensorflow_datasets as tfds

    tfds.display_progress_bar(sys.stderr.isatty())
    try:
        yield
    finally:
        tfds.enable_progress_bar()
