"""Keras GRU model builders, and the pieces that turn them into applications.

The data's way is that of the folders: `datasets` -> `encoding` -> `models` ->
`training` -> `inspection` -> `decoding` -> `serving` -> `cli`. `baselines` hold what a
GRU is held against, `applications` what serves one application alone, and `course` what
the notebooks share.
"""

import importlib
import importlib.abc
import importlib.util
import sys

_HOMES = {
    "models": [
        "BahdanauAttention",
        "DotProductAttention",
        "FrameDifferences",
        "FrameNormalization",
        "GRU",
        "MaskedPooling",
        "NgramEmbedding",
        "SubwordEmbedding",
        "build_feature_classifier",
        "build_forecaster",
        "build_frame_classifier",
        "build_language_model",
        "build_streaming_step",
        "build_text_classifier",
        "build_translator",
        "collapse_spellings",
    ],
    "baselines": [
        "build_linear_forecaster",
        "build_pair_classifier",
        "build_transformer_language_model",
    ],
    "training": [
        "PinballLoss",
        "SequenceCrossEntropy",
        "TokenAccuracy",
        "TokenCrossEntropy",
        "batches",
        "fit",
    ],
    "decoding": ["beam_search", "best_path", "greedy", "prefix_beam_search", "sample"],
    "encoding": [
        "ExactTokenizer",
        "SubwordDropout",
        "Tokenizer",
        "learn_exact_tokenizer",
        "learn_tokenizer",
    ],
    "serving": ["export_saved_model"],
}
_HOMES = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOMES)


def __getattr__(name):
    # asking a SavedModel needs TensorFlow alone, so nothing is imported before its use
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted([*globals(), *_HOMES])


class _AfterKeras(importlib.abc.MetaPathFinder):
    """Registers our layers with Keras, for `load_model`, once Keras is imported.

    Importing Keras for it here would take seconds, from those too who never use it.
    """

    def find_spec(self, name, path, target=None):
        """Finds Keras as it would be found, and has it followed by our layers."""
        if name != "keras" or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)  # or this would find itself
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)  # whoever looks may not import
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def execute_and_register(module):
                execute(module)
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                _register()

            spec.loader.exec_module = execute_and_register
        return spec


def _register():
    for home in ("models", "training.losses", "training.ctc", "training.metrics"):
        importlib.import_module(f"{__name__}.{home}")


if "keras" in sys.modules:
    _register()
else:
    sys.meta_path.insert(0, _AfterKeras())
