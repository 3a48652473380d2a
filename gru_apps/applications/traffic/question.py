"""Asks the SavedModel what follows a history."""

import os

import tensorflow as tf

from gru_apps.applications.traffic import series
from gru_apps.serving.answers import rows

COLUMNS = ("timestamp", "lower", "median", "upper")


def answers(ask, inputs, asked) -> list[dict]:
    """Answers CSV files, a list of paths in bytes."""
    answers = []
    for path in map(os.fsdecode, inputs):
        columns = series.read_csv(path)
        answers += rows(ask(**{k: tf.constant([v]) for k, v in columns.items()}))
        answers[-1]["path"] = path
    return answers


def line(answer: dict) -> str:
    """Writes a forecast as a table, a row for each hour."""
    hours = zip(*(answer[name] for name in COLUMNS), strict=True)
    table = ((time, *(f"{n:.0f}" for n in numbers)) for time, *numbers in hours)
    return "\n".join("  ".join(row) for row in [COLUMNS, *table])
