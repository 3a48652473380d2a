"""The notebooks, to read beside the page: the cell that explains a tab."""

import functools
import html
import json
import pathlib

FOLDER = pathlib.Path("notebooks")


def link(notebook: str, heading: str) -> str:
    """Returns a link to the section of a notebook, as HTML.

    `notebook` is the name of a file without its ending, and `heading` the title of one
    of its sections. Without the notebooks beside it, the page names them and no more.
    """
    said = html.escape(f"{notebook}.ipynb, “{heading}”")
    cell = find_cell(notebook, heading)
    if cell is None:
        return f"Explained in {said}."
    address = f"notebooks/{notebook}.html#cell-id={cell}"
    return f'Explained in <a href="{address}" target="_blank">{said}</a>.'


def find_cell(notebook: str, heading: str) -> str | None:
    """Returns the id of the cell with a heading, None if there is none."""
    path = FOLDER / f"{notebook}.ipynb"
    if not path.exists():
        return None
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        lines = "".join(cell["source"]).splitlines()
        found = any(line.lstrip("# ") == heading for line in lines if line[:1] == "#")
        if cell["cell_type"] == "markdown" and found:
            return cell["id"]
    return None


@functools.lru_cache(maxsize=16)
def as_page(notebook: str) -> str | None:
    """Returns a notebook as a web page that needs no network, None if it is not there.

    Formulas stay as they are written: what draws them would come from the network.
    """
    path = FOLDER / f"{notebook}.ipynb"
    if notebook not in {found.stem for found in FOLDER.glob("*.ipynb")}:
        return None
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        embed_images=True,
        mathjax_url="",
        require_js_url="",
        jquery_url="",
        mermaid_js_url="",
    )
    page, _ = exporter.from_filename(str(path))
    return page
