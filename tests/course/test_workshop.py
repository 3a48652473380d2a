"""Handouts: blanks for students, solutions and plans for teachers."""

import json

import nbformat
import pytest

from gru_apps.cli import commands
from gru_apps.course import workshop

PLAN = {"solution": 'answer = 42\ncheck("99.1", answer)', "minutes": 5}
PLAN |= {"question": "Why 42?"}
BLANK = 'answer = ...\ncheck("99.1", answer)'


@pytest.fixture
def notebook():
    new = nbformat.v4
    cells = [
        new.new_markdown_cell(
            "## Data", metadata={"gru_apps": {"minutes": 3}}, id="data"
        ),
        new.new_code_cell(
            BLANK, metadata={"tags": ["exercise"], "gru_apps": PLAN}, id="blank"
        ),
    ]
    cells[1].outputs = [new.new_output("stream", text="99.1: not yet")]
    return new.new_notebook(cells=cells)


def test_a_student_sees_blanks_and_nothing_of_the_solution(notebook):
    student = workshop.student_notebook(notebook)
    assert [cell.source for cell in student.cells] == ["## Data", BLANK]
    text = nbformat.writes(student)
    assert "42" not in text and "not yet" not in text and "minutes" not in text
    assert student.cells[1].metadata.tags == ["exercise"]


def test_a_teacher_sees_solutions_minutes_and_questions(notebook):
    teacher = workshop.teacher_notebook(notebook)
    sources = [cell.source for cell in teacher.cells]
    assert sources[1] == "## Data" and sources[3] == PLAN["solution"]
    assert "3 minutes" in sources[0]
    assert "5 minutes" in sources[2] and "Why 42?" in sources[2]
    nbformat.validate(teacher)


def test_a_solved_notebook_is_the_same_but_for_its_exercises(notebook):
    solved = workshop.solved_notebook(notebook)
    assert [cell.source for cell in solved.cells] == ["## Data", PLAN["solution"]]
    assert notebook.cells[1].source == BLANK


def test_handouts_have_beside_them_what_they_read(notebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ["notebooks/figures", "saved_models/tiny/weights"]:
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "benchmarks/results").mkdir(parents=True)
    (tmp_path / "benchmarks/results/a.csv").write_text("1")
    (tmp_path / "notebooks/figures/a.svg").write_text("<svg/>")
    (tmp_path / "notebooks/glossary.md").write_text("**GRU**")
    nbformat.write(notebook, tmp_path / "notebooks/01_tiny.ipynb")
    assert commands.main(["workshop", "out"]) == 0
    assert (tmp_path / "out/saved_models/tiny/weights").exists()
    assert (tmp_path / "out/benchmarks/results/a.csv").exists()
    for kind in ["student", "teacher"]:
        assert (tmp_path / f"out/{kind}/figures/a.svg").exists()
        assert (tmp_path / f"out/{kind}/glossary.md").exists()
        text = (tmp_path / f"out/{kind}/01_tiny.ipynb").read_text("utf-8")
        assert ("answer = 42" in text) == (kind == "teacher")
        json.loads(text)
    assert commands.main(["workshop", "out"]) == 0  # nobody has changed them


def test_what_a_student_has_written_is_not_overwritten(
    notebook, tmp_path, monkeypatch, capsys
):
    test_handouts_have_beside_them_what_they_read(notebook, tmp_path, monkeypatch)
    solved = tmp_path / "out/student/01_tiny.ipynb"
    solved.write_text(solved.read_text("utf-8").replace("...", "42"), "utf-8")
    before = solved.read_bytes()
    tmp_path.joinpath("out/teacher/01_tiny.ipynb").unlink()
    assert commands.main(["workshop", "out"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert solved.read_bytes() == before
    assert not tmp_path.joinpath("out/teacher/01_tiny.ipynb").exists()
    assert commands.main(["workshop", "."]) == 2
    assert "must not be the folder of the project" in capsys.readouterr().err
