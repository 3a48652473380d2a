"""Asks how fast it is, one question after another, each in a process of its own.

    python -m benchmarks.speed [NAME ...]

Call it from the root of the repository. `results/NAME.json` keeps what was found, with
versions and machine. A ratio says how many times as long the other side takes as ours.
Rows beside PyTorch need it installed: see CONTRIBUTING.md. All takes half an hour
on two cores that have nothing else to do.
"""

import pathlib
import subprocess
import sys
import time

NAMES = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("[!_]*.py"))

asked = sys.argv[1:] or NAMES
if not set(asked) <= set(NAMES):
    sys.exit(f"{__doc__}\nThere are: {', '.join(NAMES)}")
failed, begun = [], time.monotonic()
for name in asked:
    command = [sys.executable, "-m", f"benchmarks.speed.{name}"]
    failed += [name] if subprocess.run(command).returncode else []
print(f"{len(asked)} questions took {(time.monotonic() - begun) / 60:.1f} minutes.")
if failed:
    sys.exit(f"These came to no answer: {', '.join(failed)}")
