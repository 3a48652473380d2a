"""What a piano roll says, read back from what was drawn."""

import matplotlib.pyplot as plt
import numpy as np

from gru_apps.applications.music.piano_roll import plot_piano_roll

PITCHES = np.array([[72, 67], [72, 67], [0, 67], [71, 67]])
STARTS = np.array([[1, 1], [0, 1], [1, 0], [1, 0]], bool)


def test_a_piano_roll_joins_held_steps_and_leaves_rests_out():
    figure = plot_piano_roll(PITCHES, STARTS, voices=["S", "B"])
    figure.canvas.draw()
    assert not plt.get_fignums()
    notes = [bar.get_paths()[0].get_extents() for bar in figure.axes[0].collections]
    spans = [(round(n.x0), round(n.x1), round(n.y0 + 0.4)) for n in notes]
    assert spans == [(0, 2, 72), (3, 4, 71), (0, 1, 67), (1, 4, 67)]
