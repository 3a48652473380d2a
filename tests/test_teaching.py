"""The routes for teachers name sections and exercises that exist, minute by minute."""

import json
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]
TEXT = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
ROUTES = re.findall(r"(?ms)^## (\d+) minutes: .*?\n(.*?)(?=^## |\Z)", TEXT)
PLACE = re.compile(r'\b(0\d[abc]?), (?="|exercises)')


def _markdown_of(number):
    (path,) = ROOT.glob(f"notebooks/{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join(
        "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"
    )


@pytest.mark.parametrize("line", list(filter(PLACE.search, TEXT.splitlines())))
def test_a_route_names_sections_and_exercises_that_exist(line):
    text = _markdown_of(PLACE.search(line)[1])
    sections = line.split("|")[2] if line.startswith("|") else line
    for section in re.findall(r'"([^"]+)"', sections):
        assert re.search(rf"(?m)^##+ {re.escape(section)}$", text), section
    for exercise in re.findall(r"\b(0\d[abc]?\.\d)", line):
        assert f"### Exercise {exercise} " in text, exercise


@pytest.mark.parametrize(("minutes", "route"), ROUTES, ids=[m for m, _ in ROUTES])
def test_a_route_accounts_for_every_minute(minutes, route):
    table = route.split("\n\n")[1]  # the first of the route
    rows = re.findall(r"(?m)^\| (\d+)-(\d+) \|", table)
    ends = [int(end) for _, end in rows]
    assert [int(start) for start, _ in rows] == [0, *ends[:-1]]
    assert ends[-1] == int(minutes)


def test_there_are_three_routes():
    assert [minutes for minutes, _ in ROUTES] == ["45", "90", "180"]
