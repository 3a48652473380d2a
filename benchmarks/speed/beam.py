"""What a beam of 4 costs beside greedy search.

Each step of the beam is asked about four times as many rows. As long as products fill
both cores, that alone is four times as much work.
"""

import tensorflow as tf

from benchmarks.speed._pairs import in_turns, keep
from benchmarks.speed._translator import Sizes, search, sources, translator
from gru_apps import decoding

WIDTH = 4


def measure(sizes: Sizes, pairs: int = 7) -> dict:
    """Times both, over all steps: no sentence ends."""
    parts, source_ids = translator(sizes), tf.constant(sources(sizes))
    steps = {"max_steps": sizes.steps}
    greedy = search(parts, decoding.greedy, **steps)
    beam = search(parts, decoding.beam_search, width=WIDTH, **steps)
    found = in_turns(lambda: greedy(source_ids), lambda: beam(source_ids), pairs=pairs)
    sides = {"ours": "greedy", "theirs": f"beam of {WIDTH}"}
    return sides | sizes._asdict() | found


if __name__ == "__main__":
    asked = [Sizes(), Sizes(words=1000), Sizes(batch=1), Sizes(batch=1, words=1000)]
    rows = [measure(sizes) for sizes in asked]
    keep("beam", "What a beam of 4 costs beside greedy", rows)
