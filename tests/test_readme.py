import json
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[1]


def test_the_code_of_the_readme_runs(capsys):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert blocks
    for block in blocks:
        exec(block, {})
    assert capsys.readouterr().out == "(1, 2)\n(2, 9, 4) (4,) (2, 9)\n"


def _pages():
    """The text of each page that people read, Markdown or a notebook's."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    for path in [*ROOT.glob("*.md"), *(ROOT / "notebooks").glob("*.md"), *notebooks]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            cells = json.loads(text)["cells"]
            shown = [cell for cell in cells if cell["cell_type"] == "markdown"]
            text = "\n".join("".join(cell["source"]) for cell in shown)
        yield pytest.param(path, text, id=path.name)


@pytest.mark.parametrize(("path", "text"), [*_pages()])
def test_what_a_page_links_to_exists(path, text):
    links = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'src="([^"]+)"', text)
    files = [link for link in links if not link.startswith(("http", "attachment:"))]
    assert not [file for file in files if not (path.parent / file).exists()]
