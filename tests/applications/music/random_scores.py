"""Scores drawn at random, and what it means that two are the same."""

import numpy as np

from gru_apps.applications.music.scores import HIGHEST, LOWEST


def random_score(seed, steps=40, rests_in_a_row=True):
    """Notes and rests of 1 to 5 steps, the first and the last of any kind."""
    random = np.random.default_rng(seed)
    pitches = np.zeros((steps, 4), "int32")
    starts = np.zeros((steps, 4), bool)
    for voice in range(4):
        step, pitch = 0, 1
        while step < steps:
            rest = random.random() < 0.3 and (pitch > 0 or rests_in_a_row)
            pitch = 0 if rest else random.integers(LOWEST, HIGHEST + 1)
            length = random.integers(1, 6)
            pitches[step : step + length, voice] = pitch
            starts[step, voice] = True
            step += length
    return pitches, starts


def assert_same_score(received, expected):
    for array, expected_array in zip(received, expected, strict=True):
        np.testing.assert_array_equal(array, expected_array)
