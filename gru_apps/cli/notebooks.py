"""Executes the notebooks of a clone, in one of three sizes, trained or not."""

import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import time
from collections.abc import Iterator, Sequence

FOLDER = pathlib.Path("notebooks")
BUILD = pathlib.Path("build")
SIZES = ("smoke", "default", "full")
# what papermill adds, for a run of another size or where a run stopped
_ADDED = {"injected-parameters", "papermill-error-cell-tag"}


def find_notebooks(names: Sequence[str] = ()) -> list[pathlib.Path]:
    """Returns the notebooks below the current directory, all or those that are named.

    None is there twice. A name is a stem, or a part that only one stem has. Raises
    `FileNotFoundError` where there are no notebooks, `ValueError` for a name of none or
    of several.
    """
    paths = sorted(FOLDER.glob("*.ipynb"))
    if not paths:
        raise FileNotFoundError(
            f"There are no notebooks in {FOLDER.absolute()}: "
            f"run this in the clone of the repository."
        )
    return list(dict.fromkeys(_find(name, paths) for name in names)) or paths


def _find(name, paths):
    exact = [path for path in paths if path.stem == name]
    found = exact or [path for path in paths if name in path.stem]
    if len(found) != 1:
        names = ", ".join(path.stem for path in found or paths)
        trouble = "More than one notebook" if found else "No notebook"
        raise ValueError(f"{trouble} is called {name!r}. There are: {names}")
    return found[0]


def output_folder(size: str, train: bool | str = True) -> pathlib.Path:
    """Returns where a run writes: nothing that git keeps is changed by it.

    >>> output_folder("default").as_posix(), output_folder("smoke").as_posix()
    ('build', 'build/smoke')
    """
    if size != "default":
        return BUILD / size
    return BUILD / {True: "", False: "loaded", "quick": "quick"}[train]


def execute_all(
    paths: Sequence[pathlib.Path], *, at_once: int = 1, **options
) -> Iterator[tuple[pathlib.Path, float]]:
    """Executes notebooks, so many at once, and yields each that ends, with its seconds.

    `options` are those of `execute`. If one fails, no other begins; those that run
    beside it go on to their end, and are not yielded.
    """
    if at_once < 1:
        raise ValueError(f"`--at-once` must be at least 1. Received: {at_once}")
    if at_once == 1:  # and no process beside this one
        yield from ((path, execute(path, **options)) for path in paths)
        return
    from concurrent import futures  # here, for other commands do without
    from multiprocessing import get_context

    with futures.ProcessPoolExecutor(at_once, get_context("spawn")) as pool:
        options["progress_bar"] = False  # two of them would write over each other
        waiting, runs = list(paths), {}
        while waiting or runs:
            while waiting and len(runs) < at_once:  # the pool would take one more
                path = waiting.pop(0)
                runs[pool.submit(execute, path, **options)] = path
            done, _ = futures.wait(runs, return_when="FIRST_COMPLETED")
            for run in done:
                yield runs.pop(run), run.result()


def execute(
    path: pathlib.Path,
    *,
    size: str = "default",
    train: bool | str = True,
    progress_bar: bool = True,
) -> float:
    """Executes a copy of a notebook in `build/`, and returns the seconds that it took.

    `size` and `train` are those of `course.Lesson`; the progress bar goes to stderr.
    The notebook stays as it is: `promote` hands it the outputs. Raises `RuntimeError`,
    which names the executed copy, if it fails. Interrupted and executed again, neither
    it nor the library changed, it repeats none of the trainings that were finished.
    """
    import nbformat
    import papermill

    notebook = _as_written(nbformat.read(path, as_version=nbformat.NO_CONVERT))
    executed = output_folder(size, train) / path.name
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
            parameters=_parameters(notebook, size, train),
            kernel_name="python3",
            progress_bar=progress_bar,
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
    _take_outputs(notebook, _as_written(result))
    nbformat.write(notebook, executed)
    return time.monotonic() - start


def promote(path: pathlib.Path, train: bool = True) -> list[str]:
    """Hands a notebook the outputs of its default run, and the clone what it saved.

    Without `train`, that run is the one that loaded its weights.

    Returns the names below `saved_models` that are now as that run has saved them: that
    of the notebook's `Lesson`, if it has saved anything. Raises `FileNotFoundError` if
    the notebook was not executed, and `ValueError` if it has changed since, or was not
    executed to its end.
    """
    import nbformat

    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    executed = output_folder("default", train) / path.name
    if not executed.exists():
        raise FileNotFoundError(f"{path} was not executed: there is no {executed}.")
    result = nbformat.read(executed, as_version=nbformat.NO_CONVERT)
    sources = [[cell.source for cell in n.cells] for n in (notebook, result)]
    if sources[0] != sources[1]:
        raise ValueError(
            f"{path} has changed since it was executed, or that run did not come to "
            "its end: run it again."
        )
    _take_outputs(notebook, result)
    nbformat.write(notebook, path)
    names = re.findall(r'\bLesson\(\s*"(\w+)"', "\n".join(sources[0]))
    saved = executed.with_name("saved_models")
    return [name for name in names if _promote_saved(saved / name)]


def _promote_saved(built):
    """Puts what a default run has saved in the place of what ships, if it has."""
    parts = [part for part in built.glob("[!.]*") if part.is_dir()]
    for part in sorted(parts):
        old = pathlib.Path("saved_models", built.name, part.name)
        if part.name != "weights":  # of which a run may have trained a part
            shutil.rmtree(old, ignore_errors=True)
        for new in part.glob("*.*") if part.name == "weights" else ():
            for suffix in (".keras", ".json"):  # a part has one of them
                old.joinpath(new.stem + suffix).unlink(missing_ok=True)
        shutil.copytree(part, old, dirs_exist_ok=True)
    return bool(parts)


def _digest(notebook):
    """Names the code that a training may depend on."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    library = sorted(pathlib.Path(__file__).parents[1].rglob("*.py"))
    code += [path.read_text(encoding="utf-8") for path in library]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()[:16]


def _forget_trainings(lists):
    for finished in lists:
        # another process that executes the same may have done so
        with contextlib.suppress(FileNotFoundError):
            for checkpoint in finished.read_text(encoding="utf-8").splitlines():
                pathlib.Path(checkpoint).unlink(missing_ok=True)
            finished.unlink()


def _parameters(notebook, size, train):
    """Returns what differs from the notebook's own parameters, those that it has."""
    new = {"size": size, "train": train, "folder": str(BUILD.absolute())}
    cells = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", ())]
    lines = [line for cell in cells for line in cell.source.splitlines()]
    names = {line.split(" = ")[0] for line in lines}
    return {name: value for name, value in new.items() if name in names}


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
