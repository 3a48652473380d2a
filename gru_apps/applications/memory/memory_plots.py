"""Figures of what is said of cells; none is shown until it is returned."""

from collections.abc import Mapping, Sequence

import numpy as np

GAP = 0.075  # of the height of a panel, between names


def plot_lines(
    panels_of_lines: Mapping[str, Mapping[str, Sequence[float]]],
    x: Sequence[float] | None = None,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    ylim: tuple[float, float],
    levels: Mapping[str, float] | None = None,
    height: float = 3.2,
):
    """Draws lines on a log axis, a panel each, with their names at their right ends.

    `panels_of_lines` holds values `(steps,)` by the name of the line, by the title of
    the panel; `x` are their places, or else they are counted from 1. Lines of a GRU are
    black, others grey. `levels` are heights to compare with, by name, drawn dotted.
    Returns the figure.
    """
    from gru_apps.inspection.plots import panels

    number = len(panels_of_lines)
    size = {"width": 4.9 * number + (0.8 if number == 1 else 0), "height": height}
    figure, grid = panels(1, number, **size, sharey=True)
    for axes, (name, lines) in zip(grid, panels_of_lines.items(), strict=True):
        axes.set(yscale="log", ylim=ylim, xlabel=xlabel, title=name)
        ends, styles = {}, {}
        for place, (label, values) in enumerate(lines.items()):
            values = np.asarray(values, "float64")
            places = np.arange(1, len(values) + 1) if x is None else np.asarray(x)
            colour = "k" if label.startswith("GRU") else "0.45"
            style = "--" if "long start" in label else "-"
            marker = "o^sDv"[place % 5]
            every = max(1, len(values) // 8)
            line = {"marker": marker, "ms": 4, "markevery": (every // 2, every)}
            axes.plot(places, values, style, color=colour, **line)
            ends[label], styles[label] = np.clip(values[-1], *ylim), colour
        for label, height_of in (levels or {}).items():
            axes.axhline(height_of, color="0.45", linestyle=":")
            at = {"xycoords": ("axes fraction", "data"), "color": "0.45"}
            axes.annotate(label, (0.82, height_of), ha="right", va="bottom", **at)
        _name(axes, ends, styles, ylim)
    grid[0].set_ylabel(ylabel)
    figure.suptitle(title)
    return figure


def plot_cells(runs, *, title: str, levels: Mapping[str, float]):
    """Draws the error of every run of `benchmarks/cells.py`, a panel a cell and start.

    `runs`, a table of pandas, are the rows of its CSV. Each run is a dot, and the line
    joins the medians of each learning rate. Panels of a GRU are black.
    """
    from gru_apps.inspection.plots import panels

    kinds = runs.groupby(["cell", "start"], sort=False)
    rates = sorted(runs["learning_rate"].unique())
    size = {"width": 1.0 + 1.8 * len(kinds), "height": 3.2}
    figure, grid = panels(1, len(kinds), **size, sharey=True)
    for axes, ((cell, start), rows) in zip(grid, kinds, strict=True):
        colour = "k" if cell == "GRU" else "0.45"
        places = [rates.index(rate) for rate in rows["learning_rate"]]
        axes.plot(places, rows["error"], "o", color=colour, ms=4)
        medians = rows.groupby("learning_rate")["error"].median().reindex(rates)
        axes.plot(range(len(rates)), medians, "-", color=colour, alpha=0.6)
        name = cell + (", long start" if start == "long" else "")
        axes.set(title=name, yscale="log", xlim=(-0.5, len(rates) - 0.5))
        axes.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
        for level in levels.values():
            axes.axhline(level, color="0.45", linestyle=":")
    for name, level in levels.items():
        grid[0].annotate(name, (-0.4, level), va="bottom", color="0.45")
    grid[0].set_ylabel("test error (squared)")
    grid[0].set_ylim(top=1)  # room for the names of the levels
    figure.supxlabel("learning rate", fontsize="medium")
    figure.suptitle(title)
    return figure


def plot_kinds(runs, *, title: str, units: Mapping[str, str]):
    """Draws the error of every run of `benchmarks/reset_gate.py`, a panel a task.

    `runs`, a table of pandas, are the rows of its CSV; `units` names the error's unit
    by task. Each run is a dot, in a row of its kind, the first of which is black. Less
    is better: left.
    """
    from gru_apps.inspection.plots import panels

    kinds = list(runs["kind"].unique())
    size = {"width": 2.2 + 2.1 * len(units), "height": 1.2 + 0.32 * len(kinds)}
    figure, grid = panels(1, len(units), **size, sharey=True)
    for axes, (task, unit) in zip(grid, units.items(), strict=True):
        for place, kind in enumerate(kinds):
            errors = runs["error"][(runs["task"] == task) & (runs["kind"] == kind)]
            axes.plot(errors, [place] * len(errors), "o", color="0.45", ms=5)
            if not place:
                axes.lines[-1].set_color("k")
        axes.set(title=task, xlabel=unit)
        axes.margins(x=0.1, y=0.15)
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=4)
    grid[0].set_yticks(range(len(kinds)), kinds)
    grid[0].invert_yaxis()
    figure.suptitle(title)
    return figure


def _name(axes, ends, styles, ylim):
    """Writes each name at the end of its line, apart from the others."""
    low, high = np.log(ylim)
    places = {k: (np.log(v) - low) / (high - low) for k, v in ends.items()}
    order = sorted(places, key=places.get)
    heights, below = {}, -np.inf
    for name in order:
        below = heights[name] = max(places[name], below + GAP)
    above = 1 + GAP
    for name in reversed(order):  # back into the panel, from the top
        above = heights[name] = min(heights[name], above - GAP)
    for name, height in heights.items():
        axes.annotate(
            f" {name}",
            (1, height),
            xycoords="axes fraction",
            va="center",
            color=styles[name],
            annotation_clip=False,
        )
