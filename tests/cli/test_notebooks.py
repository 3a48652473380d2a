import pathlib
import re

import nbformat
import pytest

from gru_apps.cli import notebooks

NOTEBOOKS = sorted(pathlib.Path(__file__).parents[2].glob("notebooks/*.ipynb"))
HEADINGS = [
    "## Data",
    "## Model",
    "## Train",
    "## Look inside",
    "## Export and reload",
    "## Exercises",
]
PARAMETERS = ["size", "saved_models", "workdir", "seed"]
SMOKE_SECONDS = 300  # 75 alone on two cores; test workers and others share them


def _read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return _read(request.param)


def _sources(notebook, kind):
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def _exercises(notebook):
    """Returns the cells from the heading of the exercises on, to the end."""
    cells = notebook.cells
    headed = ["## Exercises" in cell.source.splitlines() for cell in cells]
    return cells[headed.index(True) :]


def test_a_notebook_follows_the_order_of_the_course(notebook):
    lines = "\n".join(_sources(notebook, "markdown")).splitlines()
    assert lines[0].startswith("# ")
    assert [line for line in lines if line.startswith("## ")] == HEADINGS


def test_a_notebook_says_what_to_know_before_and_where_to_go_next(notebook):
    texts = _sources(notebook, "markdown")
    assert notebook.cells[0].cell_type == notebook.cells[-1].cell_type == "markdown"
    assert re.search(r"\n\nKnow beforehand: .", texts[0])
    assert re.search(r"(^|\n\n)Where to go next: .", texts[-1])
    assert "\n\n" not in texts[-1].split("Where to go next: ")[1]


def test_a_link_to_the_first_notebook_calls_it_what_a_gru_is(notebook):
    text = " ".join("\n".join(_sources(notebook, "markdown")).split())
    names = re.findall(r"\[([^]]*)\]\(00_what_is_a_gru\.ipynb\)", text)
    assert {name.lower() for name in names} <= {"what a gru is"}


def test_every_exercise_has_a_solution(notebook):
    cells = _exercises(notebook)
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    numbers = [int(number) for number in re.findall(r"(?m)^\*\*(\d+)\. ", text)]
    assert numbers == [*range(1, len(numbers) + 1)]
    solutions = text.count("<details><summary>Solution</summary>")
    assert text.count("<details>") == text.count("</details>") == solutions
    assert solutions == len(numbers) >= 2


def test_two_exercises_check_the_answer_of_the_reader(notebook):
    code = [cell for cell in _exercises(notebook) if cell.cell_type == "code"]
    checking = [cell for cell in code if "not yet" in cell.source]
    assert len(checking) >= 2
    for cell in checking:
        assert re.search(r"(?m)^\w+ = None\b", cell.source)
        assert "look again" in cell.source


def test_a_notebook_is_made_of_short_cells(notebook):
    assert len(notebook.cells) <= 60
    code = _sources(notebook, "code")
    assert max(len(source.splitlines()) for source in code) <= 15
    assert not [source for source in code if "class " in source]
    assert sum(source.count("def ") for source in code) <= 2


def test_one_cell_holds_the_parameters(notebook):
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    names = [line.split(" = ")[0] for line in tagged[0].source.splitlines()]
    assert names == PARAMETERS


def test_no_output_is_an_error(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"


@pytest.mark.corpus
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_at_smoke_size(path, monkeypatch, tmp_path):
    monkeypatch.setattr(notebooks, "output_folder", lambda size: tmp_path)
    before = path.read_bytes()
    assert notebooks.execute(path, size="smoke") < SMOKE_SECONDS
    assert path.read_bytes() == before
    # the first of the course trains cells on toy tasks, of which nobody asks anything
    exports = not path.stem.startswith("00_")
    assert bool(list(tmp_path.glob("**/saved_model.pb"))) == exports
