"""The routes for teachers name sections and exercises that exist, minute by minute."""

import json
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]
TEXT = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
ROUTES = re.findall(r"(?ms)^## (\d+) minutes: .*?\n(.*?)(?=^## |\Z)", TEXT)
PLACE = re.compile(r'\b(0\d[abc]?), (?="|exercises)')


SLOT = re.compile(r"(?m)^\| (\d+)-(\d+) \| (0\d[abc]?), (.*?) \| (.*?) \|")
READ_ALOUD = 130  # words a minute


def _cells_of(number):
    (path,) = ROOT.glob(f"notebooks/{number}_*.ipynb")
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def _markdown_of(number):
    return "\n".join(
        "".join(cell["source"])
        for cell in _cells_of(number)
        if cell["cell_type"] == "markdown"
    )


def _minutes_of(number):
    """The minutes of sections, as planned or to read them aloud, and of exercises."""
    words, planned, exercises, section = {}, {}, {}, None
    for cell in _cells_of(number):
        source = "".join(cell["source"])
        minutes = cell["metadata"].get("gru_apps", {}).get("minutes", 0)
        if cell["cell_type"] == "code":
            named = re.findall(r'check\("(0\d[abc]?\.\d)"', source)
            exercises |= dict.fromkeys(named, minutes)
            continue
        for line in source.splitlines():
            if heading := re.match("##+ (.*)", line):
                section = heading[1]
                planned[section] = minutes
            elif section:
                words[section] = words.get(section, 0) + len(line.split())
    read = {name: words.get(name, 0) / READ_ALOUD for name in planned}
    return {name: max(read[name], planned[name]) for name in planned}, exercises


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


@pytest.mark.parametrize("slot", SLOT.findall(TEXT), ids=" ".join)
def test_a_slot_holds_what_is_read_and_done_in_it(slot):
    start, end, number, sections, todo = slot
    read, exercises = _minutes_of(number)
    needed = sum(read[name] for name in re.findall('"([^"]+)"', sections))
    named = re.findall(r"\b0\d[abc]?\.\d", sections + todo)
    needed += sum(exercises[name] for name in named)
    assert 0 <= needed <= int(end) - int(start)


def test_there_are_three_routes():
    assert [minutes for minutes, _ in ROUTES] == ["45", "90", "180"]
