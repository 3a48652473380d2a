"""Executes the notebooks of a clone, in one of three sizes."""

import hashlib
import os
import pathlib
import time
from collections.abc import Sequence

FOLDER = pathlib.Path("notebooks")
BUILD = pathlib.Path("build")
SIZES = ("smoke", "default", "full")
# what papermill adds, for a run of another size or where a run stopped
_ADDED = {"injected-parameters", "papermill-error-cell-tag"}


def find_notebooks(names: Sequence[str] = ()) -> list[pathlib.Path]:
    """Returns the notebooks below the current directory, all or those that are named.

    A name is a stem, or a part that only one stem has. Raises `FileNotFoundError` where
    there are no notebooks, `ValueError` for a name of none or of several.
    """
    paths = sorted(FOLDER.glob("*.ipynb"))
    if not paths:
        raise FileNotFoundError(
            f"There are no notebooks in {FOLDER.absolute()}: "
            f"run this in the clone of the repository."
        )
    return [_find(name, paths) for name in names] or paths


def _find(name, paths):
    exact = [path for path in paths if path.stem == name]
    found = exact or [path for path in paths if name in path.stem]
    if len(found) != 1:
        names = ", ".join(path.stem for path in found or paths)
        trouble = "More than one notebook" if found else "No notebook"
        raise ValueError(f"{trouble} is called {name!r}. There are: {names}")
    return found[0]


def output_folder(size: str) -> pathlib.Path:
    """Returns where a run of `size` writes all but the notebooks of the clone.

    >>> output_folder("smoke").as_posix()
    'build/smoke'
    """
    return BUILD if size == "default" else BUILD / size


def saved_models_folder(size: str) -> pathlib.Path:
    """Returns where a run of `size` saves its models.

    >>> saved_models_folder("default").as_posix()
    'saved_models'
    """
    folder = pathlib.Path("saved_models")
    return folder if size == "default" else output_folder(size) / folder


def execute(path: pathlib.Path, *, size: str = "default") -> float:
    """Executes a notebook and returns the seconds that it took.

    The default size gives the notebook its own outputs anew, once it has come to its
    end, and changes nothing else in it. Other sizes leave it alone, and write into
    `build/`. So does a notebook that fails: `RuntimeError` names the executed copy.
    Interrupted and executed again, neither it nor the library changed, it repeats none
    of the trainings that were finished.
    """
    import nbformat
    import papermill

    notebook = _as_written(nbformat.read(path, as_version=nbformat.NO_CONVERT))
    executed = output_folder(size) / path.name
    executed.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, executed)
    start = time.monotonic()
    finished = executed.with_suffix(f".{_digest(notebook)}.finished").absolute()
    finished.touch()
    lists = {*finished.parent.glob(f"{path.stem}.*.finished")}
    _forget_trainings(lists - {finished})  # of the notebook or library as it was
    os.environ["GRU_APPS_FINISHED"] = str(finished)  # where `fit` lists checkpoints
    try:
        result = papermill.execute_notebook(
            executed,
            executed,
            parameters=_parameters(size),
            kernel_name="python3",
            language="python",
            cwd=path.parent,
        )
    except Exception as error:  # of a cell, or of a kernel that died
        kind = getattr(error, "ename", type(error).__name__)
        reason = f"{kind}: {getattr(error, 'evalue', error)}".splitlines()[0]
        raise RuntimeError(f"{path} failed, see {executed}. {reason}") from error
    finally:
        del os.environ["GRU_APPS_FINISHED"]
    _forget_trainings([finished])
    seconds = time.monotonic() - start
    if size == "default":
        _take_outputs(notebook, result)
        nbformat.write(notebook, executed)
        os.replace(executed, path)
    return seconds


def _digest(notebook):
    """Names the code that a training may depend on."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    library = sorted(pathlib.Path(__file__).parents[1].rglob("*.py"))
    code += [path.read_text(encoding="utf-8") for path in library]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:16]


def _forget_trainings(lists):
    for finished in lists:
        for checkpoint in finished.read_text(encoding="utf-8").splitlines():
            pathlib.Path(checkpoint).unlink(missing_ok=True)
        finished.unlink()


def _parameters(size):
    if size == "default":  # as the notebook itself has it
        return {}
    folders = {
        "saved_models": saved_models_folder(size),
        "workdir": output_folder(size),
    }
    return {"size": size} | {k: str(v.absolute()) for k, v in folders.items()}


def _as_written(notebook):
    notebook.metadata.pop("papermill", None)
    notebook.cells = [
        cell for cell in notebook.cells if not _ADDED & {*cell.metadata.get("tags", ())}
    ]
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
    return notebook


def _take_outputs(notebook, executed):
    for cell, other in zip(notebook.cells, executed.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs = _without_logs(other.outputs)
            cell.execution_count = other.execution_count


def _without_logs(outputs):
    """Leaves out what went to stderr, the logs of a machine, and joins what is left."""
    kept = []
    for output in outputs:
        text = output.get("text") if output.get("name") == "stdout" else None
        if text and kept and kept[-1].get("name") == "stdout":
            kept[-1].text += text
        elif output.get("name") != "stderr":
            kept.append(output)
    return kept
