"""What the figures say, read back from what was drawn."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gru_apps.inspection import Survival, gate_plots, plots

GATE = np.array([[0.1, 0.8, 0.5], [0.9, 0.8, 0.1]])
LASTING = Survival(np.array([9.0, 1, np.inf]), np.array([np.inf, 4, np.inf]))
FIGURES = {
    "history": lambda: plots.plot_history({"loss": [2.0, 1.0], "val_loss": [2.0, 3.0]}),
    "confusion": lambda: plots.plot_confusion([[3, 1], [0, 4]], ["no", "yes"]),
    "reading": lambda: plots.plot_reading(["not", "good"], [0.4, 0.1]),
    "attention": lambda: plots.plot_attention(["wo", "men"], ["we"], [[0.9, 0.1]]),
    "features": lambda: plots.plot_features(np.arange(39.0).reshape(3, 13)),
    "forming answer": lambda: plots.plot_forming_answer([[0.2, 0.8]] * 3, [0, 1]),
    "gates": lambda: gate_plots.plot_gates(GATE, 1 - GATE, ["not", "good"]),
    "survival": lambda: gate_plots.plot_survival({"one": LASTING}, title="found"),
    "memory": lambda: gate_plots.plot_memory({"one": [0.1, 1.0]}, ["not", "good"]),
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


def test_the_units_that_change_most_are_drawn_and_the_one_that_keeps_is_on_top():
    figure = gate_plots.plot_gates(GATE, 1 - GATE, title="found", units=2)
    (rows,) = figure.axes[0].collections
    np.testing.assert_allclose(rows.get_array()[:, 0], [0.1, 0.5])
    assert figure.axes[0].yaxis_inverted() and figure.axes[0].get_title() == "found"
    update, reset = figure.axes[1].get_lines()
    np.testing.assert_allclose(update.get_ydata(), GATE.mean(axis=1))
    np.testing.assert_allclose(reset.get_ydata(), 1 - GATE.mean(axis=1))


def test_a_unit_that_keeps_to_the_end_has_no_place_among_the_steps():
    figure = gate_plots.plot_survival({"one": LASTING})
    longest, median = figure.axes[0].get_lines()
    np.testing.assert_array_equal(median.get_ydata(), [1, 9, np.nan])
    np.testing.assert_array_equal(longest.get_ydata(), [4, np.nan, np.nan])


def test_a_memory_of_several_sequences_is_not_drawn_as_one():
    with pytest.raises(ValueError, match=r"Received: one of shape \(2, 7\)"):
        gate_plots.plot_memory({"one": np.ones((2, 7))})
    gate_plots.plot_memory({"one": np.ones(2)}, np.array(["a", "b"]))


def test_each_number_is_a_dot_between_its_bounds_and_ours_are_black():
    intervals = {"theirs": (5.0, 4.0, 7.0), "ours": (5.25, 5.0, 6.0)}
    figure = plots.plot_dots(intervals, ours=["ours"], xlabel="BLEU", decimals=1)
    (axes,) = figure.axes
    assert [list(line.get_xdata()) for line in axes.lines] == [
        [4, 7],
        [5],
        [5, 6],
        [5.25],
    ]
    assert [line.get_color() for line in axes.lines] == ["0.5", "0.5", "k", "k"]
    assert [words.get_text() for words in axes.texts] == ["5.0", "5.2"]
    assert [words.get_text() for words in axes.get_yticklabels()] == [*intervals]
