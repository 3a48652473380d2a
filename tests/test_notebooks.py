import pathlib

import nbformat
import pytest

from gru_apps import notebooks

NOTEBOOKS = sorted(pathlib.Path(__file__).parents[1].glob("notebooks/*.ipynb"))
HEADINGS = [
    "## Data",
    "## Model",
    "## Train",
    "## Look inside",
    "## Export and reload",
    "## Exercises",
]
PARAMETERS = ["size", "saved_models", "workdir", "seed"]


def _read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return _read(request.param)


def _sources(notebook, kind):
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def test_a_notebook_follows_the_order_of_the_course(notebook):
    lines = "\n".join(_sources(notebook, "markdown")).splitlines()
    assert lines[0].startswith("# ")
    assert [line for line in lines if line in HEADINGS] == HEADINGS


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
    notebooks.execute(path, size="smoke")
    assert path.read_bytes() == before
    # the first of the course trains cells on toy tasks, of which nobody asks anything
    exports = not path.stem.startswith("00_")
    assert bool(list(tmp_path.glob("**/saved_model.pb"))) == exports
