"""What a GRU is held against, of a strength that could win.

- `ngrams`: counting; `pairs`: words and pairs of words, added up;
- `transformers`: a causal Transformer; `linear`: DLinear, for series.
"""

from gru_apps.baselines.linear import build_linear_forecaster
from gru_apps.baselines.ngrams import KneserNey, WittenBell
from gru_apps.baselines.pairs import adapt_pair_classifier, build_pair_classifier
from gru_apps.baselines.transformers import build_transformer_language_model

__all__ = [
    "KneserNey",
    "WittenBell",
    "adapt_pair_classifier",
    "build_linear_forecaster",
    "build_pair_classifier",
    "build_transformer_language_model",
]
