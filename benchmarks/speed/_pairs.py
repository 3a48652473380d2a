"""Two sides, timed in turn, and the file that keeps what was found."""

import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

RESULTS = pathlib.Path("benchmarks", "speed", "results")
PACKAGES = "keras", "tensorflow", "numpy", "torch", "onnxruntime", "ai-edge-litert"
SHORTEST = 0.02  # seconds: what is shorter, the clock and other processes drown


def in_turns(
    ours: Callable, theirs: Callable, *, pairs: int = 7, warm_up: int = 2
) -> dict[str, float]:
    """Calls both sides in turn, and returns their times and the ratios of the pairs.

    Sides that are short are called several times in a row. Times are medians in
    milliseconds. `ratio` is the median of theirs over ours, with the quartiles `low`
    and `high` and the extremes `least` and `most`.
    """
    repeats = [_repeats(side) for side in (ours, theirs)]
    times = []
    for _ in range(warm_up + pairs):
        both = zip((ours, theirs), repeats, strict=True)
        times.append([_seconds(side, number) for side, number in both])
    return ratios_of(times[warm_up:])


def ratios_of(times: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Sums up pairs of seconds, ours and theirs, as `in_turns` returns them."""
    times = np.array(times)
    ratios = times[:, 1] / times[:, 0]
    found = dict(zip(["ours_ms", "theirs_ms"], 1e3 * np.median(times, 0), strict=True))
    names = ["least", "low", "ratio", "high", "most"]
    quantiles = np.quantile(ratios, [0, 0.25, 0.5, 0.75, 1])
    found |= dict(zip(names, quantiles, strict=True))
    return {name: float(f"{value:.4g}") for name, value in found.items()} | {
        "pairs": len(times)
    }


def _repeats(side):
    side()  # traces, compiles and allocates
    return max(1, int(SHORTEST / _seconds(side, 1)))


def _seconds(side, number):
    begun = time.perf_counter()
    for _ in range(number):
        side()
    return (time.perf_counter() - begun) / number


def keep(name: str, question: str, rows: Sequence[Mapping]) -> None:
    """Prints the rows, and writes them with versions and machine.

    Each row says in `ours` and `theirs` what was timed.
    """
    print(f"\n{question}")
    for row in rows:
        sides = f"{row['theirs']} / {row['ours']}"
        times = f"{row['theirs_ms']:9.2f} / {row['ours_ms']:8.2f} ms"
        spread = f"({row['low']:.2f} to {row['high']:.2f})"
        print(f"  {row['ratio']:7.2f} {spread:<18}{times}  {sides}", flush=True)
    found = {"question": question, "machine": machine(), "versions": versions()}
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found | {"rows": list(rows)}, indent=1)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def has_torch() -> bool:
    """Tells whether PyTorch is installed, and says so if it is not."""
    found = importlib.util.find_spec("torch") is not None
    if not found:
        print("PyTorch is not installed: its rows are left out.")
    return found


def machine() -> dict:
    """Describes what the figures were measured on."""
    path, model = pathlib.Path("/proc/cpuinfo"), platform.processor()
    # fewer than there are, under `taskset`
    tells = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if tells else os.cpu_count()
    if path.exists():
        lines = path.read_text().splitlines()
        names = [line.split(":")[1] for line in lines if line.startswith("model name")]
        model = names[0].strip() if names else model
    return {
        "processor": model or platform.machine(),
        "cores": cores,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
    }


def versions() -> dict[str, str]:
    """Names the versions of all that takes part."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        if importlib.util.find_spec(name.replace("-", "_")):
            found[name] = importlib.metadata.version(name)
    return found
