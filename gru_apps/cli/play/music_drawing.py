"""Scores as piano rolls."""

import numpy as np

from gru_apps.applications.music import scores
from gru_apps.cli.play import drawings


def piano_roll(score, heard: list[str], tempo: float) -> str:
    """Draws pitches and starts `(steps, 4)` over time; voices not heard are hollow."""
    pitches, starts = score
    steps = len(pitches)
    sounding = pitches[pitches > 0]
    low, high = (sounding.min() - 1, sounding.max() + 1) if len(sounding) else (48, 72)
    width, left = max(600, 60 + 7 * steps), 52
    size = {"left": left, "width": width - left - 8, "number": steps}
    roll = drawings.Axes(top=26, height=220, low=float(low), high=float(high), **size)
    unit = roll.width / max(steps, 1)
    parts = [_voices_legend(left, heard), *_notes(score, heard, roll, unit)]
    for bar in range(0, steps + 1, 16):
        x = left + bar * unit
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="26" y2="246" class="grid"/>'
            + drawings.text(x + 2, 262, bar // 16 + 1, size=12)
        )
    for octave in range(24, 96, 12):
        if low < octave < high:
            name = f"C{octave // 12 - 1}"
            y = roll.y(octave) + 4
            parts.append(drawings.text(left - 6, y, name, anchor="end", size=12))
    seconds = steps * 15 / tempo
    parts.append(
        f'<line class="reading" x1="{left}" x2="{left}" y1="20" y2="250" '
        f'data-left="{left}" data-width="{size["width"]}" data-seconds="{seconds}"/>'
    )
    said = f"Four voices over {steps / 16:.0f} bars, in {seconds:.0f} seconds."
    return drawings.picture(width, 270, parts, said)


def _notes(score, heard, roll, unit):
    pitches, starts = score
    for voice, name in enumerate(scores.VOICES):
        css = f"note {name}" if name in heard else "note muted"
        begins = [*np.flatnonzero(starts[:, voice]), len(pitches)]
        for start, end in zip(begins[:-1], begins[1:], strict=True):
            if pitch := int(pitches[start, voice]):
                box = roll.left + start * unit + 0.5, roll.y(pitch) - 3.5
                title, length = f"{name} {pitch}", (end - start) * unit - 1
                yield drawings.box(*box, length, 7, title=title, css=css)


def _voices_legend(left, heard):
    parts = []
    for place, name in enumerate(scores.VOICES):
        x, css = left + 110 * place, f"note {name}" if name in heard else "note muted"
        parts.append(drawings.box(x, 4, 24, 9, css=css))
        parts.append(drawings.text(x + 30, 13, name))
    return "".join(parts)
