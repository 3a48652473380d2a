"""From what a model says of each step to a sequence.

- `search`: greedy search and sampling over any `step(ids, state) -> (logits, state)`,
  and `beams`: beam search;
- `shortlist`: the logits that a sample is drawn from; `backends`: what TensorFlow, JAX
  and PyTorch do each in its way; `options`: which numbers the searches take;
- `ctc`: best path and prefix beam search over the logits of frames.
"""

import importlib

_HOMES = {
    "IMPOSSIBLE": "shortlist",
    "Decoded": "search",
    "Step": "search",
    "beam_search": "beams",
    "best_path": "ctc",
    "greedy": "search",
    "prefix_beam_search": "ctc",
    "sample": "search",
}
__all__ = sorted(_HOMES)


def __getattr__(name):
    # each is imported when it is asked for
    if name in _HOMES:
        home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
        return getattr(home, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
