"""Chinese in, English out, with the characters that each word looked at."""

import json
import math
import pathlib

import gradio as gr

from gru_apps.cli.play import drawings, limits, tabs
from gru_apps.serving.answers import rows as plain_rows

MOST = 120  # characters of a text
EXAMPLES = [
    "他昨天去了北京。",
    "你好吗?",
    "我喜欢看书。",
    "她每天早上七点起床。",
    "我不知道他是谁。",
]


def attended(models, text: str) -> dict:
    """Returns `source` and `target` tokens, and `weights`, a row for each target."""
    import tensorflow as tf

    answer = models.signature("translation", "attention")(text=tf.constant([text]))
    (row,) = plain_rows(
        {k: answer[k] for k in ("source_tokens", "target_tokens", "weights")}
    )
    source = [token for token in row["source_tokens"] if token]
    target = [token for token in row["target_tokens"] if token]
    weights = [some[: len(source)] for some in row["weights"][: len(target)]]
    return {"source": source, "target": target, "weights": weights}


def best(models, text: str) -> list[tuple[str, float]]:
    """Returns the likeliest translations and their scores, the best first."""
    import tensorflow as tf

    answer = models.signature("translation", "beam")(text=tf.constant([text]))
    (row,) = plain_rows({name: answer[name] for name in ("translations", "scores")})
    found = zip(row["translations"], row["scores"], strict=True)
    return [(said, score) for said, score in found if said]


def pinyin_of(tokens: list[str]) -> list[str]:
    """Returns how tokens are read, "" for what is not Chinese."""
    try:
        from pypinyin import pinyin
    except ModuleNotFoundError:
        return [""] * len(tokens)
    characters = list("".join(tokens))
    read = [one[0] for one in pinyin(characters, errors=lambda _: [""])]
    return _by_token(tokens, read)


def glosses_of(tokens: list[str]) -> list[str]:
    """Returns what tokens mean by themselves, "" for those without a gloss."""
    from gru_apps.applications.translation.glosses import by_character

    glosses = by_character("".join(tokens))
    told = [g if g not in tokens else "" for g in glosses]  # a word is no gloss of it
    return _by_token(tokens, told)


def _by_token(tokens, of_characters):
    """Joins what is said of the characters of each token."""
    said, start = [], 0
    for token in tokens:
        said.append(" ".join(of_characters[start : start + len(token)]).strip(" …"))
        start += len(token)
    return said


def words_and_attention(found: dict) -> str:
    """Returns both sentences as HTML; a word pointed at shows where it looked."""
    source, target = found["source"], found["target"]
    characters = "".join(
        f'<span class="token source"><small>{drawings.escaped(sound)}</small>'
        f"{drawings.escaped(token)}<small>{drawings.escaped(gloss)}</small></span>"
        for token, sound, gloss in zip(
            source, pinyin_of(source), glosses_of(source), strict=True
        )
    )
    words = "".join(
        f'<button type="button" class="token target" style="animation-delay:'
        f'{0.12 * place:.2f}s" aria-label="{drawings.escaped(_looked(found, place))}">'
        f"{drawings.escaped(token)}</button>"
        for place, token in enumerate(target)
    )
    weights = drawings.escaped(json.dumps(found["weights"]))
    return (
        f'<div class="attention" data-weights="{weights}">'
        f'<div class="tokens" lang="zh">{characters}</div>'
        f'<div class="tokens written">{words}</div></div>'
    )


def _looked(found, place):
    """Says which two source tokens a target token looked at most."""
    weights = found["weights"][place]
    most = sorted(range(len(weights)), key=lambda i: -weights[i])[:2]
    said = ", ".join(f"{found['source'][i]} {weights[i]:.0%}" for i in most)
    return f"{found['target'][place].strip()}: looked at {said}"


