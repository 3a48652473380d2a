"""The notebooks' figures, each readable in grey; none is shown until it is returned."""

from collections.abc import Collection, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator


def plot_history(
    history: Mapping[str, Sequence[float]], *, loss: str = "loss (nats)"
) -> Figure:
    """Draws each number of a training over its epochs, `x` with `val_x`.

    `history` is what `fit` returns: a list `(epochs,)` by name. `loss` is the label of
    the loss.
    """
    names = list(dict.fromkeys(name.removeprefix("val_") for name in history))
    figure, grid = panels(1, len(names), width=4.5 * len(names), height=3.2)
    for axes, name in zip(grid, names, strict=True):
        for key, label, style, colour in (
            (name, "train", "o-", "0.6"),
            (f"val_{name}", "validation", "s--", "black"),
        ):
            if key in history:
                epochs = np.arange(1, len(history[key]) + 1)
                look = {"color": colour, "label": label, "markersize": 4}
                axes.plot(epochs, history[key], style, **look)
        label = loss if name == "loss" else name.replace("_", " ")
        axes.set(xlabel="epoch", ylabel=label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    return figure


def plot_confusion(counts, labels: Sequence) -> Figure:
    """Draws how often each label, by row, was answered with which one, by column.

    `counts` are integers `(labels, labels)`; zeros are left empty.
    """
    counts = np.asarray(counts)
    side = 1.6 + 0.42 * len(labels)
    figure, (axes,) = panels(1, 1, width=side + 0.6, height=side)
    written = np.where(counts > 0, counts.astype(str), "")
    options = {"cmap": "Greys", "vmin": 0, "square": True, "linewidths": 0.5}
    ticks = {"xticklabels": labels, "yticklabels": labels}
    sns.heatmap(
        counts,
        ax=axes,
        annot=written,
        fmt="",
        cbar_kws={"label": "examples"},
        **options,
        **ticks,
    )
    axes.set(xlabel="answer", ylabel="truth")
    axes.tick_params(axis="y", rotation=0)
    return figure


def plot_reading(
    tokens: Sequence[str], scores: Sequence[float], *, start: float = 0.5
) -> Figure:
    """Draws the score of a text as it is read, and how far each token moved it.

    `tokens` and `scores` are `(length,)`; `scores` are probabilities of the text up to
    each token, and `start` is what stood before the first.
    """
    scores, places = np.asarray(scores), np.arange(len(tokens))
    changes = np.diff(scores, prepend=start)
    figure, (axes,) = panels(1, 1, width=2 + 0.4 * len(tokens), height=3.4)
    axes.axhline(0, color="black", linewidth=0.8)
    for sign, label, colour, hatch in (
        (1, "moved up by", "0.75", ""),
        (-1, "moved down by", "0.45", "////"),
    ):
        change = np.where(changes * sign > 0, changes, 0)
        style = {"color": colour, "hatch": hatch, "edgecolor": "white", "linewidth": 0}
        axes.bar(places, change, label=label, **style)
    axes.plot(places, scores, "o-", color="black", markersize=4, label="score so far")
    axes.axhline(start, color="black", linestyle=":", linewidth=0.8)
    axes.set(ylabel="score (probability)", ylim=(min(changes.min(), 0) - 0.1, 1.05))
    axes.set_xticks(places, tokens, rotation=60, ha="right", rotation_mode="anchor")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
    return figure


def plot_attention(
    source_tokens: Sequence[str],
    target_tokens: Sequence[str],
    weights,
) -> Figure:
    """Draws which source token each target token, by row, was looking at.

    `weights` are shares `(target tokens, source tokens)`. Give source tokens as their
    pinyin, say, where there may be no font for them.
    """
    weights = np.asarray(weights)[: len(target_tokens), : len(source_tokens)]
    size = {
        "width": 2.5 + 0.4 * len(source_tokens),
        "height": 1.6 + 0.32 * len(target_tokens),
    }
    figure, (axes,) = panels(1, 1, **size)
    sns.heatmap(
        weights,
        ax=axes,
        cmap="Greys",
        vmin=0,
        vmax=1,
        xticklabels=source_tokens,
        yticklabels=target_tokens,
        cbar_kws={"label": "attention weight"},
    )
    axes.set(xlabel="source token", ylabel="target token")
    axes.tick_params(axis="y", rotation=0)
    plt.setp(axes.get_xticklabels(), rotation=60, ha="right", rotation_mode="anchor")
    return figure


def plot_features(mfcc, frame_seconds: float = 0.025) -> Figure:
    """Draws the coefficients of one clip, `(frames, coefficients)`, over time.

    The first is the level, and far larger than the rest: it has a panel of its own.
    """
    mfcc = np.asarray(mfcc)
    figure, (level, shape) = panels(2, 1, width=6.5, height=4.5, sharex=True)
    level.step(frame_seconds * np.arange(len(mfcc)), mfcc[:, 0], "k", where="mid")
    level.set(ylabel="coefficient 0")
    edges = frame_seconds * (np.arange(len(mfcc) + 1) - 0.5)
    bounds = np.arange(1, mfcc.shape[1] + 1) - 0.5
    mesh = shape.pcolormesh(edges, bounds, mfcc[:, 1:].T, cmap="cividis")
    figure.colorbar(mesh, ax=shape, label="value")
    shape.set(xlabel="time (s)", ylabel="coefficient")
    return figure


def plot_forming_answer(
    probabilities, labels: Sequence, frame_seconds: float = 0.025
) -> Figure:
    """Draws the probability of each label after each frame, dots on the likeliest.

    `probabilities` are `(frames, labels)`.
    """
    probabilities = np.asarray(probabilities)
    frames = len(probabilities)
    figure, (axes,) = panels(1, 1, width=6.5, height=1.2 + 0.25 * len(labels))
    edges = frame_seconds * (np.arange(frames + 1) - 0.5)
    bounds = np.arange(len(labels) + 1) - 0.5
    scale = {"cmap": "Greys", "vmin": 0, "vmax": 1}
    mesh = axes.pcolormesh(edges, bounds, probabilities.T, **scale)
    figure.colorbar(mesh, ax=axes, label="probability")
    best = probabilities.argmax(axis=1)
    style = {"color": "white", "markeredgecolor": "black", "markersize": 5}
    axes.plot(frame_seconds * np.arange(frames), best, "o", **style)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="time heard (s)", ylabel="answer")
    return figure


