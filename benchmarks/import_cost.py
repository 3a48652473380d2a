"""What does `import gru_apps` cost beside what it stands on?

    python benchmarks/import_cost.py [--runs 5]

Times fresh processes in turn and prints the ratio of the medians.
"""

import argparse
import statistics
import subprocess
import sys
import time

STATEMENTS = {
    "tensorflow, keras, tensorflow_datasets": (
        "import tensorflow, keras, tensorflow_datasets"
    ),
    "the same and gru_apps": (
        "import tensorflow, keras, tensorflow_datasets, gru_apps; "
        "gru_apps.build_text_classifier"
    ),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    seconds = {name: [] for name in STATEMENTS}
    for _ in range(parser.parse_args().runs):
        for name, statement in STATEMENTS.items():
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", statement], check=True, capture_output=True
            )
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    for name, median in medians.items():
        print(f"{median:6.2f} s  {name}")
    base, ours = medians.values()
    print(f"ratio {ours / base:.3f}")


if __name__ == "__main__":
    main()
