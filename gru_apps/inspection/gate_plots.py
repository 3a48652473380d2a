"""Figures of gates, each readable in grey; none is shown until it is returned."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import ticker
from matplotlib.figure import Figure

from gru_apps.inspection.measures import Survival
from gru_apps.inspection.plots import panels

STYLES = ("-", "--", ":", "-.")


def plot_gates(
    update,
    reset=None,
    labels: Sequence | None = None,
    *,
    title: str = "",
    xlabel: str = "step",
    step: float = 1.0,
    units: int = 8,
) -> Figure:
    """Draws the update gates of one sequence, and the means of both gates.

    `update` is `(steps, units)`. The `units` drawn one by one are those whose update
    gates change most, the one that keeps most at the top; a dark gate keeps, a light
    one writes. Means are those of all units; the reset gate's is drawn if it is given.
    `labels` are written below the steps, one each; without them the steps are numbered
    in units of `step`. `title` is what the figure shows.
    """
    update = np.asarray(update)
    telling = np.argsort(-update.std(axis=0))[:units]
    telling = telling[np.argsort(-update[:, telling].mean(axis=0))]
    steps = len(update)
    width = min(14, 3 + (0.4 if labels is not None else 0.06) * steps)
    figure, (kept, means) = panels(
        2, 1, width=max(6, width), height=4.6, sharex=True, height_ratios=[1.6, 1]
    )
    edges = step * (np.arange(steps + 1) - 0.5)
    rows = np.arange(len(telling) + 1) - 0.5
    mesh = kept.pcolormesh(
        edges, rows, update[:, telling].T, cmap="Greys", vmin=0, vmax=1
    )
    kept.set_yticks(range(len(telling)), [f"{unit}" for unit in telling])
    kept.set(ylabel="unit", title=title)
    kept.invert_yaxis()
    kept.grid(visible=False)
    colorbar = figure.colorbar(mesh, ax=kept, ticks=[0, 1], label="update gate")
    colorbar.ax.set_yticklabels(["0: writes", "1: keeps"])
    places = step * np.arange(steps)
    gates = {"update": (update, "-"), "reset": (reset, "--")}
    for name, (gate, style) in gates.items():
        if gate is not None:
            mean = np.asarray(gate).mean(axis=1)
            means.plot(places, mean, style, color="k")
            means.annotate(
                f" {name}", (edges[-1], mean[-1]), va="center", annotation_clip=False
            )
    means.set(xlabel=xlabel, ylabel="mean of all units", ylim=(0, 1))
    if labels is not None:
        means.set_xticks(places, labels, rotation=60, ha="right")
    return figure


def plot_survival(
    survivals: Mapping[str, Survival], unit: str = "steps", *, title: str = ""
) -> Figure:
    """Draws for how long the units of each layer keep half of what they hold.

    `survivals` are what `measures.survival` returns, by the name of the layer, a panel
    each. Units stand from the shortest to the longest median. A unit without a mark
    keeps for longer than its sequences last.
    """
    size = {"width": max(6.5, 3.2 * len(survivals)), "height": 3.8}
    figure, grid = panels(1, len(survivals), **size, sharey=True)
    for axes, (name, survival) in zip(grid, survivals.items(), strict=True):
        order = np.lexsort([survival.percentile_90, survival.median])
        share = (np.arange(len(order)) + 0.5) / len(order)
        lines = {
            "in a tenth of the cases": (survival.percentile_90, "^", "0.6"),
            "in half of the cases": (survival.median, "o", "k"),
        }
        for label, (steps, marker, colour) in lines.items():
            finite = np.where(np.isfinite(steps), steps, np.nan)[order]
            axes.plot(share, finite, marker, ms=3, color=colour, label=label)
        axes.set(title=name, xlabel="share of units", yscale="log", xlim=(0, 1))
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(ticker.NullFormatter())
    grid[0].set_ylabel(f"{unit} until half is gone")
    handles = grid[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2)
    figure.suptitle(title)
    return figure


def plot_memory(
    memories: Mapping[str, Sequence[float]],
    labels: Sequence | None = None,
    *,
    title: str = "",
    xlabel: str = "step",
    step: float = 1.0,
) -> Figure:
    """Draws how much of a final state depends on each step, for one or more sequences.

    `memories` are norms `(steps,)` by name, one sequence of what `read_memory` returns;
    labels are as in `plot_gates`. Raises `ValueError` for norms of another shape.
    """
    for name, memory in memories.items():
        if np.ndim(memory) != 1:
            raise ValueError(
                "Norms must be (steps,), of one sequence. "
                f"Received: {name} of shape {np.shape(memory)}"
            )
    steps = max(map(len, memories.values()))
    width = min(14, 3 + (0.06 if labels is None else 0.4) * steps)
    figure, (axes,) = panels(1, 1, width=max(5, width), height=3.4)
    styles = zip(memories.items(), STYLES * len(memories), strict=False)
    for (name, memory), style in styles:
        places = step * np.arange(len(memory))
        axes.plot(places, memory, style, color="k", marker="o", ms=3, label=name)
    axes.set(yscale="log", xlabel=xlabel, ylabel="gradient of the final state")
    axes.set_title(title)
    if labels is not None:
        axes.set_xticks(step * np.arange(len(labels)), labels, rotation=60, ha="right")
    axes.legend()
    return figure
