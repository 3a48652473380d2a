"""The SavedModels of a folder: which there are, and what they say of themselves."""

import json
import os
import pathlib
from collections.abc import Callable


def newest_versions(folder: str | os.PathLike) -> dict[str, pathlib.Path]:
    """Returns the highest version, `folder/NAME/3` say, of each model by its name."""
    versions = [path for path in pathlib.Path(folder).glob("*/*") if path.is_dir()]
    numbered = [p for p in versions if p.name.isascii() and p.name.isdecimal()]
    ordered = sorted(numbered, key=lambda path: (path.parent.name, int(path.name)))
    return {path.parent.name: path for path in ordered}


def manifest_path(version: pathlib.Path) -> pathlib.Path:
    """Returns where a SavedModel says what it is."""
    return version / "assets.extra" / "manifest.json"


def describe(version: pathlib.Path) -> dict:
    """Returns a model's name and megabytes, and what its manifest says, if it has one.

    Raises `ValueError` for a manifest that is damaged.
    """
    size = sum(path.stat().st_size for path in version.rglob("*") if path.is_file())
    description = {"name": version.parent.name, "megabytes": round(size / 1e6, 2)}
    path = manifest_path(version)
    if not path.exists():
        return description
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        _check(manifest)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    return description | manifest


def table(described: list[dict]) -> list[list[str | list[str]]]:
    """Returns a row for each model that was described, below the names of columns."""
    columns = ["name", "corpus", "parameters", "megabytes", "training_seconds"]
    columns.append("metrics")
    rows = [[column.replace("_", " ") for column in columns]]
    for model in described:
        corpus = model.get("corpus", {}).get("name", "")
        shown = model | {"corpus": corpus}
        cells = [str(shown.get(column, "")) for column in columns[:-1]]
        rows.append([*cells, metrics_of(model)])
    return rows


def metrics_of(manifest: dict) -> list[str]:
    """Writes those metrics of a manifest that are single numbers.

    >>> metrics_of({"metrics": {"accuracy": 0.75, "loss": 0.5, "by_speaker": {}}})
    ['accuracy 0.75', 'loss 0.5']
    """
    metrics = manifest.get("metrics", {}).items()
    single = [(k, v) for k, v in metrics if isinstance(v, int | float)]
    return [f"{name} {number:.4g}" for name, number in single]


def _check(manifest):
    """Refuses what the table of models cannot be made of."""
    if not isinstance(manifest, dict):
        raise ValueError("it is no object.")
    for name in ("corpus", "metrics"):
        if not isinstance(manifest.get(name, {}), dict):
            raise ValueError(f"its {name!r} is no object.")
    for name, metric in manifest.get("metrics", {}).items():
        if isinstance(metric, int) and abs(metric) > 1e300:  # beyond a float
            raise ValueError(f"its metric {name!r} is no number that can be.")


def find(folder: str | os.PathLike, name: str) -> pathlib.Path:
    """Returns the newest version of a model; `ValueError` for a name not there."""
    versions = newest_versions(folder)
    if name not in versions:
        there = ", ".join(versions) or "none"
        raise ValueError(f"No model in {folder} is called {name!r}. There are: {there}")
    return versions[name]


def load(folder: str | os.PathLike, name: str) -> Callable:
    """Loads the newest version of a model and returns its `serving_default`.

    Raises `ValueError` for a name that is not there, and for a model that is damaged.
    """
    import tensorflow as tf

    path = find(folder, name)
    for part in ("saved_model.pb", "variables/variables.index"):
        if not (path / part).exists():
            raise ValueError(f"{path} cannot be loaded: {part} is missing.")
    try:
        # the function needs the variables, which are its model's: keep both
        loaded = tf.saved_model.load(str(path))
        signatures = loaded.signatures
    except Exception as error:  # of many kinds, by what is broken
        reason = (str(error).splitlines() or [""])[0]
        raise ValueError(f"{path} cannot be loaded, it is damaged: {reason}") from error
    if "serving_default" not in signatures:
        raise ValueError(
            f"{path} must have a signature 'serving_default'. "
            f"Received: {', '.join(signatures) or 'none'}"
        )
    answer = signatures["serving_default"]
    answer.loaded = loaded
    return answer
