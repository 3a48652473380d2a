"""One unit of a GRU: its gates by hand, over a sequence that one draws."""

import gradio as gr
import numpy as np

from gru_apps.cli.play import drawings, editors, limits, tabs

STEPS = 24
LOWEST, HIGHEST = -1.0, 1.0
MOST = 20.0  # of a slider
# biases and weights of update, reset and candidate, in the order of the sliders
SLIDERS = {
    "update: bias": "keeps if it is high, writes if it is low",
    "update: weight of the input": "what the input adds to the update gate",
    "reset: bias": "forgets the state in the candidate if it is low",
    "reset: weight of the input": "what the input adds to the reset gate",
    "candidate: weight of the input": "what the input says of the candidate",
    "candidate: weight of the state": "what the old state says of it",
}
_PULSES = [0.0] * STEPS
for _place in (4, 9, 14, 19):
    _PULSES[_place] = 0.8
_WAVE = [round(float(v), 2) for v in 0.8 * np.sin(np.arange(STEPS) / 2.5)]
_MARKED = [0.1, -0.2, 0.2, 0, -0.1, 0.9, 0.2, -0.3, 0.1, 0, -0.2, 0.1]
_MARKED += [0.2, 0.1, -0.4, 0, -0.1, 0.6, -0.2, 0.1, 0.3, -0.1, 0, 0.2]
PRESETS = {
    "hold": (_WAVE, (8.0, 0.0, 5.0, 0.0, 2.0, 0.0)),
    "forget": (_WAVE, (-6.0, 0.0, -6.0, 0.0, 2.0, 0.0)),
    "count": (_PULSES, (8.0, -20.0, 8.0, 0.0, 0.25, 1.15)),
    "when to write": (_MARKED, (10.0, -20.0, 6.0, 0.0, 1.0, 0.0)),
}


def read_unit(sequence, sliders) -> dict[str, np.ndarray]:
    """Returns what a GRU of one unit computes at each step, `(steps,)` each.

    The equations are those of `inspection.Gates`, with `reset_after`; `sliders` are the
    biases of update and reset and the weights of the input and of the state.
    """
    bias_z, input_z, bias_r, input_r, input_c, state_c = sliders
    state, read = 0.0, []
    for x in sequence:
        update = 1 / (1 + np.exp(-(input_z * x + bias_z)))
        reset = 1 / (1 + np.exp(-(input_r * x + bias_r)))
        candidate = np.tanh(input_c * x + reset * state_c * state)
        state = update * state + (1 - update) * candidate
        read.append((update, reset, candidate, state))
    columns = np.array(read).T
    return dict(zip(("update", "reset", "candidate", "state"), columns, strict=True))


@limits.answered()
def answer(curve, *sliders) -> str:
    """Draws what the unit does with a curve, as HTML."""
    sequence = editors.values_of(curve, STEPS, LOWEST, HIGHEST)
    if None in sequence:
        raise limits.Refused("Each step of the curve must have a number.")
    for name, value in zip(SLIDERS, sliders, strict=True):
        limits.checked_number(value, name, -MOST, MOST)
    return _drawn(read_unit(sequence, sliders))


def _drawn(read):
    width, left = 900, 44
    size = {"left": left, "width": width - left - 8, "number": STEPS}
    lines = drawings.Axes(top=30, height=150, low=-1, high=1, **size)
    strips = {
        "update gate: dark keeps, white writes": ("update", 214),
        "reset gate: dark uses the old state, white leaves it out": ("reset", 264),
    }
    parts = [
        drawings.legend(left, 16, {"state": "black", "candidate": "grey"}),
        lines.frame("", (-1, 0, 1)),
        lines.line(read["candidate"], "grey"),
        lines.line(read["state"]),
        lines.dots(read["state"]),
    ]
    for label, (name, top) in strips.items():
        axes = drawings.Axes(top=top, height=24, **size)
        parts += [drawings.text(left, top - 5, label), axes.cells(read[name])]
    kept = np.mean(read["update"])
    said = (
        f"State and candidate over {STEPS} steps, and both gates. The state ends at "
        f"{read['state'][-1]:.2f}; it keeps {kept:.0%} a step on average."
    )
    return drawings.picture(width, 296, parts, said)


def build(models, tab) -> None:
    """Builds the tab; it asks no model."""
    del models, tab
    tabs.heading(
        "Draw a sequence with the mouse (or the arrow keys), and move the gates.",
        "With a high update gate the state stays as it is; with a low one it follows "
        "the candidate.",
        ("00a_the_gru_by_hand", "Play with one unit"),
    )
    first, numbers = PRESETS["when to write"]
    buttons = tabs.examples(list(PRESETS), "Presets")
    curve = editors.curve(first, label="input", low=LOWEST, high=HIGHEST, step=0.05)
    drawn = gr.HTML(container=False)
    sliders, described = [], list(SLIDERS.items())
    for first_place in (0, 2, 4):
        most, step = (MOST, 0.5) if first_place < 4 else (3, 0.05)
        with gr.Row():
            for place in (first_place, first_place + 1):
                name, info = described[place]
                value, options = numbers[place], {"label": name, "info": info}
                slider = gr.Slider(-most, most, value, step=step, **options)
                sliders.append(slider)
    fields = [curve, *sliders]
    events = [curve.change, *(slider.change for slider in sliders)]
    tabs.answer_to(events, answer, fields, [drawn])
    rows = [(editors.as_value(values), *n) for values, n in PRESETS.values()]
    tabs.fill(buttons, rows, fields, answer, [drawn])
    drawn.value = answer(*rows[list(PRESETS).index("when to write")])
