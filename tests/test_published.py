"""Comparisons with published figures: the files that they keep."""

import csv
import importlib.util
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
SCRIPT = ROOT / "benchmarks" / "runs.py"
RUNS = [{"corpus": "h1", "seed": seed} for seed in (0, 1)]


@pytest.fixture(scope="module")
def complete():
    spec = importlib.util.spec_from_file_location("runs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.complete


def test_a_comparison_that_was_killed_goes_on_with_the_runs_it_lacks(
    complete, tmp_path
):
    path, trained = tmp_path / "results" / "some.csv", []

    def train(run):
        if len(trained) == 1 and not path.with_name("again").exists():
            raise KeyboardInterrupt
        trained.append(run["seed"])
        return {"mse": f"{run['seed']:.1f}"}

    with pytest.raises(KeyboardInterrupt):
        complete(path, RUNS, train)
    path.with_name("again").touch()
    complete(path, RUNS, train)
    complete(path, RUNS, train)
    assert trained == [0, 1]
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"corpus": "h1", "seed": "0", "mse": "0.0"},
        {"corpus": "h1", "seed": "1", "mse": "1.0"},
    ]


def test_the_comparisons_are_listed_where_none_is_named():
    command = [sys.executable, "-m", "benchmarks.published"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 1 and "There are: ett" in said.stderr
