"""A few shapes from which the diagrams of the course are drawn, as SVG."""

from html import escape

INK, GREY, KEEP, WRITE = "#1a1a1a", "#8a8a8a", "#1f6f8b", "#c4622d"
FILLS = {
    "data": "#ffffff",
    "layer": "#eef1f4",
    "gate": "#fbeadf",
    "state": "#e0eff4",
    "none": "none",
}


class Drawing:
    """A picture of `width` times `height` units, with words for who cannot see it."""

    def __init__(self, width, height, title, description):
        self.size = width, height
        self.title, self.description = title, description
        self.parts = []

    def box(self, x, y, text, *, width=104, height=38, kind="layer", note=None):
        """Draws a box with its middle at x, y, words in it, and a note below them."""
        left, top = x - width / 2, y - height / 2
        self.parts.append(
            f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" '
            f'rx="6" fill="{FILLS[kind]}" stroke="{INK}" stroke-width="1.4"/>'
        )
        lines = text.split("\n")
        first = y - 8.5 * (len(lines) - 1) + (-7 if note else 0)
        for row, line in enumerate(lines):
            self.label(x, first + 17 * row, line)
        if note:
            self.label(x, y + 10, note, size=11, colour=GREY)

    def node(self, x, y, text, *, radius=13):
        """Draws a circle for an operation on each number by itself."""
        self.parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{radius}" fill="#ffffff" '
            f'stroke="{INK}" stroke-width="1.4"/>'
        )
        self.label(x, y, text, size=15)

    def label(self, x, y, text, *, size=14, anchor="middle", colour=INK, bold=False):
        """Writes words with their middle, `start` or `end` at x, on the height y."""
        weight = ' font-weight="bold"' if bold else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y + size * 0.35:g}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'
        )

    def arrow(self, *points, label=None, at=0.5, side="above", colour=INK, dashed=False,
              head=True, width=1.4):  # fmt: skip
        """Draws a line from point to point with a head at its end, and words on it."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        marker = f' marker-end="url(#{MARKERS[colour]})"' if head else ""
        dashes = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" '
            f'stroke-width="{width}"{dashes}{marker}/>'
        )
        if label:
            (x0, y0), (x1, y1) = points[0], points[1]
            x, y = x0 + at * (x1 - x0), y0 + at * (y1 - y0)
            if side in ("left", "right"):
                x += 7 if side == "right" else -7
                anchor = "start" if side == "right" else "end"
            else:
                y += -11 if side == "above" else 11
                anchor = "middle"
            self.label(x, y, label, size=12, anchor=anchor, colour=colour)

    def shade(self, left, top, right, bottom, text=None):
        """Draws a pale frame behind what belongs together, named at its top left."""
        frame = (
            f'<rect x="{left}" y="{top}" width="{right - left}" '
            f'height="{bottom - top}" rx="10" fill="#f8f8f6" stroke="#d5d5d0"/>'
        )
        self.parts.insert(0, frame)
        if text:
            self.label(left + 10, top + 14, text, size=12, anchor="start", colour=GREY)

    def svg(self) -> str:
        """Returns the picture as the text of an SVG file."""
        width, height = self.size
        heads = "".join(
            f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" '
            f'markerWidth="8" markerHeight="8" orient="auto">'
            f'<path d="M 0 1 L 9 5 L 0 9 z" fill="{colour}"/></marker>'
            for colour, name in MARKERS.items()
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" '
            f'font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif">'
            f"<title>{escape(self.title)}</title><desc>{escape(self.description)}</desc>"
            f'<defs>{heads}</defs><rect width="100%" height="100%" fill="#ffffff"/>'
            + "\n".join(self.parts)
            + "</svg>\n"
        )


MARKERS = {INK: "ink", GREY: "grey", KEEP: "keep", WRITE: "write"}
