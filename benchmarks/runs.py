"""Runs whose rows are kept in a CSV, so that a script goes on where it was stopped."""

import argparse
import csv
import os
import pathlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence


def options_of(
    doc: str, name: str, seeds: Sequence[int] = (0, 1, 2)
) -> argparse.ArgumentParser:
    """Makes a parser with `--seeds` and `--output`: see `rows_path` for a CSV `name`.

    `doc` is the docstring of the script, of which the first line is shown.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(seeds))
    parser.add_argument("--output", type=pathlib.Path, default=rows_path(name))
    return parser


def rows_path(name: str) -> pathlib.Path:
    """Returns where a script keeps its rows unless it is told.

    Figures of notebooks and RESULTS are drawn from `benchmarks/results`, all rows of a
    file. Rows of a script with options of its own go into `build`.
    """
    folder = "build/benchmarks" if sys.argv[1:] else "benchmarks/results"
    return pathlib.Path(folder, name)


def complete(
    path: pathlib.Path, runs: Iterable[Mapping], measure: Callable[[Mapping], Mapping]
) -> list[dict[str, str]]:
    """Makes each of the runs that the CSV at `path` lacks, and returns all its rows.

    A run is a dict of what tells it from others; `measure(run)` returns what was found,
    a dict of further columns. A row is printed and written as soon as it is there.
    """
    rows = read(path)
    for run in runs:
        key = {name: str(value) for name, value in run.items()}
        if any(key.items() <= row.items() for row in rows):
            continue
        found = {name: str(value) for name, value in measure(run).items()}
        rows = read(path)  # another process may have added some
        rows.append(key | found)
        print(*rows[-1].values(), flush=True)
        write(path, rows)
    return rows


def read(path: pathlib.Path) -> list[dict[str, str]]:
    """Returns the rows of a CSV, none if there is no such file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: pathlib.Path, rows: Sequence[Mapping]) -> None:
    """Writes rows as a CSV, with the columns of all of them.

    The file is replaced once it is whole: killed meanwhile, the old one stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = dict.fromkeys(name for row in reversed(rows) for name in row)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(columns), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
