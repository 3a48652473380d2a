"""Builders of GRU models, by the shape of what they answer, and the parts they share.

- `classifiers`: a text to one label; `frames`: frames to one label, or to one each;
- `translators`, `language_models`, `forecasters`: what else comes out of a sequence;
- `language_views`: what a language model is asked by, whole or in single steps;
- `gru`: the layer itself, on any device; `layers`: attention, pooling and the scale of
  frames; `differences`: frames of any level; `embeddings`: tokens by neighbours and by
  spelling;
- `segments`: forecasts without a calendar; `quantiles`: what forecasters answer;
- `stacks`: layers of GRUs, whole or step by step; `places`: what stands in the places
  of a step; `initialization`: a head start.
"""

from gru_apps.models.classifiers import build_text_classifier, collapse_spellings
from gru_apps.models.differences import FrameDifferences
from gru_apps.models.embeddings import NgramEmbedding, SubwordEmbedding
from gru_apps.models.forecasters import adapt_forecaster, build_forecaster
from gru_apps.models.frames import (
    build_feature_classifier,
    build_frame_classifier,
    build_streaming_step,
)
from gru_apps.models.gru import GRU
from gru_apps.models.initialization import lengthen_memory
from gru_apps.models.language_models import (
    GuidedLanguageModel,
    LanguageModel,
    build_language_model,
)
from gru_apps.models.layers import (
    BahdanauAttention,
    DotProductAttention,
    FrameNormalization,
    MaskedPooling,
)
from gru_apps.models.translators import Translator, build_translator

__all__ = [
    "GRU",
    "BahdanauAttention",
    "DotProductAttention",
    "FrameDifferences",
    "FrameNormalization",
    "GuidedLanguageModel",
    "LanguageModel",
    "MaskedPooling",
    "NgramEmbedding",
    "SubwordEmbedding",
    "Translator",
    "adapt_forecaster",
    "build_feature_classifier",
    "build_forecaster",
    "build_frame_classifier",
    "build_language_model",
    "build_streaming_step",
    "build_text_classifier",
    "build_translator",
    "collapse_spellings",
    "lengthen_memory",
]
