"""Asks a SavedModel of texts: a label, or a translation."""

import tensorflow as tf

from gru_apps.serving.answers import rows


def answers(ask, inputs, asked) -> list[dict]:
    """Answers texts, a list of bytes."""
    texts = [text.decode(errors="replace") for text in inputs]
    pairs = zip(rows(ask(text=tf.constant(inputs))), texts, strict=True)
    return [row | {"text": text} for row, text in pairs]


def line(answer: dict) -> str:
    """Writes a translation alone, and a label with its probability and the text."""
    if "translation" in answer:
        return answer["translation"]
    text = " ".join(answer["text"].split())
    return f"{answer['label']}  {answer['probability']:.3f}  {text}"
