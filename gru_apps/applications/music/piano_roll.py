"""Scores -> pictures: notes as bars over time. Needs matplotlib and seaborn."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gru_apps.applications.music.scores import VOICES
from gru_apps.inspection.plots import panels

HATCHES = ("", "////", "....", "xxxx")


def plot_piano_roll(
    pitches,
    starts,
    *,
    bars: Sequence[int] | None = None,
    voices: Sequence[str] = VOICES,
) -> Figure:
    """Draws notes as bars over time, each voice with a colour and a hatch of its own.

    `pitches` are MIDI numbers `(steps, voices)`, 0 for a rest, and `starts` booleans of
    that shape, true where a note begins; `bars` are the steps where a bar does, every
    16 unless given.
    """
    pitches, starts = np.asarray(pitches), np.asarray(starts, bool)
    steps = len(pitches)
    figure, (axes,) = panels(1, 1, width=min(14, 3 + steps / 12), height=4.2)
    colours = sns.color_palette("colorblind", len(voices))
    for voice in range(len(voices)):
        for start, end, pitch in _notes(pitches[:, voice], starts[:, voice]):
            axes.broken_barh(
                [(start + 0.08, end - start - 0.16)],
                (pitch - 0.4, 0.8),
                facecolor=colours[voice],
                edgecolor="black",
                linewidth=0.5,
                hatch=HATCHES[voice % len(HATCHES)],
            )
    bars = np.arange(0, steps + 1, 16) if bars is None else bars
    axes.set_xticks(bars, np.arange(len(bars)) + 1)
    axes.grid(axis="x", color="0.4")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="bar", ylabel="pitch (MIDI number)", xlim=(0, steps))
    handles = [
        plt.Rectangle(
            (0, 0), 1, 1, facecolor=colours[i], hatch=HATCHES[i % len(HATCHES)], ec="k"
        )
        for i in range(len(voices))
    ]
    axes.legend(handles, voices, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _notes(pitches, starts):
    """Yields `(start, end, pitch)` of what sounds in one voice, rests left out."""
    begins = starts | (np.diff(pitches, prepend=-1) != 0)
    bounds = [*np.flatnonzero(begins), len(pitches)]
    for start, end in zip(bounds[:-1], bounds[1:], strict=True):
        if pitches[start] > 0:
            yield int(start), int(end), int(pitches[start])
