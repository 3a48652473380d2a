"""Spoken numbers, made of recordings of single digits.

- `connected_digits`: numbers, joined of recordings; `variations`: what should not
  matter in them, for training; `conditions`: the same, for tests;
- `comparisons`: recognizers without a GRU, and errors in words.
"""

from gru_apps.applications.recognition.connected_digits import (
    Number,
    draw_number,
    draw_numbers,
    examples_of,
    fresh_batches,
    join,
    voices_of,
)

__all__ = [
    "Number",
    "draw_number",
    "draw_numbers",
    "examples_of",
    "fresh_batches",
    "join",
    "voices_of",
]
