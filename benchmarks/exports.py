"""Which models convert to LiteRT and ONNX, and by how much their answers then differ?

    python benchmarks/exports.py

Builds each model with random weights at the size of its notebook, converts it, runs it
in the runtime of the format, and prints the largest difference, or why there is none.
"""

import pathlib
import tempfile

import numpy as np

from gru_apps import models
from gru_apps.applications import music
from gru_apps.models import language_models, translators
from gru_apps.serving import conversion

FORMATS = {"LiteRT": conversion.export_litert, "ONNX": conversion.export_onnx}


def build_views():
    """Yields the name of each model, the model and an example of its inputs."""
    token_ids = np.arange(1, 9, dtype="int32")[np.newaxis]
    yield (
        "text classifier",
        models.build_text_classifier(20_000, 2, embedding_dim=32),
        {"token_ids": token_ids},
    )
    speech = models.build_feature_classifier(13, 10, units=96)
    frames = np.random.default_rng(0).normal(size=(1, 16, 13)).astype("float32")
    yield "feature classifier", speech, {"features": frames}
    step = models.build_streaming_step(speech)
    yield "its streaming step", step, _example(step, features=frames[:, 0])
    translator = translators.build_translator(3792, 3000, embedding_dim=128)
    yield "translation encoder", translator.encoder, {"source_ids": token_ids}
    memory = translator.encoder(token_ids)
    yield (
        "translation step",
        translator.step,
        {name: np.array(part) for name, part in memory.items()}
        | {"token_ids": token_ids[:, 0]},
    )
    language_model = language_models.build_language_model(
        music.NUM_TOKENS, tokens_per_step=4, num_contexts=16
    )
    step = language_model.step
    yield (
        "music step",
        step,
        _example(step, token_ids=token_ids[:, 0], context_ids=token_ids[:, 0]),
    )


def _example(step, **inputs):
    size = step.input["state"].shape[-1]
    return inputs | {"state": np.zeros((1, size), "float32")}


def main():
    print(f"{'model':<20}" + "".join(f"  {name}" for name in FORMATS))
    for name, model, example in build_views():
        row = []
        for write in FORMATS.values():
            with tempfile.TemporaryDirectory() as folder:
                try:
                    difference = write(model, pathlib.Path(folder, "model"), example)
                    row.append(f"{difference:.0e}")
                except Exception as error:  # whatever a converter raises, is the answer
                    row.append(f"no: {str(error).splitlines()[0][:60]}")
        print(f"{name:<20}" + "".join(f"  {cell}" for cell in row), flush=True)


if __name__ == "__main__":
    main()
