"""Bach or GRU? A game with a score."""

import functools
import random

import gradio as gr
import numpy as np

from gru_apps.applications.music import synthesizer
from gru_apps.cli.play import drawings, limits, sounds, tabs

STEPS = 96  # six bars
RATE = 16_000  # Hz
BACH, GRU = "Bach", "the GRU"
START = {"right": 0, "guessed": 0, "by": None, "title": ""}


@functools.lru_cache(maxsize=1)
def chorales() -> list[dict]:
    """Returns the test chorales; `Refused` where the corpus was not prepared."""
    import tensorflow_datasets as tfds

    import gru_apps.datasets  # noqa: F401 registers the corpora

    builder = tfds.builder("bach_chorales")
    if not builder.is_prepared():
        raise limits.Refused(
            "Bach's chorales are in a corpus that is not here yet. "
            "Get it by: python -m gru_apps data bach_chorales"
        )
    rows = tfds.as_numpy(builder.as_dataset(split="test"))
    return [row for row in rows if len(row["pitches"]) >= STEPS]


def dealt(models, drawn: random.Random) -> dict:
    """Returns six bars by Bach or the GRU, by the fall of a coin, and who it was.

    Both are made each time: a piece that comes sooner would tell who wrote it.
    """
    row = drawn.choice(chorales())
    asked = {"steps": STEPS, "seed": drawn.randrange(10**6)}
    (answer,) = models.answers("music", **asked)
    by = drawn.choice((BACH, GRU))
    if by == BACH:
        title = row["title"].decode()
        pitches, starts = (row[name][:STEPS] for name in ("pitches", "starts"))
    else:
        title = f"seed {asked['seed']}"
        pitches, starts = (np.array(answer[name]) for name in ("pitches", "starts"))
    return {"by": by, "title": title, "pitches": pitches, "starts": starts}


def judged(kept: dict, guess: str) -> dict:
    """Returns the count after a guess, for which there is then no piece."""
    return kept | {
        "guessed": kept["guessed"] + 1,
        "right": kept["right"] + (guess == kept["by"]),
        "by": None,
    }


class _Asked:
    """What the buttons ask; each returns HTML and the count."""

    def __init__(self, models):
        self.models = models

    @limits.answered(2)
    def play(self, kept):
        """Plays a piece by one of the two."""
        piece = dealt(self.models, random.SystemRandom())
        score = piece["pitches"], piece["starts"]
        waveform = synthesizer.synthesize(*score, sample_rate=RATE)
        kept = (kept or START) | {name: piece[name] for name in ("by", "title")}
        said = '<p class="label">Who wrote it?</p>'
        return sounds.player(waveform, RATE, label="a piece to guess") + said, kept

    def guess(self, kept, name):
        """Says who it was; without a piece, the count stays as it is."""
        kept = kept or START
        if not kept["by"]:
            return limits.message("Let a piece be played first."), kept
        after = judged(kept, name)
        said = f"It was {kept['by']} ({kept['title']}). "
        said += f"{after['right']} of {after['guessed']} right."
        return f'<p class="answer">{drawings.escaped(said)}</p>', after


def build(models) -> None:
    """Builds the part of the tab."""
    with gr.Accordion("Bach or GRU?", open=False):
        kept = gr.State(START)
        heard = gr.HTML(container=False)
        with gr.Row():
            deal = gr.Button("Play one", variant="primary")
            buttons = [gr.Button(f"It is {name}") for name in (BACH, GRU)]
        said = gr.HTML(container=False)
    asked = _Asked(models)
    tabs.answer_to([deal.click], asked.play, [kept], [heard, kept])
    for button, name in zip(buttons, (BACH, GRU), strict=True):
        fixed = gr.State(name)
        tabs.answer_to([button.click], asked.guess, [kept, fixed], [said, kept])
