"""What all tabs have in common: what to try, how it answers, its examples."""

from collections.abc import Callable, Sequence

import gradio as gr

from gru_apps.cli.play import drawings, lessons

PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}


def heading(try_this: str, see_this: str, *explained: tuple[str, str]) -> None:
    """Says in two sentences what to try and what one sees, and where it is explained.

    `explained` are notebooks and the titles of their sections.
    """
    links = " ".join(lessons.link(*section) for section in explained)
    said = f"{drawings.escaped(try_this)} {drawings.escaped(see_this)}"
    gr.HTML(f'<p class="try">{said}</p><p class="lesson">{links}</p>')


def answer_to(
    events: Sequence, function: Callable, inputs: Sequence, outputs: Sequence
) -> None:
    """Answers events, the latest one if several come while one is answered."""
    gr.on(
        events,
        function,
        inputs=list(inputs),
        outputs=list(outputs),
        trigger_mode="always_last",
        **PRIVATE,
    )


def examples(names: Sequence[str], label: str) -> list[gr.Button]:
    """Returns a row of buttons, one for each example."""
    gr.HTML(f'<p class="label">{drawings.escaped(label)}</p>')
    with gr.Row(elem_classes="examples"):
        return [gr.Button(name, size="sm", min_width=60) for name in names]


def fill(
    buttons: Sequence[gr.Button],
    rows: Sequence,
    fields: Sequence,
    function: Callable,
    outputs: Sequence,
) -> None:
    """Lets each button put its row into the fields, and answer it."""
    for button, row in zip(buttons, rows, strict=True):

        def answer(row=row):
            said = function(*row)
            return *row, *(said if isinstance(said, tuple) else (said,))

        button.click(answer, outputs=[*fields, *outputs], **PRIVATE)
