"""From a trained model to a SavedModel: raw input in, readable output out.

- `text`, `speech`, `connected_speech`, `translation`, `language`: the signatures, by
  shape of question;
- `sentences` and `alignments`: how texts are translated, sentence by sentence, and
  which characters a word looked at;
- `signatures`: what all share, and how bad input is refused; `answers`: plain rows of
  what a signature answers;
- `export`: SavedModels with a manifest; `conversion`: LiteRT and ONNX files, with
  `plain`, `quantization` and `onnx_graphs`.
"""

from gru_apps.serving.connected_speech import recognize_speech
from gru_apps.serving.export import (
    export_saved_model,
    halve_precision,
    read_manifest,
)
from gru_apps.serving.language import generate_text, token_losses
from gru_apps.serving.speech import classify_speech
from gru_apps.serving.text import classify_text
from gru_apps.serving.translation import translate_text

__all__ = [
    "classify_speech",
    "classify_text",
    "export_saved_model",
    "generate_text",
    "halve_precision",
    "read_manifest",
    "recognize_speech",
    "token_losses",
    "translate_text",
]
