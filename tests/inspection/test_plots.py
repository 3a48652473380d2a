"""What the figures say, read back from what was drawn."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gru_apps.inspection import gate_plots, plots

GATE = np.array([[0.1, 0.8, 0.3], [0.2, 0.9, 0.4]])
FIGURES = {
    "history": lambda: plots.plot_history({"loss": [2.0, 1.0], "val_loss": [2.0, 3.0]}),
    "confusion": lambda: plots.plot_confusion([[3, 1], [0, 4]], ["no", "yes"]),
    "reading": lambda: plots.plot_reading(["not", "good"], [0.4, 0.1]),
    "attention": lambda: plots.plot_attention(["wo", "men"], ["we"], [[0.9, 0.1]]),
    "features": lambda: plots.plot_features(np.arange(39.0).reshape(3, 13)),
    "forming answer": lambda: plots.plot_forming_answer([[0.2, 0.8]] * 3, [0, 1]),
    "gates": lambda: gate_plots.plot_gates(GATE, 1 - GATE, ["not", "good"]),
    "half-lives": lambda: gate_plots.plot_half_lives({"one": [1.0, 9.0, np.inf]}),
    "memory": lambda: gate_plots.plot_memory({"one": [0.1, 1.0]}, ["not", "good"]),
    "comparison": lambda: plots.plot_comparison({"old": {"f1": 0.1}, "new": {}}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_labels_its_axes_draws_without_a_warning_and_is_closed(name):
    figure = FIGURES[name]()
    figure.canvas.draw()
    assert figure.axes
    for axes in figure.axes:
        assert axes.get_xlabel() or axes.get_ylabel()
    assert not plt.get_fignums()


def test_the_bars_of_a_reading_are_what_each_token_changed():
    bars = plots.plot_reading(["not", "good", "!"], [0.4, 0.1, 0.3]).axes[0].patches
    heights = np.reshape([bar.get_height() for bar in bars], (2, 3)).sum(axis=0)
    np.testing.assert_allclose(heights, [-0.1, -0.3, 0.2])


def test_attention_to_padding_is_not_drawn():
    weights = [[0.9, 0.1, 0.0], [0.0, 0.0, 0.0]]
    figure = plots.plot_attention(["wo", "men"], ["we"], weights)
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["wo", "men"]
    assert axes.collections[0].get_array().shape == (1, 2)


def test_train_and_validation_share_a_panel_and_differ_in_line_style():
    (axes,) = FIGURES["history"]().axes
    train, validation = axes.get_lines()
    assert train.get_linestyle() != validation.get_linestyle()
    np.testing.assert_array_equal(validation.get_ydata(), [2, 3])


def test_units_that_keep_most_stand_at_the_top_of_the_gates():
    update = FIGURES["gates"]().axes[0]
    assert update.yaxis_inverted()
    rows = update.collections[0].get_array()
    np.testing.assert_allclose(rows[:, 0], [0.8, 0.3, 0.1])


def test_a_unit_that_never_forgets_has_no_place_among_the_half_lives():
    (axes,) = FIGURES["half-lives"]().axes
    x, share = axes.get_lines()[0].get_data()
    np.testing.assert_allclose(share[np.isfinite(x)], [1 / 3, 2 / 3])
