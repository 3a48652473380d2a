"""Runs whose rows are kept in a CSV, so that a script goes on where it was stopped."""

import csv
import pathlib
from collections.abc import Callable, Iterable, Mapping, Sequence


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
    """Writes rows as a CSV, with the columns of the last one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[-1]), lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
