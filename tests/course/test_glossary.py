"""Each term of the glossary stands in the notebooks that it names, in order."""

import json
import pathlib
import re

import pytest

FOLDER = pathlib.Path(__file__).parents[2] / "notebooks"
TEXT = (FOLDER / "glossary.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"(?m)^\*\*([^*]+)\*\* · (.+)$", TEXT)


def _prose_of(number):
    (path,) = FOLDER.glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    markdown = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    return "\n".join(markdown).lower().replace("\n", " ")


@pytest.mark.parametrize(("term", "entry"), ENTRIES, ids=[term for term, _ in ENTRIES])
def test_a_term_stands_in_the_notebooks_that_its_entry_names(term, entry):
    places = re.findall(r"\b0\d[abc]?\b", " ".join(re.findall(r"\(([^)]*)\)", entry)))
    assert places
    for number in places:
        text = _prose_of(number)
        assert any(name.lower().rstrip("s") in text for name in term.split(", "))


def test_terms_stand_in_order_and_once():
    terms = [term.lower() for term, _ in ENTRIES]
    assert terms == sorted(set(terms))
    assert len(terms) > 40