def attention_table(found: dict) -> str:
    """Draws the weights: a row for each English token, a column for each character."""
    source, target = found["source"], found["target"]
    cell, left, top = 34, 120, 30
    parts = [
        drawings.text(left + cell * (i + 0.5), top - 8, token, anchor="middle", size=15)
        for i, token in enumerate(source)
    ]
    for row, (token, weights) in enumerate(zip(target, found["weights"], strict=True)):
        axes = drawings.Axes(left, top + 22 * row, cell * len(source), 22, len(source))
        parts.append(drawings.text(left - 8, axes.top + 16, token, anchor="end"))
        titles = [f"{token} {s}: {w:.0%}" for s, w in zip(source, weights, strict=True)]
        parts.append(axes.cells(weights, titles))
    said = "; ".join(_looked(found, place) for place in range(len(target)))
    height = top + 22 * len(target) + 8
    return drawings.picture(left + cell * len(source) + 10, height, parts, said)


def beam_tree(found: list[tuple[str, float]]) -> str:
    """Draws translations as a tree: a branch for each word in which they differ."""
    leaves = [(said.split(), score) for said, score in found]
    row = 30
    widest = max(len(word) for words, _ in leaves for word in words)
    column = 40 + 8 * min(widest, 14)
    parts, seen = [], {}
    longest = max(len(words) for words, _ in leaves)
    for place, (words, score) in enumerate(leaves):
        y = 24 + row * place
        for depth, word in enumerate(words):
            key = tuple(words[: depth + 1])
            x = 10 + column * depth
            if key in seen:
                continue
            before = seen.get(key[:-1], y)
            if depth:
                parts.append(
                    f'<path d="M{x - 28:g} {before - 4:g} L{x - 5:g} {y - 4:g}" '
                    'class="line grey"/>'
                )
            seen[key] = y
            short = word if len(word) < 15 else word[:14] + "…"
            parts.append(drawings.text(x, y, short))
        end = 10 + column * longest
        parts.append(drawings.text(end, y, f"{score:.2f}", css="label"))
    said = "The best translations: " + "; ".join(f"{s} ({n:.2f})" for s, n in found)
    return drawings.picture(60 + column * longest, 24 + row * len(leaves), parts, said)


class _Asked:
    """What the field asks."""

    def __init__(self, models):
        self.models = models

    @limits.answered(3)
    def answer(self, text):
        """Translates: HTML of the words, of their attention, and of their rivals."""
        text = limits.checked_text(text, MOST, "Chinese sentence")
        (said,) = self.models.answers("translation", [text])
        line = drawings.escaped(said["translation"])
        head = f'<p class="answer">{line}</p>'
        if said.get("reason"):
            head += limits.message(said["reason"])
        if not said["translation"]:
            return head, "", ""
        found = attended(self.models, text)
        several = best(self.models, text)
        rows = [(s, min(math.exp(n), 1), f"{n:.2f} a token") for s, n in several]
        bars = drawings.bar_rows(rows, "The best translations and their scores")
        tree = '<p class="label">The same as a tree: where they part.</p>'
        tree = bars + tree + beam_tree(several)
        return head + words_and_attention(found), attention_table(found), tree


def build(models, tab) -> None:
    """Builds the tab."""
    tabs.heading(
        "Type a Chinese sentence, and point at an English word (or reach it by Tab).",
        "The characters that the network looked at while it wrote the word turn dark, "
        "wherever in the sentence they stand.",
        ("02_machine_translation", "Which characters are behind each word?"),
        ("02_machine_translation", "Beam search"),
    )
    text = gr.Textbox(EXAMPLES[0], label="Chinese", lines=1)
    buttons = tabs.examples(EXAMPLES, "Examples")
    script = pathlib.Path(__file__).with_name("attention.js")
    said = gr.HTML(container=False, js_on_load=script.read_text(encoding="utf-8"))
    with gr.Accordion("Attention, word by word", open=True):
        table = gr.HTML(container=False)
    with gr.Accordion("The five best", open=True):
        several = gr.HTML(container=False)
    asked = _Asked(models).answer
    outputs = [said, table, several]
    tabs.answer_to([text.submit, text.change, tab.select], asked, [text], outputs)
    tabs.fill(buttons, [(example,) for example in EXAMPLES], [text], asked, outputs)
