"""What it saves to compute, for each voice of a chord, only what this voice needs.

`step` answers at any place of a step: it runs the GRU and the output layers of all four
voices for each of them. `step_at` runs the output layer of one voice, and the GRU for
the first voice alone.
"""

import tensorflow as tf

from benchmarks.speed._pairs import in_turns, keep
from gru_apps.applications.music import NUM_CONTEXTS, NUM_TOKENS
from gru_apps.models import build_language_model

VOICES, GIVEN_UNITS = 4, 80


def measure(batch: int, steps: int = 64, units: int = 256, pairs: int = 7) -> dict:
    """Times both over chords of four voices, the likeliest taken."""
    options = {"tokens_per_step": VOICES, "num_contexts": NUM_CONTEXTS}
    options |= {"given_units": GIVEN_UNITS, "units": units}
    model = build_language_model(NUM_TOKENS, **options)
    of_voices = [model.step_at(voice) for voice in range(VOICES)]
    ours, theirs = (
        _chords(views, batch, steps) for views in (of_voices, [model.step] * VOICES)
    )
    found = in_turns(ours, theirs, pairs=pairs)
    sides = {"ours": "a view for each voice", "theirs": "one view for any voice"}
    return sides | {"batch": batch, "steps": steps, "units": units} | found


def _chords(views, batch, steps):
    known = {
        "context_ids": tf.zeros([batch, len(NUM_CONTEXTS)], tf.int32),
        "given_ids": tf.zeros([batch, VOICES], tf.int32),
        "ahead": tf.zeros([batch, GIVEN_UNITS]),
    }

    def body(index, ids, state):
        for view in views:
            answer = view(known | {"token_ids": ids, "state": state}, training=False)
            ids = tf.argmax(answer["logits"], axis=1, output_type=tf.int32)
            state = answer["state"]
        return index + 1, ids, state

    @tf.function
    def compose():
        ids = tf.ones([batch], tf.int32)
        state = tf.zeros([batch, *views[0].input["state"].shape[1:]])
        return tf.while_loop(lambda i, *_: i < steps, body, (0, ids, state))

    return compose


if __name__ == "__main__":
    rows = [measure(batch) for batch in (1, 16)]
    keep("composing", "What it saves to compute what one voice needs", rows)
