"""One short text: a SavedModel, LiteRT and ONNX Runtime against PyTorch eager.

All take the ids of 12 tokens and answer with two logits; to make ids of text costs each
the same. A SavedModel is called by its signature, as TensorFlow loads it.
"""

import pathlib
import tempfile

import numpy as np
import tensorflow as tf

from benchmarks.speed._pairs import has_torch, in_turns, keep
from gru_apps import models
from gru_apps.serving import conversion, export

WORDS, UNITS, LENGTH = 20_000, 64, 12


def runtimes(folder: pathlib.Path, words=WORDS, units=UNITS, length=LENGTH) -> dict:
    """Returns what answers one text, by the name of what runs it."""
    import onnxruntime
    from ai_edge_litert.interpreter import Interpreter

    model = models.build_text_classifier(words, 2, embedding_dim=units, units=units)
    ids = np.random.default_rng(0).integers(1, words, (1, length)).astype("int32")

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32, "token_ids")])
    def answer(token_ids):
        return {"logits": model(token_ids, training=False)}

    with export.for_inference([model]):
        tf.saved_model.save(model, folder / "saved", signatures=answer)
    saved = tf.saved_model.load(folder / "saved").signatures["serving_default"]
    conversion.export_litert(model, folder / "model.tflite", {"token_ids": ids})
    lite = Interpreter(str(folder / "model.tflite")).get_signature_runner()
    conversion.export_onnx(model, folder / "model.onnx", {"token_ids": ids})
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    (name,) = (tensor.name for tensor in session.get_inputs())
    return {
        "SavedModel": lambda: saved(token_ids=tf.constant(ids))["logits"].numpy(),
        "LiteRT": lambda: lite(token_ids=ids)["logits"],
        "ONNX Runtime": lambda: session.run(None, {name: ids})[0],
    }


def of_torch(words=WORDS, units=UNITS, length=LENGTH):
    """Returns the same network, as PyTorch runs it eagerly."""
    from benchmarks.speed._torch import TextClassifier, torch

    network = TextClassifier(words, 2, units).eval()
    ids = torch.randint(1, words, (1, length))

    @torch.inference_mode()
    def answer():
        return network(ids).numpy()

    return answer


def measure(pairs: int = 9, **sizes) -> list[dict]:
    """Times each against PyTorch, and against the SavedModel."""
    with tempfile.TemporaryDirectory() as folder:
        ours = runtimes(pathlib.Path(folder), **sizes)
        others = {"SavedModel": ours["SavedModel"]}
        if has_torch():
            others["PyTorch eager"] = of_torch(**sizes)
        return [
            {"ours": one, "theirs": other}
            | in_turns(ours[one], others[other], pairs=pairs)
            for other in others
            for one in ours
            if one != other
        ]


if __name__ == "__main__":
    keep("one_text", "One short text", measure())
