"""What of a SavedModel that composes runs elsewhere: a step, and what is ahead."""

import numpy as np

from gru_apps import models
from gru_apps.applications.music import completing, composing, contexts, keys, scores

SIGNATURE = "score"
QUESTION = {
    "pitches": [
        [[72, 67, 64, 48], [-1, -1, 62, -1], [-1, 0, 60, -1], [74, 65, -1, 50]],
        [[67, 0, 60, 43], [65, -1, -1, -1], [64, 60, 55, 48], [-2, -2, -2, -2]],
    ]
}


def networks(trained):
    """Returns the networks by their names, each with an example of its inputs.

    `ahead`, which reads what is told beforehand, is there if the composer takes it.
    """
    views = trained.build("composer", _composer)
    example = {
        name: np.zeros((1, *tensor.shape[1:]), tensor.dtype)
        for name, tensor in views.step.input.items()
    }
    example["token_ids"][:] = scores.START_TOKEN
    found = {"step": (views.step, example)}
    if hasattr(views, "ahead"):
        given = np.array([[45, 0, 0, 0, 0, 0, 0, 0]], "int32")
        found["ahead"] = (views.ahead, {"given_ids": given})
    return found


def _composer(shapes):
    dim = dict(s for s in shapes if len(s) == 2)[scores.NUM_TOKENS]
    # a recurrent kernel is three times as wide as high; what reads ahead has fewer rows
    given, units = sorted({0, *(s[0] for s in shapes if s[1:] == (3 * s[0],))})[-2:]
    tables = [s[0] for s in shapes if s[1:] == (dim,)]
    kinds = [rows for rows in tables if rows not in (scores.NUM_TOKENS, units)]
    return models.build_language_model(
        scores.NUM_TOKENS,
        tokens_per_step=len(scores.VOICES),
        num_contexts=kinds if len(kinds) > 1 else kinds[0],
        given_units=given,
        embedding_dim=dim,
        units=units,
        num_layers=shapes.count((2, 3 * units)),
    )


def encoding(trained):
    """Returns the plain data that scores are read and written with."""
    found = networks(trained)
    state = found["step"][1]["state"].shape[-1]
    context_ids = found["step"][1]["context_ids"]
    ahead = found["step"][1].get("ahead", np.zeros((1, 0)))
    return {
        "state": state,
        "kinds": context_ids.ndim > 1,
        "given": ahead.shape[-1],
        "order": scores.VOICE_ORDER,
        "lowest": scores.LOWEST,
        "highest": scores.HIGHEST,
        "ranges": dict(zip(scores.VOICES, composing.RANGES, strict=True)),
        "keys": keys.NUM_KEYS,
        "first_held": scores.FIRST_HELD_TOKEN,
        "places": contexts.NUM_CONTEXTS[contexts.PLACE],
        "most_beats": contexts.MOST_BEATS,
        "longest_hold": completing.LONGEST_HOLD,
    }
