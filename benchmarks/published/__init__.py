"""Comparisons with published figures, and how all of them keep theirs."""

import csv


def complete(path, runs, train):
    """Adds the rows of those `runs` to a CSV file that it lacks, each once it is done.

    A run is a dict of what tells it from the others; `train(run)` returns a dict of
    what was found.
    """
    rows = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    for run in runs:
        key = {name: str(value) for name, value in run.items()}
        if any(key.items() <= row.items() for row in rows):
            continue
        rows.append(key | train(run))
        print(*rows[-1].values(), flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[-1], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
