"""From what a model says of each step to a sequence.

- `search`: greedy search, sampling and beam search over any
  `step(ids, state) -> (logits, state)`;
- `shortlist`: the logits that a sample is drawn from; `options`: which numbers the
  searches take;
- `ctc`: best path and prefix beam search over the logits of frames.
"""

from gru_apps.decoding.ctc import best_path, prefix_beam_search
from gru_apps.decoding.search import (
    IMPOSSIBLE,
    Decoded,
    Step,
    beam_search,
    greedy,
    sample,
)

__all__ = [
    "IMPOSSIBLE",
    "Decoded",
    "Step",
    "beam_search",
    "best_path",
    "greedy",
    "prefix_beam_search",
    "sample",
]
