"""Keras GRU model builders, and the pieces that turn them into applications."""

import importlib

_HOMES = {
    "build_feature_classifier": "models",
    "build_forecaster": "forecasters",
    "build_frame_classifier": "models",
    "build_language_model": "language_models",
    "build_linear_forecaster": "forecasters",
    "build_pair_classifier": "models",
    "build_streaming_step": "models",
    "build_text_classifier": "models",
    "build_transformer_language_model": "transformers",
    "build_translator": "translators",
    "collapse_spellings": "models",
    "BahdanauAttention": "layers",
    "DotProductAttention": "layers",
    "MaskedPooling": "layers",
    "NgramEmbedding": "embeddings",
    "SubwordEmbedding": "embeddings",
    "beam_search": "decoding",
    "best_path": "ctc_decoding",
    "greedy": "decoding",
    "prefix_beam_search": "ctc_decoding",
    "sample": "decoding",
    "PinballLoss": "losses",
    "SequenceCrossEntropy": "losses",
    "TokenAccuracy": "losses",
    "TokenCrossEntropy": "losses",
    "batches": "training",
    "fit": "training",
    "ExactTokenizer": "exact_text",
    "learn_exact_tokenizer": "exact_text",
    "Tokenizer": "text",
    "learn_tokenizer": "text",
    "export_saved_model": "export",
}
__all__ = sorted(_HOMES)


def __getattr__(name):
    # asking a SavedModel needs TensorFlow alone, so nothing is imported before its use
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_HOMES])
