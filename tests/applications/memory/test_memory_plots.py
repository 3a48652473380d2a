import itertools

import numpy as np
import pandas as pd

from gru_apps.applications.memory.memory_plots import (
    GAP,
    plot_cells,
    plot_kinds,
    plot_lines,
)


def _runs(errors):
    kinds = [("LSTM", "keras"), ("GRU", "keras"), ("GRU", "long")]
    runs = itertools.product(kinds, [0.003, 0.03], range(3))
    rows = [
        (*kind, rate, error)
        for (kind, rate, _), error in zip(runs, errors, strict=True)
    ]
    return pd.DataFrame(rows, columns=["cell", "start", "learning_rate", "error"])


def test_every_run_of_every_seed_is_a_dot():
    errors = np.geomspace(1e-5, 1, 18)
    figure = plot_cells(_runs(errors), title="spread", levels={"always 1": 1 / 6})
    dots = [
        line.get_ydata()
        for axes in figure.axes
        for line in axes.lines
        if line.get_marker() == "o"
    ]
    np.testing.assert_allclose(np.concatenate(dots), errors)
    assert [axes.get_title() for axes in figure.axes] == [
        "LSTM",
        "GRU",
        "GRU, long start",
    ]


def test_names_of_lines_stand_apart_and_within_the_panel():
    lines = {f"line {n}": [1.0, 1e-9, 1e-9 * (1 + n)] for n in range(6)}
    figure = plot_lines(
        {"panel": lines}, title="all", xlabel="x", ylabel="y", ylim=(1e-9, 10)
    )
    heights = sorted(text.xy[1] for text in figure.axes[0].texts)
    assert np.diff(heights).min() > GAP - 1e-9
    assert min(heights) > -1e-9 and max(heights) < 1 + 1e-9


def test_a_line_of_a_gru_is_black():
    lines = {"GRU": [1, 2], "LSTM": [2, 3]}
    figure = plot_lines(
        {"panel": lines}, title="all", xlabel="x", ylabel="y", ylim=(0.1, 10)
    )
    assert [line.get_color() for line in figure.axes[0].lines] == ["k", "0.45"]


def test_each_run_is_a_dot_in_the_row_of_its_kind():
    rows = [
        {"task": task, "kind": kind, "error": error}
        for task, error in [("copy", 2), ("music", 3)]
        for kind, error in [("with", error), ("without", 2 * error)]
    ]
    units = {"copy": "nats", "music": "bits"}
    figure = plot_kinds(pd.DataFrame(rows), title="with it", units=units)
    drawn = [[line.get_xydata().tolist() for line in a.lines] for a in figure.axes]
    assert drawn == [[[[2, 0]], [[4, 1]]], [[[3, 0]], [[6, 1]]]]
    assert [axes.get_xlabel() for axes in figure.axes] == ["nats", "bits"]
