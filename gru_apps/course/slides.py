"""One deck of slides, made of the notebooks' titles, diagrams, figures, and recaps."""

import pathlib
import re
from html import escape

STYLE = """
html,body{margin:0;height:100%;background:#fff;color:#1a1a1a;font-family:Verdana,
Helvetica,Arial,sans-serif}section{display:none;box-sizing:border-box;height:100vh;
padding:4vh 6vw;flex-direction:column;justify-content:center}section.on{display:flex}
h1{font-size:5.5vh}h2{font-size:3.6vh;margin:0 0 3vh}p,li{font-size:2.8vh;line-height:
1.5}img,svg{max-width:100%;max-height:70vh;width:auto;height:70vh;margin:auto}
footer{position:fixed;bottom:1.5vh;right:2vw;color:#8a8a8a;font-size:1.8vh}
@media print{section{display:flex;page-break-after:always}footer{display:none}}
"""
SCRIPT = """
const all=[...document.querySelectorAll("section")];let now=0;
function show(n){now=Math.max(0,Math.min(all.length-1,n));
all.forEach((s,i)=>s.classList.toggle("on",i===now));location.hash=now+1;
document.querySelector("footer").textContent=(now+1)+" / "+all.length}
document.addEventListener("keydown",e=>{
if(["ArrowRight","ArrowDown","PageDown"," "].includes(e.key))show(now+1);
if(["ArrowLeft","ArrowUp","PageUp"].includes(e.key))show(now-1);
if(e.key==="Home")show(0);if(e.key==="End")show(all.length-1)});
document.addEventListener("click",()=>show(now+1));
show((parseInt(location.hash.slice(1))||1)-1);
"""


def make_deck(notebooks, figures: pathlib.Path) -> str:
    """Returns a page of slides; arrow keys turn them, and it needs no network.

    `notebooks` are executed ones, in their order; `figures` is the folder that their
    diagrams lie in. Each notebook gives its title and aims, its diagrams, its figures,
    and its recap.
    """
    slides = [slide for notebook in notebooks for slide in _slides(notebook, figures)]
    sections = "\n".join(f"<section>{slide}</section>" for slide in slides)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>Gated recurrent units</title><style>{STYLE}</style></head><body>"
        f"{sections}<footer></footer><script>{SCRIPT}</script></body></html>\n"
    )


def _slides(notebook, figures):
    first = notebook.cells[0].source
    title = first.splitlines()[0].removeprefix("# ")
    about = first.partition("\n")[2].partition("**Know beforehand")[0].strip()
    aims = _list(first) or f"<p>{_inline(about)}</p>"
    yield f"<h1>{escape(title)}</h1>{aims}"
    heading = title
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"(?m)^##+ (.*)$", cell.source)
            heading = headings[-1] if headings else heading
            for words, file in re.findall(
                r"!\[([^]]*)\]\(figures/([^)]*)\)", cell.source
            ):
                drawing = (figures / file).read_text(encoding="utf-8")
                drawing = drawing.replace(
                    "<svg ", f'<svg aria-label="{escape(words)}" ', 1
                )
                yield f"<h2>{escape(heading)}</h2>{_own_markers(drawing, file)}"
            continue
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                content = "".join(output["data"]["image/png"]).replace("\n", "")
                words = escape(heading)
                picture = f'<img alt="{words}" src="data:image/png;base64,{content}">'
                yield f"<h2>{words}</h2>{picture}"
    recap = notebook.cells[-1].source
    yield f"<h2>{escape(title)}: recap</h2>{_list(recap)}"


def _own_markers(drawing, file):
    """Gives the arrow heads of one diagram names that no other has on the page."""
    stem = pathlib.Path(file).stem
    for name in ("ink", "grey", "keep", "write"):
        drawing = drawing.replace(f'id="{name}"', f'id="{stem}-{name}"')
        drawing = drawing.replace(f"url(#{name})", f"url(#{stem}-{name})")
    return drawing


def _list(source):
    # an item goes on until the next, or until an empty line
    items = re.findall(r"(?ms)^(?:- |\d\. )(.*?)(?=^- |^\d\. |^\s*$|\Z)", source)
    parts = [f"<li>{_inline(item)}</li>" for item in items]
    return f"<ul>{''.join(parts)}</ul>" if parts else ""


def _inline(line):
    line = " ".join(line.split())
    line = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line)
    line = re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(line, quote=False))
    return re.sub(r"\*\*([^*]*)\*\*", r"<b>\1</b>", line)
