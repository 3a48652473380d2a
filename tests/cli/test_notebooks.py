"""The rules of the course, and that its notebooks run, solved and at smoke size."""

import ast
import builtins
import csv
import pathlib
import re
import statistics
import symtable

import nbformat
import pytest

from gru_apps.cli import notebooks
from gru_apps.course import exercises, workshop

ROOT = pathlib.Path(__file__).parents[2]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
PARAMETERS = ["size", "train", "seed", "folder"]
SMOKE_SECONDS = 300  # 75 alone on two cores; test workers and others share them
MEGABYTES = 2
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
LEVELS = "predict|fill in|debug|extend"
# names that are verbs or pronouns, and not the field's
VAGUE = {"asked", "both", "heard", "meant", "said", "some", "strangers", "told"}
# of RESULTS, by other commands: `sentiment.py` (means of three seeds), its `--reviews`,
# recordings that are clipped, and a notebook of size "full"
ELSEWHERE = {"0.801", "0.768", "0.779", "0.829", "0.773", "0.82"}
ELSEWHERE |= {"2.311", "1.602", "2.338"}
NUMBER = r"(?<![\w.,:/-])\d[\d,]*(?:\.\d+)?(?:e-?\d+)?(?![\w:/]|\.\d)"


def _read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return _read(request.param)


def _sources(notebook, kind):
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def _without_magic(source):
    return "\n".join(line for line in source.splitlines() if line[:1] != "%")


def _is_exercise(cell):
    return "exercise" in cell.metadata.get("tags", ())


def _printed(cell):
    """All that a cell's outputs say in words and numbers."""
    said = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        said += [output.get("text", ""), data.get("text/plain", "")]
        if "audio" not in data.get("text/html", ""):
            said.append(re.sub("<[^>]*>", " ", data.get("text/html", "")))
    return "\n".join(said)


def _prose(cell):
    """The words of a Markdown cell, without code, formulas, links, and papers."""
    text = re.sub(r"(?s)```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", " ", cell.source)
    text = re.sub(r"\]\([^)]*\)|https?://\S+|(arXiv|doi):\S+", " ", text)
    return re.sub(r"(?m)^#.*$", " ", text)


def test_a_notebook_says_what_to_know_and_how_long_it_takes(notebook):
    first, last = notebook.cells[0], notebook.cells[-1]
    assert first.cell_type == last.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert re.search(r"\*\*Know beforehand:\*\* .", first.source)
    assert re.search(r"\*\*Time:\*\* .*minute", first.source)


def test_a_notebook_ends_in_a_recap(notebook):
    last = notebook.cells[-1].source
    assert last.startswith("## Recap")
    assert len(re.findall(r"(?m)^(?:- |\d\. )", last)) >= 5
    assert "You can now" in last and "](" in last


