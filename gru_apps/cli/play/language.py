"""What comes next in a text: the language model."""

import gradio as gr
import numpy as np

from gru_apps.cli.play import drawings, limits, tabs
from gru_apps.serving.answers import rows as plain_rows

MOST = 2_000  # characters of a text
LONGEST = 400  # characters that it goes on for
SHOWN = 12  # bars
EXAMPLES = [
    "My fellow",
    "The state of the Union is",
    "We must never",
    "I can has cheezburger",
]


def next_tokens(models, prompt: str, temperature: float, top_p: float):
    """Returns the likeliest next tokens: rows of token, probability, share it is drawn.

    The probability is the model's; the share is that under temperature and nucleus.
    """
    import tensorflow as tf

    from gru_apps.decoding.shortlist import shortlist

    answer = models.signature("language", "next")(prompt=tf.constant([prompt]))
    probabilities = answer["probabilities"]
    logits, ids = shortlist(tf.math.log(probabilities), temperature, 0, top_p)
    drawn = np.zeros(probabilities.shape[1])
    drawn[ids[0].numpy()] = tf.nn.softmax(logits)[0].numpy()
    tokens = plain_rows({"tokens": answer["tokens"]})[0]["tokens"]
    found = zip(tokens, probabilities[0].numpy().tolist(), drawn.tolist(), strict=True)
    return list(found)[:SHOWN]


def coloured(models, text: str) -> str:
    """Returns a text, each token the darker the more bits it takes, as HTML."""
    import tensorflow as tf

    answer = models.signature("language", "reading")(text=tf.constant([text]))
    (row,) = plain_rows(answer)
    spans = []
    for token, bits in zip(row["tokens"], row["bits"], strict=True):
        share = min(bits / 16, 1)  # what 65,000 equal choices take is black
        level = round(255 - 125 * share)  # black letters can be read on all of these
        shown = token.replace("\n", "⏎")
        spans.append(
            f'<span class="token" title="{bits:.1f} bits">'
            f'<span style="background:rgb({level},{level},{level})">'
            f"{drawings.escaped(shown)}</span><small>{bits:.1f}</small></span>"
        )
    total = sum(row["bits"])
    number = max(len(text), 1)
    said = f"{total:.1f} bits, {total / number:.2f} a character"
    return f'<div class="tokens">{"".join(spans)}</div><p class="label">{said}</p>'


class _Asked:
    """What fields and buttons ask; each returns HTML."""

    def __init__(self, models):
        self.models = models

    @limits.answered(2)
    def look(self, prompt, temperature, top_p):
        """Shows the next tokens as bars, and the bits of those that are there."""
        prompt = _checked(prompt, temperature, top_p)
        bars = [
            (_visible(token), share, _said(p, share))
            for token, p, share in next_tokens(self.models, prompt, temperature, top_p)
        ]
        alternative = f"The {SHOWN} likeliest next tokens and how often each is drawn"
        return drawings.bar_rows(bars, alternative), coloured(self.models, prompt)

    @limits.answered(2)
    def go_on(self, prompt, temperature, top_p, length, seed):
        """Goes on from a prompt, and shows the bits of all of it."""
        prompt = _checked(prompt, temperature, top_p)
        limits.checked_number(length, "The length", 1, LONGEST)
        limits.checked_number(seed, "The seed", 0, 10**6)
        asked = {"temperature": temperature, "top_p": top_p}
        asked |= {"length": int(length), "seed": int(seed)}
        (answer,) = self.models.answers("language", [prompt], **asked)
        text = answer["generated"]
        said = drawings.escaped(text).replace("\n", "<br>")
        return f'<p class="answer">{said}</p>', coloured(self.models, text)


def _checked(prompt, temperature, top_p):
    limits.checked_number(temperature, "The temperature", 0, 2)
    limits.checked_number(top_p, "The nucleus", 0.05, 1)
    return limits.checked_text(prompt, MOST)


def _said(p, share):
    return f"{share:.1%} (model {p:.1%})" if share else f"cut off (model {p:.1%})"


def build(models, tab) -> None:
    """Builds the tab."""
    tabs.heading(
        "Type the beginning of a speech, and move temperature and nucleus.",
        "A low temperature draws the likeliest token again and again, a high one draws "
        "rare ones; the darker a token, the more it surprises the network.",
        ("05_language_modeling", "Let it write"),
        ("05_language_modeling", "Which tokens surprise it?"),
    )
    prompt = gr.Textbox(EXAMPLES[0], label="Beginning", lines=2)
    buttons = tabs.examples(EXAMPLES, "Examples")
    with gr.Row():
        temperature = gr.Slider(0, 2, 1, step=0.05, label="temperature")
        top_p = gr.Slider(0.05, 1, 1, step=0.05, label="nucleus (top-p)")
    shown = [gr.HTML(container=False), gr.HTML(container=False)]
    asked, choices = _Asked(models), [prompt, temperature, top_p]
    events = [prompt.change, temperature.change, top_p.change, tab.select]
    tabs.answer_to(events, asked.look, choices, shown)
    rows = [(example, 1, 1) for example in EXAMPLES]
    tabs.fill(buttons, rows, choices, asked.look, shown)
    with gr.Row():
        length = gr.Slider(1, LONGEST, 120, step=1, label="characters to go on for")
        seed = gr.Number(0, label="seed", precision=0, minimum=0)
        button = gr.Button("Continue", variant="primary")
    written = [gr.HTML(container=False), gr.HTML(container=False)]
    tabs.answer_to([button.click], asked.go_on, [*choices, length, seed], written)


def _visible(token):
    """Writes a token so that spaces and line ends show."""
    return token.replace(" ", "␣").replace("\n", "⏎")
