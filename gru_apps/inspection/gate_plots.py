"""Figures of gates, each readable in grey; none is shown until it is returned."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from gru_apps.inspection.plots import panels

STYLES = ("-", "--", ":", "-.")


def plot_gates(
    update,
    reset,
    labels: Sequence | None = None,
    *,
    xlabel: str = "step",
    step: float = 1.0,
) -> Figure:
    """Draws both gates of one sequence, `(steps, units)`: every unit, and their means.

    Units stand in the order of how far their update gate is open, `1 - update`, those
    that keep most at the top. `labels` are written below the steps, one each; without
    them the steps are numbered in units of `step`.
    """
    update, reset = np.asarray(update), np.asarray(reset)
    order = np.argsort(-update.mean(axis=0))
    steps = len(update)
    width = min(14, 3 + (0.4 if labels else 0.06) * steps)
    figure, (kept, used, means) = panels(
        3, 1, width=width, height=6.5, sharex=True, height_ratios=[2, 2, 1.2]
    )
    edges = step * (np.arange(steps + 1) - 0.5)
    for axes, gate, name in [(kept, update, "update"), (used, reset, "reset")]:
        rows = np.arange(len(order) + 1)
        mesh = axes.pcolormesh(
            edges, rows, gate[:, order].T, cmap="Greys", vmin=0, vmax=1
        )
        axes.set(ylabel="unit")
        axes.invert_yaxis()
        figure.colorbar(mesh, ax=axes, label=f"{name} gate")
    places = step * np.arange(steps)
    for gate, name, style in [(update, "update", "o-"), (reset, "reset", "s--")]:
        every = max(1, steps // 40)  # more markers would hide the dashes
        mean = gate.mean(axis=1)
        means.plot(places, mean, style, color="k", ms=3, markevery=every, label=name)
    means.set(xlabel=xlabel, ylabel="mean over units", ylim=(0, 1))
    means.legend(loc="lower left", ncols=2)
    if labels is not None:
        means.set_xticks(places, labels, rotation=60, ha="right")
    return figure


def plot_half_lives(
    lives: Mapping[str, Sequence[float]], unit: str = "steps"
) -> Figure:
    """Draws which share of the units has forgotten half after how many steps.

    `lives` are half-lives `(units,)` by name, as `gates.half_life` returns them.
    """
    figure, (axes,) = panels(1, 1, width=6.5, height=3.6)
    for (name, life), style in zip(lives.items(), STYLES * len(lives), strict=False):
        life = np.sort(np.asarray(life))
        share = np.arange(1, len(life) + 1) / len(life)
        axes.step(life, share, style, color="k", where="post", label=name)
    axes.set(xscale="log", ylim=(0, 1.02))
    axes.xaxis.set_major_locator(
        LogLocator(subs=(1, 1.2, 1.5, 2, 3, 5, 7), numticks=40)
    )
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel=f"half-life ({unit})", ylabel="share of units up to here")
    axes.legend()
    return figure


def plot_memory(
    memories: Mapping[str, Sequence[float]],
    labels: Sequence | None = None,
    *,
    xlabel: str = "step",
    step: float = 1.0,
) -> Figure:
    """Draws how much of a final state depends on each step, for one or more sequences.

    `memories` are norms `(steps,)` by name, as `gates.read_memory` returns them; labels
    are as in `plot_gates`.
    """
    steps = max(map(len, memories.values()))
    width = min(14, 3 + (0.4 if labels else 0.06) * steps)
    figure, (axes,) = panels(1, 1, width=max(5, width), height=3.4)
    styles = zip(memories.items(), STYLES * len(memories), strict=False)
    for (name, memory), style in styles:
        places = step * np.arange(len(memory))
        axes.plot(places, memory, style, color="k", marker="o", ms=3, label=name)
    axes.set(yscale="log", xlabel=xlabel, ylabel="gradient of the final state")
    if labels is not None:
        axes.set_xticks(step * np.arange(len(labels)), labels, rotation=60, ha="right")
    axes.legend()
    return figure
