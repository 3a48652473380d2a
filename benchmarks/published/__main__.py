"""Trains on corpora that papers report on, and keeps the figures in a CSV file each.

    python -m benchmarks.published ett 0 1 2

Call it from the root of the repository; numbers are seeds. Corpora come from where the
builders in `gru_apps/datasets` say. Killed and called again, a comparison goes on with
the runs that are missing.
"""

import importlib
import pathlib
import sys

NAMES = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("[!_]*.py"))

if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
    sys.exit(f"{__doc__}\nThere are: {', '.join(NAMES)}")
importlib.import_module(f"benchmarks.published.{sys.argv[1]}").main(sys.argv[2:])
