"""Chinese in, English out, with the characters that each word looked at."""

import json
import math
import pathlib

import gradio as gr

from gru_apps.cli.play import drawings, limits, tabs

MOST = 120  # characters of a text
NUM_BEST = 5
EXAMPLES = [
    "他昨天去了北京。",
    "你好吗?",
    "我喜欢看书。",
    "她每天早上七点起床。",
    "我不知道他是谁。",
]


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
    source, target = found["source_tokens"], found["target_tokens"]
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
    said = ", ".join(f"{found['source_tokens'][i]} {weights[i]:.0%}" for i in most)
    return f"{found['target_tokens'][place].strip()}: looked at {said}"


def attention_table(found: dict) -> str:
    """Draws the weights: a row for each English token, a column for each character."""
    source, target = found["source_tokens"], found["target_tokens"]
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
        (found,) = self.models.answers("translation", [text], attention=True)
        line = drawings.escaped(found["translation"])
        head = f'<p class="answer">{line}</p>'
        if found["reason"]:
            head += limits.message(found["reason"])
        if not found["translation"]:
            return head, "", ""
        (best,) = self.models.answers("translation", [text], n_best=NUM_BEST)
        several = zip(best["translations"], best["scores"], strict=True)
        several = [(said, score) for said, score in several if said]
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
