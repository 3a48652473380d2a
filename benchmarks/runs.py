"""Runs whose rows are kept in a CSV, so that a script goes on where it was stopped."""

import csv
import pathlib
from collections.abc import Callable, Iterable, Mapping


def complete(
    path: pathlib.Path, runs: Iterable[Mapping], measure: Callable[[dict], Mapping]
) -> list[dict[str, str]]:
    """Makes each of the runs that the CSV at `path` lacks, and returns all its rows.

    A run is a dict of what tells it from others; `measure(run)` returns what was found,
    a dict of further columns. A row is printed and written as soon as it is there.
    """
    rows = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    for run in runs:
        run = {name: str(value) for name, value in run.items()}
        if any(run.items() <= row.items() for row in rows):
            continue
        found = {name: str(value) for name, value in measure(run).items()}
        rows.append(run | found)
        print(*rows[-1].values(), flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[-1]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)
    return rows
