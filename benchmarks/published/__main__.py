"""Trains on corpora that papers report on, and prints our figures beside theirs.

    python -m benchmarks.published NAME [SEED ...] [--evaluate]

Call it from the root of the repository. Without `--evaluate` the validation split alone
is asked, and nothing is kept. With it, so is the test split, once for each seed: its
row stands in `results/NAME.csv` from then on. Killed and called again, a comparison
goes on with the seeds that are missing, and within the training that was going on.
Corpora come from where the builders in `gru_apps/datasets` say.
"""

import argparse
import importlib
import pathlib
import sys

NAMES = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("[!_]*.py"))

if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
    sys.exit(f"{__doc__}\nThere are: {', '.join(NAMES)}")
parser = argparse.ArgumentParser(prog="python -m benchmarks.published")
parser.add_argument("name")
parser.add_argument("seeds", type=int, nargs="*")
parser.add_argument("--evaluate", action="store_true")
asked = parser.parse_intermixed_args()
script = importlib.import_module(f"benchmarks.published.{asked.name}")
script.main(seeds=asked.seeds, evaluate=asked.evaluate)