def test_one_cell_holds_the_parameters(notebook):
    (cell,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    assert [line.split(" = ")[0] for line in cell.source.splitlines()] == PARAMETERS


def test_a_notebook_is_made_of_short_cells(notebook):
    lines = [len(source.splitlines()) for source in _sources(notebook, "code")]
    assert statistics.median(lines) <= 6
    assert max(lines) <= 20


def test_the_gru_is_written_out_and_compared_in_each_application(notebook):
    if not re.match(r"# .*", notebook.cells[0].source) or not _saves(notebook):
        return
    assert any("layers.GRU(" in source for source in _sources(notebook, "code"))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert any("largest difference" in cell.source for cell in code)


def _saves(notebook):
    return any(".publish(" in source for source in _sources(notebook, "code"))


def test_names_in_code_are_of_the_field(notebook):
    for source in _sources(notebook, "code"):
        nodes = [*ast.walk(ast.parse(_without_magic(source)))]
        names = {getattr(node, "id", getattr(node, "arg", None)) for node in nodes}
        names |= {getattr(node, "name", None) for node in nodes}
        assert not names & VAGUE, source


def test_each_exercise_was_executed_with_its_blank_and_failed(notebook):
    for cell in notebook.cells:
        if _is_exercise(cell):
            answer = _printed(cell)
            assert "not yet" in answer or "look again" in answer, cell.source


def test_no_cell_reads_what_it_then_assigns_anew(notebook):
    """Or a second run would begin where the first has ended."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and not _is_exercise(cell):
            assert not _read_before_assigned(cell.source), cell.source


def _read_before_assigned(source):
    """Names of a cell that it reads before it assigns them, by order of execution."""
    seen, read, found = set(), set(), set()

    def visit(node, own=()):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id not in seen | {*own}:
                read.add(node.id)
            elif isinstance(node.ctx, ast.Store) and node.id not in own:
                found.update({node.id} & read)
                seen.add(node.id)
            return
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            if isinstance(node, ast.FunctionDef):
                seen.add(node.name)
            for default in node.args.defaults:
                visit(default, own)
            return  # its body runs later; names of its own stay its own
        if isinstance(node, ast.ClassDef):
            seen.add(node.name)
            return
        if isinstance(
            node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
        ):
            inner = {
                n.id
                for g in node.generators
                for n in ast.walk(g.target)
                if isinstance(n, ast.Name)
            }
            for child in ast.iter_child_nodes(node):
                for name in ast.walk(child):
                    if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load):
                        visit(name, {*own, *inner})
            return
        if isinstance(node, ast.Assign | ast.AnnAssign):
            if node.value:
                visit(node.value, own)
            for target in getattr(node, "targets", None) or [node.target]:
                visit(target, own)
            return
        if isinstance(node, ast.AugAssign):
            if isinstance(node.target, ast.Name) and node.target.id not in seen:
                found.add(node.target.id)
            visit(node.value, own)
            return
        if isinstance(node, ast.For):
            visit(node.iter, own)
            visit(node.target, own)
            for child in [*node.body, *node.orelse]:
                visit(child, own)
            return
        for child in ast.iter_child_nodes(node):
            visit(child, own)

    for statement in ast.parse(_without_magic(source)).body:
        visit(statement)
    return found - set(dir(builtins))


def test_no_cell_reads_what_a_later_one_replaces(notebook):
    """Or a second run of it, as of an exercise after all cells ran, reads another."""
    cells = [_read_and_assigned(source) for source in _sources(notebook, "code")]
    for place, (read, _) in enumerate(cells):
        before, after = cells[:place], cells[place + 1 :]
        replaced = set().union(*(assigned for _, assigned in after))
        assert not read & replaced & set().union(*(names for _, names in before))


def _read_and_assigned(source):
    """The names that a cell takes from others, in functions too, and those it gives."""
    top = symtable.symtable(_without_magic(source), "cell", "exec")
    read, waiting = set(), [top]
    for table in waiting:  # which grows
        waiting += table.get_children()
        read |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (table is top or symbol.is_global())
        }
    assigned = {
        symbol.get_name()
        for symbol in top.get_symbols()
        if symbol.is_assigned() or symbol.is_imported()
    }
    return read - assigned, assigned


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = f(x)", {"x"}),
        ("x += 1", {"x"}),
        ("x = 0\nx = f(x)", set()),
        ("for s in a:\n    state = step(s, state)", {"state"}),
        ("state = 0\nfor s in a:\n    state = step(s, state)", set()),
        ("y = [x for x in x_all]\nx = 1", set()),
        ("def f(x):\n    x = x + 1\n    return x", set()),
        ("key = {k: v for k, v in t.items()}\nv = 1", set()),
    ],
)
def test_a_second_run_of_a_cell_is_told_from_a_first(source, expected):
    assert _read_before_assigned(source) == expected


def test_numbers_in_prose_are_printed_before(notebook):
    """Those of papers stand in the metadata of their cell, as "facts"."""
    known = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            known |= _numbers(cell.source + "\n" + _printed(cell))
            known |= {str(float(n)) for n in known if re.fullmatch(r"\d+\.\d+", n)}
            continue
        facts = cell.metadata.get("gru_apps", {}).get("facts", [])
        for number in re.findall(NUMBER, _prose(cell)):
            plain = number.replace(",", "").replace("e-0", "e-")
            if (
                "." not in plain
                and "e-" not in plain
                and (len(plain) < 3 or 1400 <= int(plain) < 2100)
            ):
                continue  # small counts, and years
            assert plain in known or number in facts, f"{number} in: {cell.source}"
        shares = {*re.findall(r"(\d+(?:\.\d+)?) ?%", _prose(cell))}
        shares -= {"95"}  # of intervals
        assert shares <= known, f"{shares - known} in: {cell.source}"


def _numbers(text):
    found = re.findall(r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", text.replace("e-0", "e-"))
    return {number.replace(",", "") for number in found}


def test_results_are_those_that_notebooks_print():
    """Decimals of the table and of the text, as printed, rounded, or as a share."""
    results = (ROOT / "RESULTS.md").read_text("utf-8")
    table, text = results.split("## Beside published")[0].split("## What the figures")
    rows = [line for line in table.splitlines() if line.startswith("|")]
    of_scripts = set()
    for path in ROOT.glob("benchmarks/results/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            of_scripts |= {cell for row in csv.reader(file) for cell in row}
    known, wrong, count = set(), [], 0
    for line in [*rows, *text.splitlines()]:
        if label := re.match(r"\| `(\d\d)_|\*\*[^*]*\((\d\d)\w?\)\.\*\*", line):
            paths = ROOT.glob(f"notebooks/{label[1] or label[2]}*.ipynb")
            cells = [cell for path in paths for cell in _read(path).cells]
            known = of_scripts | _numbers("\n".join(map(_printed, cells)))
        values = [float(n) for n in known if re.fullmatch(r"\d+(?:\.\d+)?", n)]
        values += [value / 100 for value in values]
        for number in re.findall(r"(?<![\w.])\d+\.\d+(?![\d.e])", line):
            places, count = len(number.split(".")[1]), count + 1
            if number not in {*ELSEWHERE, *(f"{v:.{places}f}" for v in values)}:
                wrong.append((number, line[:60]))
    assert not wrong and count > 150


def test_exercises_stand_in_place_each_with_a_check_and_a_solution(notebook):
    numbers = []
    for cell in notebook.cells:
        numbers += re.findall(
            r"(?m)^### Exercise (\w+\.\d+) · (?:predict|fill in|debug|extend)",
            cell.source,
        )
    asked = [cell for cell in notebook.cells if _is_exercise(cell)]
    assert len(numbers) == len(asked) >= 6
    for number, cell in zip(numbers, asked, strict=True):
        plan = cell.metadata[workshop.KEY]
        assert f'check("{number}"' in cell.source
        assert f'check("{number}"' in plan["solution"] != cell.source
        assert plan["minutes"] > 0 and plan["question"]
        exercises.hint(number)
    assert len({number.split(".")[0] for number in numbers}) == 1


def test_export_takes_few_lines(notebook):
    lines = 0
    for cell in notebook.cells:
        if cell.cell_type == "code" and ".publish(" in cell.source:
            begin = cell.source[: cell.source.index(".publish(")].count("\n")
            lines += len(cell.source.splitlines()) - begin
    assert lines < 12


def test_every_picture_has_words_for_those_who_cannot_see_it(notebook):
    text = "\n".join(_sources(notebook, "markdown"))
    for words, file in re.findall(r"!\[([^]]*)\]\(([^)]*)\)", text):
        assert len(words.split()) > 5
        assert (ROOT / "notebooks" / file).exists(), file


def test_no_output_is_an_error(notebook):
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small(path):
    assert path.stat().st_size < MEGABYTES * 1e6


@pytest.mark.corpus
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_solved_notebook_runs_at_smoke_size(path, monkeypatch, tmp_path):
    monkeypatch.setattr(notebooks, "BUILD", tmp_path / "build")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for shared in ["notebooks/figures", "saved_models", "benchmarks"]:
        tmp_path.joinpath(shared).symlink_to(ROOT / shared)
    solved = workshop.solved_notebook(_read(path))
    nbformat.write(solved, folder / path.name)
    assert notebooks.execute(folder / path.name, size="smoke") < SMOKE_SECONDS
    executed = _read(tmp_path / "build" / "smoke" / path.name)
    said = [_printed(cell) for cell in executed.cells if _is_exercise(cell)]
    verdicts = re.findall(r"(?m)^\w+\.\d+: .*$", "\n".join(said))
    assert len(verdicts) == len(said)
    assert not [verdict for verdict in verdicts if not verdict.endswith(": right.")]
    published = bool(list(tmp_path.glob("build/smoke/saved_models/*/1/*.pb")))
    assert published == _saves(solved)


def _write(path, *sources, outputs=()):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    cells[0].outputs = list(outputs)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def test_a_run_changes_nothing_but_build_until_it_is_promoted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = pathlib.Path("notebooks", "01_tiny.ipynb")
    path.parent.mkdir()
    _write(path, "Lesson = str", 'lesson = Lesson("tiny")', "print(6 * 7)")
    with pytest.raises(FileNotFoundError, match="was not executed"):
        notebooks.promote(path)
    before = path.read_bytes()
    notebooks.execute(path)
    new = pathlib.Path("build", "saved_models", "tiny", "1")
    new.mkdir(parents=True)
    new.joinpath("saved_model.pb").write_text("new")
    old = pathlib.Path("saved_models", "tiny", "1")
    old.mkdir(parents=True)
    old.joinpath("left over").write_text("old")
    for path_of_weights in (
        "build/saved_models/tiny/weights/served.json",  # now in the SavedModel
        "saved_models/tiny/weights/served.keras",
        "saved_models/tiny/weights/compared.keras",
    ):
        weights = pathlib.Path(path_of_weights)
        weights.parent.mkdir(exist_ok=True)
        weights.write_text("{}")
    pathlib.Path("build", "saved_models", "tiny", ".DS_Store").write_text("")
    others = pathlib.Path("build", "saved_models", "other", "1")
    others.mkdir(parents=True)
    assert path.read_bytes() == before
    assert notebooks.promote(path) == ["tiny"]
    assert _read(path).cells[2].outputs[0].text == "42\n"
    assert not pathlib.Path("saved_models", "other").exists()
    assert [file.name for file in old.iterdir()] == ["saved_model.pb"]
    weights = pathlib.Path("saved_models", "tiny", "weights").iterdir()
    assert {file.name for file in weights} == {"served.json", "compared.keras"}
    with pytest.raises(FileNotFoundError, match="was not executed"):
        notebooks.promote(path, train=False)
    notebooks.execute(path, train=False)
    assert notebooks.promote(path, train=False) == []  # it has saved nothing
    _write(path, "print(6 * 8)")
    with pytest.raises(ValueError, match="has changed since"):
        notebooks.promote(path)


def test_a_run_with_weights_leaves_the_trainings_of_an_interrupted_one(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path = pathlib.Path("notebooks", "01_tiny.ipynb")
    path.parent.mkdir()
    stop, finished = tmp_path / "stop", tmp_path / "finished.weights.h5"
    _write(
        path,
        "import os, pathlib",
        f"if pathlib.Path({str(stop)!r}).exists():\n"
        f"    text = {str(finished)!r}\n"
        "    pathlib.Path(os.environ['GRU_APPS_FINISHED']).write_text(text)\n"
        "    raise ValueError('interrupted')",
    )
    stop.touch()
    finished.touch()
    with pytest.raises(RuntimeError, match="interrupted"):
        notebooks.execute(path)
    stop.unlink()
    notebooks.execute(path, train=False)
    assert finished.exists()
    notebooks.execute(path)
    assert not finished.exists()


def test_a_notebook_that_is_named_twice_is_executed_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = pathlib.Path("notebooks", "01_tiny.ipynb")
    path.parent.mkdir()
    _write(path, "1")
    assert notebooks.find_notebooks(["tiny", "01"]) == [path]


def test_quick_runs_and_other_sizes_are_never_promoted():
    folders = [("smoke", True), ("full", True), ("default", "quick"), ("default", True)]
    promoted = notebooks.output_folder("default", False)
    assert promoted == notebooks.output_folder("default", True).joinpath("loaded")
    assert len({notebooks.output_folder(*each) for each in folders}) == 4
