"""Asks a SavedModel of texts: a label, or a translation."""

import tensorflow as tf

from gru_apps.cli.questions import in_groups
from gru_apps.serving.answers import rows

MOST = 200_000  # bytes that are asked at once, with their padding


def answers(ask, inputs, asked) -> list[dict]:
    """Answers texts, a list of bytes."""
    said = []
    for group in in_groups(inputs, len, MOST):
        said += rows(ask(text=tf.constant(group)))
    texts = [text.decode(errors="replace") for text in inputs]
    return [row | {"text": text} for row, text in zip(said, texts, strict=True)]


def line(answer: dict) -> str:
    """Writes a translation alone, and a label with its probability and the text."""
    if "translation" in answer:
        return answer["translation"]
    text = " ".join(answer["text"].split())
    return f"{answer['label']}  {answer['probability']:.3f}  {text}"