def plot_dots(
    intervals: Mapping[str, tuple[float, float, float]],
    *,
    xlabel: str,
    title: str = "",
    ours: Collection[str] | None = None,
    decimals: int = 3,
    from_zero: bool = False,
) -> Figure:
    """Draws a number for each model as a dot with its interval, best to compare by.

    `intervals` give `(value, low, high)` by name, from the top to the bottom. Those
    that `ours` names are black, all others are grey; without it all are black. With
    `from_zero` the axis begins at 0, as that of numbers whose ratio counts.
    """
    height = 1.2 + 0.32 * len(intervals)
    figure, (axes,) = panels(1, 1, width=6.5, height=height)
    for place, (name, (value, low, high)) in enumerate(intervals.items()):
        colour = "k" if ours is None or name in ours else "0.5"
        axes.plot([low, high], [place, place], "-", color=colour)
        axes.plot(value, place, "o", color=colour)
        axes.annotate(
            f"{value:.{decimals}f}",
            (high, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
        )
    axes.set_yticks(range(len(intervals)), list(intervals))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")  # a line would cross the numbers
    axes.margins(x=0.12, y=0.1)
    left, right = (0, 1.05 * axes.dataLim.x1) if from_zero else axes.get_xlim()
    axes.set_xlim(left, right + (right - left) / 10)  # room for the last number
    axes.set(xlabel=xlabel, title=title)
    return figure


def panels(rows, columns, *, width, height, **options):
    """Makes a figure with its panels in a flat array, which a notebook shows once."""
    with sns.axes_style("whitegrid"), sns.plotting_context("notebook", font_scale=0.8):
        figure, grid = plt.subplots(
            rows,
            columns,
            figsize=(width, height),
            layout="constrained",
            squeeze=False,
            **options,
        )
    plt.close(figure)
    return figure, grid.ravel()
