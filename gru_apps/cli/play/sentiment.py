"""What a network thinks of a sentence, word by word."""

import functools
import pathlib

import gradio as gr
import numpy as np

from gru_apps.cli.play import drawings, limits, tabs
from gru_apps.serving.answers import rows as plain_rows

MOST = 1_000  # characters of a text
UNITS = 6  # whose gates are drawn
SMALL = ("sentiment", "weights", "one-gru.keras")  # below the folder of SavedModels
EXAMPLES = [
    ("This is not a good film.", "This is a good film."),
    ("A film to see twice.", "A film to see never again."),
    (
        "It starts well, but the ending is a mess.",
        "It is slow, but the ending is great.",
    ),
    ("The film lasts two hours.", "The film lasts two wonderful hours."),
]


def read(models, text: str) -> dict:
    """Returns what the command line answers, with the score after every token.

    `tokens` and `scores` are those of the signature `reading`, without padding.
    """
    import tensorflow as tf

    (answer,) = models.answers("sentiment", [text])
    reading = models.signature("sentiment", "reading")(text=tf.constant([text]))
    (row,) = plain_rows({name: reading[name] for name in ("tokens", "scores")})
    number = sum(token != "" for token in row["tokens"])
    return answer | {name: values[:number] for name, values in row.items()}


@functools.lru_cache(maxsize=2)
def _small_model(path):
    """The notebook's first model: one GRU that reads from left to right."""
    import keras

    import gru_apps.models  # noqa: F401 registers its layers

    return keras.saving.load_model(path, compile=False)


def update_gates(models, tokens: list[str]) -> np.ndarray | None:
    """Returns the update gates of the small model at each token, `(tokens, units)`.

    The committee that answers has several GRUs, in both directions; what keeps and what
    writes is easier to see in the small one. Its ids are those of the SavedModel's own
    table. None if its weights are not beside the SavedModel.
    """
    path = pathlib.Path(models.folder, *SMALL)
    if not tokens or not path.exists():
        return None
    import tensorflow as tf

    from gru_apps.inspection import gates

    table = models.load("sentiment").loaded.others[0].ids
    unknown = tf.constant(1)
    ids = tf.raw_ops.LookupTableFindV2(
        table_handle=table.resource_handle,
        keys=tf.constant(tokens),
        default_value=unknown,
    )
    return gates.read_gates(_small_model(path), ids.numpy()[None]).update[0]


def drawn(answer: dict, gates: np.ndarray | None = None) -> str:
    """Draws the score of a text after each token, what each adds, and its gates."""
    tokens, scores = answer["tokens"], answer["scores"]
    said = f"{answer['label']} ({answer['probability']:.0%} sure)"
    alternative = f"{said}; the score ends at {answer['score']:.2f}. " + ", ".join(
        f"{token} {score:.2f}" for token, score in zip(tokens, scores, strict=True)
    )
    head = f'<p class="answer">{drawings.escaped(said)}</p>'
    if not tokens:
        return head
    width = 60 + max(420, 52 * len(tokens))
    size = {"left": 44, "width": width - 52, "number": len(tokens)}
    line = drawings.Axes(top=24, height=110, low=0, high=1, **size)
    before = [0.5, *scores[:-1]]
    changes = [after - b for after, b in zip(scores, before, strict=True)]
    most = 0.5 if max(map(abs, changes)) > 0.25 else 0.25
    adds = drawings.Axes(top=186, height=60, low=-most, high=most, **size)
    parts = [line.frame("score: 1 is positive, 0 negative", (0, 0.5, 1))]
    parts += [line.line(scores), line.dots(scores)]
    for place, token in enumerate(tokens):
        short = token if len(token) < 9 else token[:8] + "…"
        parts.append(drawings.text(line.x(place), 154, short, anchor="middle", size=12))
    parts += [adds.frame("what the word adds", (-most, 0, most)), adds.bars(changes)]
    if gates is not None:
        parts += _strips(gates, 276, size)
    height = 262 if gates is None else 284 + 14 * UNITS
    return head + drawings.picture(width, height, parts, alternative)


def _strips(gates, top, size):
    """Draws the units whose update gates change most, a strip each."""
    telling = np.argsort(-gates.std(axis=0))[:UNITS]
    said = f"update gate of {len(telling)} units of the small model: white writes"
    parts = [drawings.text(size["left"], top - 4, said, css="label")]
    for place, unit in enumerate(telling):
        axes = drawings.Axes(top=top + 14 * place, height=14, **size)
        parts.append(axes.cells(gates[:, unit]))
    return parts


def build(models, tab) -> None:
    """Builds the tab."""

    @limits.answered()
    def answer(text):
        said = read(models, limits.checked_text(text, MOST))
        return drawn(said, update_gates(models, said["tokens"]))

    tabs.heading(
        "Type two sentences about a film that differ in a word or in their order.",
        "The line is the score after every word: one word may turn it, and what comes "
        "after “but” counts.",
        ("01_sentiment_analysis", "Which word moves the score?"),
    )
    buttons = tabs.examples([" / ".join(pair) for pair in EXAMPLES], "Examples")
    sides = []
    with gr.Row():
        for name, text in zip(("One", "The other"), EXAMPLES[0], strict=True):
            with gr.Column(min_width=300):
                field = gr.Textbox(text, label=f"{name} sentence", lines=2)
                sides.append((field, gr.HTML(container=False)))
    for field, said in sides:
        tabs.answer_to([field.change, tab.select], answer, [field], [said])

    def both(one, other):
        return answer(one), answer(other)

    fields, outputs = zip(*sides, strict=True)
    tabs.fill(buttons, EXAMPLES, fields, both, outputs)
