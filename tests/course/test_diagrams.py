"""The diagrams are what the script draws, and have words for who cannot see them."""

import pathlib
import subprocess
import sys
from xml.etree import ElementTree

import pytest

ROOT = pathlib.Path(__file__).parents[2]
FIGURES = sorted((ROOT / "notebooks" / "figures").glob("*.svg"))


def test_the_script_draws_what_is_there(tmp_path):
    script = ROOT / "benchmarks" / "diagrams.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert drawn == {path.name: path.read_bytes() for path in FIGURES}
    assert len(drawn) >= 12


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_a_diagram_has_a_title_and_a_description(path):
    space = "{http://www.w3.org/2000/svg}"
    tree = ElementTree.parse(path)
    assert tree.find(f"{space}title").text
    assert len(tree.find(f"{space}desc").text.split()) > 10
    width, height = (float(tree.getroot().get(side)) for side in ("width", "height"))
    for text in tree.iter(f"{space}text"):  # nothing is cut off at a side
        half = 0.31 * float(text.get("font-size")) * len(text.text)
        middle = float(text.get("x"))
        left, right = {
            "middle": (middle - half, middle + half),
            "start": (middle, middle + 2 * half),
            "end": (middle - 2 * half, middle),
        }[text.get("text-anchor")]
        assert left > -5 and right < width + 5, text.text
        assert 0 < float(text.get("y")) < height
