"""Pictures as SVG and HTML, in black and grey, with a text for those who see none."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

STYLES = {"black": "", "grey": "6 4", "dots": "1 4"}  # dashes of lines


def escaped(text) -> str:
    """Returns a text as HTML shows it."""
    return html.escape(str(text))


def picture(width: float, height: float, parts: Sequence[str], alternative: str) -> str:
    """Returns parts of SVG as one picture; `alternative` says what it shows."""
    said = escaped(alternative)
    return (
        f'<div class="picture" tabindex="0" role="group" aria-label="{said}">'
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{said}" '
        f'style="min-width:{width * 0.75:.0f}px;max-width:{width * 1.6:.0f}px">'
        f"{''.join(parts)}</svg></div>"
    )


def text(x, y, said, *, anchor="start", size=13, css="") -> str:
    """Returns a text in a picture, at its baseline."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'class="{css}">{escaped(said)}</text>'
    )


def box(x, y, width, height, *, grey: float = 1, title: str = "", css="") -> str:
    """Returns a rectangle: `grey` is 0 for white and 1 for black."""
    level = round(255 * (1 - min(max(grey, 0), 1)))
    inside = f"<title>{escaped(title)}</title>" if title else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" class="{css}" '
        f'height="{max(height, 0):.1f}" fill="rgb({level},{level},{level})">'
        f"{inside}</rect>"
    )


class Axes(NamedTuple):
    """A rectangle of a picture in which values from `low` to `high` are drawn."""

    left: float
    top: float
    width: float
    height: float
    number: int
    low: float = 0.0
    high: float = 1.0

    def x(self, index: float) -> float:
        """Returns where the middle of a step is."""
        return self.left + (index + 0.5) * self.width / max(self.number, 1)

    def y(self, value: float) -> float:
        """Returns how high a value is."""
        share = (value - self.low) / ((self.high - self.low) or 1)
        return self.top + self.height * (1 - min(max(share, 0), 1))

    def frame(self, label: str, ticks: Sequence[float] = ()) -> str:
        """Returns the frame, with a label above and ticks to the left."""
        parts = [text(self.left, self.top - 6, label, css="label")]
        right = self.left + self.width
        for tick in ticks or (self.low, self.high):
            y = self.y(tick)
            parts.append(
                f'<line x1="{self.left:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}" '
                'class="grid"/>'
            )
            parts.append(text(self.left - 6, y + 4, f"{tick:g}", anchor="end", size=12))
        return "".join(parts)

    def line(self, values: Sequence[float], style: str = "black") -> str:
        """Returns a line through values; it has a gap where one is NaN."""
        known = np.isfinite(np.asarray(values, float))
        path, pen_is_up = [], True
        for index, value in enumerate(values):
            if known[index]:
                move = "M" if pen_is_up else "L"
                path.append(f"{move}{self.x(index):.1f} {self.y(value):.1f}")
            pen_is_up = not known[index]
        dashes = f'stroke-dasharray="{STYLES[style]}"' if STYLES[style] else ""
        return f'<path d="{" ".join(path)}" class="line {style}" {dashes}/>'

    def dots(self, values: Sequence[float]) -> str:
        """Returns a dot for each value that is a number."""
        return "".join(
            f'<circle cx="{self.x(i):.1f}" cy="{self.y(v):.1f}" r="3"/>'
            for i, v in enumerate(values)
            if np.isfinite(v)
        )

    def band(self, lower: Sequence[float], upper: Sequence[float], css="band") -> str:
        """Returns the area between two lines."""
        there = [f"{self.x(i):.1f},{self.y(v):.1f}" for i, v in enumerate(upper)]
        back = [f"{self.x(i):.1f},{self.y(v):.1f}" for i, v in enumerate(lower)]
        return f'<polygon points="{" ".join(there + back[::-1])}" class="{css}"/>'

    def bars(self, values: Sequence[float], *, zero: float = 0.0) -> str:
        """Returns a bar from `zero` to each value."""
        width = self.width / max(self.number, 1) * 0.7
        parts = []
        for index, value in enumerate(values):
            top, bottom = sorted((self.y(value), self.y(zero)))
            left = self.x(index) - width / 2
            parts.append(box(left, top, width, bottom - top, title=f"{value:.3g}"))
        return "".join(parts)

    def cells(self, values: Sequence[float], titles: Sequence[str] = ()) -> str:
        """Returns a strip of cells from white, 0, to black, 1."""
        width = self.width / max(self.number, 1)
        titles = titles or [f"{value:.2f}" for value in values]
        return "".join(
            box(
                self.left + index * width,
                self.top,
                width,
                self.height,
                grey=value,
                title=title,
                css="cell",
            )
            for index, (value, title) in enumerate(zip(values, titles, strict=True))
        )


def legend(x: float, y: float, names: dict[str, str]) -> str:
    """Returns which line is which, by its style, side by side."""
    parts = []
    for name, style in names.items():
        dashes = f'stroke-dasharray="{STYLES[style]}"' if STYLES[style] else ""
        parts.append(
            f'<path d="M{x:g} {y - 4:g} h28" class="line {style}" {dashes}/>'
            + text(x + 34, y, name)
        )
        x += 50 + 7.5 * len(name)
    return "".join(parts)


def bar_rows(rows: Sequence[tuple[str, float, str]], alternative: str) -> str:
    """Returns rows of a name, a share of 1 as a bar, and a remark, as HTML."""
    lines = [
        f'<div class="row"><span class="name">{escaped(name)}</span>'
        f'<span class="track"><span class="fill" style="width:{100 * share:.1f}%">'
        f'</span></span><span class="said">{escaped(said)}</span></div>'
        for name, share, said in rows
    ]
    said = escaped(alternative)
    return f'<div class="rows" role="group" aria-label="{said}">{"".join(lines)}</div>'
