"""Handouts: each notebook for students and for teachers, and one deck of slides."""

import pathlib
import shutil

from gru_apps.cli.notebooks import FOLDER, find_notebooks


def write_handouts(folder: pathlib.Path) -> list[pathlib.Path]:
    """Writes each notebook for students and for teachers, and returns the files.

    They go into `folder/student` and `folder/teacher`, with figures and glossary beside
    them. Weights are looked for in `folder/saved_models`, results of benchmarks in
    `folder/benchmarks`; both are made too. `slides.html` is one deck for all of them.
    Raises `ValueError`, and writes nothing, if one of the notebooks is there already
    and is another, solved by a student perhaps, and for the folder of the project.
    """
    import nbformat

    from gru_apps.course import slides, workshop

    kinds = {
        "student": workshop.student_notebook,
        "teacher": workshop.teacher_notebook,
    }
    paths, written = find_notebooks(), {}
    if folder.resolve() == pathlib.Path.cwd().resolve():
        raise ValueError(f"{folder} must not be the folder of the project.")
    notebooks = [nbformat.read(p, as_version=nbformat.NO_CONVERT) for p in paths]
    for path, notebook in zip(paths, notebooks, strict=True):
        for kind, make in kinds.items():
            written[folder / kind / path.name] = nbformat.writes(make(notebook)) + "\n"
    for new, text in written.items():
        if new.exists() and new.read_text(encoding="utf-8") != text:
            raise ValueError(
                f"{new} is there already, and somebody or another version has written "
                "it: move it, or name another folder."
            )
    for new, text in written.items():
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, encoding="utf-8", newline="\n")
    for kind in kinds:
        shutil.copytree(
            FOLDER / "figures", folder / kind / "figures", dirs_exist_ok=True
        )
        shutil.copy(FOLDER / "glossary.md", folder / kind)
    for read in ["saved_models", "benchmarks/results"]:  # by the notebooks
        shutil.copytree(read, folder / read, dirs_exist_ok=True)
    deck = folder / "slides.html"
    deck.write_text(slides.make_deck(notebooks, FOLDER / "figures"), encoding="utf-8")
    return [*written, deck]
