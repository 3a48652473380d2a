"""The gates of a visitor's own Keras model."""

import math
import pathlib

import gradio as gr
import numpy as np

from gru_apps.cli.play import drawings, limits, opened_models, tabs

STEPS = 200  # of a sequence
SHOWN = 16  # units
WEIGHTS = ("memory", "weights")  # below the folder of SavedModels: its examples
EXAMPLES = {
    "adding two marked numbers": "adding-gru",
    "finding a word among others": "reader-mask-right",
}


def sequence_for(model, text: str) -> np.ndarray:
    """Returns what a visitor typed as a batch of one that the model takes.

    A model of ids takes integers in a row, `(1, steps)`; one of features a line for
    each step, `(1, steps, features)`, or all in a row where there is one feature.
    """
    if len(model.inputs) != 1:
        raise limits.Refused(
            f"The model must have one input. Received: {len(model.inputs)}"
        )
    (wanted,) = model.inputs
    lines = [line.replace(",", " ").split() for line in text.splitlines()]
    numbers = [[_number(word) for word in line] for line in lines if line]
    count = sum(map(len, numbers))
    if not count:
        raise limits.Refused("Type a row of numbers first.")
    if len(wanted.shape) == 2:
        ids = [number for line in numbers for number in line]
        return _checked(np.array([ids]), wanted)
    features = wanted.shape[-1] if len(wanted.shape) == 3 else None
    if not features:
        raise limits.Refused(
            "The model must take ids `(batch, steps)` or features `(batch, steps, "
            f"features)`. Received: {tuple(wanted.shape)}"
        )
    return _checked(np.array([_in_lines(numbers, features)]), wanted)


def _in_lines(numbers, features):
    if features == 1:
        return [[number] for line in numbers for number in line]
    if any(len(line) != features for line in numbers):
        raise limits.Refused(
            f"Each line must have {features} numbers, one line a step. "
            f"Received: {', '.join(str(len(line)) for line in numbers[:5])}"
        )
    return numbers


def _checked(values, wanted):
    steps = values.shape[1]
    if steps > STEPS:
        raise limits.Refused(f"A row may have {STEPS} steps. It has {steps}.")
    if wanted.shape[1] not in (None, steps):
        raise limits.Refused(
            f"The model takes {wanted.shape[1]} steps. Received: {steps}"
        )
    if wanted.dtype.startswith(("int", "uint")) or len(wanted.shape) == 2:
        if (values != np.round(values)).any() or (values < 0).any():
            raise limits.Refused("Ids must be whole numbers, at least 0.")
        return values.astype("int32")
    return values.astype("float32")


def _number(word):
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not abs(number) < 1e9:
        raise limits.Refused(f"All must be numbers. Received: {word[:40]!r}")
    return number


def layers_of(model) -> list[str]:
    """Returns the names of the layers whose gates can be read."""
    from gru_apps.inspection import gates

    names = [layer.name for layer in gates.gru_layers(model)]
    if not names:
        raise limits.Refused("The model must have a GRU layer. It has none.")
    return names


@limits.answered(2)
def answer(path, text, layer):
    """Draws the gates of a layer of the model in a file, and lists its layers."""
    model = opened_models.open_model(path)
    names = layers_of(model)
    layer = layer if layer in names else names[0]
    text = limits.checked_text(text, 20_000, "row of numbers")
    values = sequence_for(model, text)
    from gru_apps.inspection import gates

    try:
        read = gates.read_gates(model, values, layer)
    except IndexError as error:
        raise limits.Refused("An id is too large for the model.") from error
    readings = read if type(read) is tuple else (read,)
    ways = ["backward", ""] if len(readings) == 2 else [""]
    drawn = [_drawn(one, layer, ways.pop()) for one in readings]
    return "".join(drawn), gr.update(choices=names, value=layer)


def _drawn(read, layer, way):
    update, reset = read.update[0], read.reset[0]
    steps = len(update)
    telling = np.argsort(-update.std(axis=0))[:SHOWN]
    telling = telling[np.argsort(-update[:, telling].mean(axis=0))]
    width, left, row = 900, 60, 14
    size = {"left": left, "width": width - left - 8, "number": steps}
    parts = [drawings.text(left, 16, f"{layer} {way}: update gate, dark keeps")]
    for place, unit in enumerate(telling):
        axes = drawings.Axes(top=24 + row * place, height=row, **size)
        parts.append(axes.cells(update[:, unit]))
        label = f"unit {unit}"
        parts.append(
            drawings.text(left - 6, axes.top + 11, label, anchor="end", size=11)
        )
    top = 24 + row * len(telling) + 34
    means = drawings.Axes(top=top, height=90, **size)
    names = {"mean update gate": "black", "mean reset gate": "grey"}
    parts.append(drawings.legend(left, top - 10, names))
    parts += [means.frame("", (0, 0.5, 1)), means.line(update.mean(axis=1))]
    parts.append(means.line(reset.mean(axis=1), "grey"))
    said = (
        f"Update gates of {len(telling)} units of {layer} over {steps} steps, those "
        f"that change most; on average they keep {update.mean():.0%}."
    )
    return drawings.picture(width, top + 100, parts, said)


def _example(models, name):
    """Returns the path of an example and a row of numbers for it."""
    folder = pathlib.Path(models.folder, *WEIGHTS)
    path = folder / f"{EXAMPLES[name]}.keras"
    if not path.exists():
        raise limits.Refused(f"{path} is not there.")
    drawn = np.random.default_rng(0)
    if EXAMPLES[name].startswith("adding"):
        marks = [step in (5, 30) for step in range(40)]
        lines = [f"{drawn.uniform():.2f} {mark:d}" for mark in marks]
        return str(path), "\n".join(lines)
    return str(path), " ".join(map(str, drawn.integers(1, 9, size=24)))


def build(models, tab) -> None:
    """Builds the tab."""
    del tab
    tabs.heading(
        "Choose a .keras file with GRU layers, and type a row of numbers or token ids.",
        "Each row of the picture is a unit: where it is dark the unit keeps its state, "
        "and where it is white it writes a new one.",
        ("00a_the_gru_by_hand", "Look inside"),
    )
    buttons = tabs.examples(list(EXAMPLES), "Examples")
    with gr.Row():
        file = gr.File(
            label="model (.keras, 20 MB at most)", type="filepath", height=120
        )
        text = gr.Textbox(
            label="Numbers", lines=4, info="a line a step, or all in a row", max_lines=8
        )
    layer = gr.Dropdown([], label="Layer", interactive=True, allow_custom_value=True)
    button = gr.Button("Show the gates", variant="primary")
    drawn = gr.HTML(container=False)
    events = [button.click, text.submit, layer.input]
    tabs.answer_to(events, answer, [file, text, layer], [drawn, layer])
    for one in buttons:

        @limits.answered(4)
        def chosen(name=one.value):
            path, numbers = _example(models, name)
            said, names = answer(path, numbers, None)
            return said, names, path, numbers

        one.click(chosen, outputs=[drawn, layer, file, text], **tabs.PRIVATE)
