"""Asks a SavedModel of a language to go on."""

import tensorflow as tf

from gru_apps.cli.questions import in_groups
from gru_apps.cli.texts import MOST
from gru_apps.serving.answers import rows


def answers(ask, inputs, asked) -> list[dict]:
    """Goes on from prompts, a list of bytes."""
    drawing = {
        "length": tf.constant(300 if asked.length is None else asked.length, tf.int32),
        "temperature": tf.constant(
            1.0 if asked.temperature is None else asked.temperature, tf.float32
        ),
        "top_p": tf.constant(1.0 if asked.top_p is None else asked.top_p, tf.float32),
        "seed": tf.constant(asked.seed or 0, tf.int32),
    }
    generated = []
    for group in in_groups(inputs, len, MOST):
        generated += rows(ask(prompt=tf.constant(group), **drawing))
    prompts = [prompt.decode(errors="replace") for prompt in inputs]
    pairs = zip(generated, prompts, strict=True)
    return [{"generated": row["text"], "prompt": prompt} for row, prompt in pairs]


def line(answer: dict) -> str:
    """Writes the prompt and what follows it."""
    return answer["generated"]
