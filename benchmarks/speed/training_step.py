"""A training step against the same layers in PyTorch: forward, backward, Adam.

Batches have no padding. Both clip the norm of the gradient to 1, as `training.fit`
does, and hand the loss to Python. Ours is a batch of `fit`, `train_on_batch`.
"""

import keras
import numpy as np

from benchmarks.speed._pairs import has_torch, in_turns, keep
from gru_apps import models

BATCH, LENGTH, WORDS, UNITS = 32, 30, 8000, 128


def _ids(*shape, below=WORDS):
    return np.random.default_rng(0).integers(1, below, shape).astype("int32")


def translator(batch=BATCH, length=LENGTH, words=WORDS, units=UNITS):
    """Returns ours and theirs, and the inputs and targets that they learn from."""
    from benchmarks.speed import _torch

    ours = models.build_translator(words, words, embedding_dim=units, units=units).model
    ids = _ids(batch, length, below=words)
    named = {"source_ids": ids, "target_ids": ids}
    return ours, _torch.Translator(words, units), named, ids


def language_model(batch=BATCH, length=LENGTH, words=WORDS, units=UNITS):
    """Returns ours and theirs, and the inputs and targets that they learn from."""
    from benchmarks.speed import _torch

    ours = models.build_language_model(words, embedding_dim=64, units=units).model
    ids = _ids(batch, length, below=words)
    return ours, _torch.LanguageModel(words, 64, units), {"token_ids": ids}, ids


def text_classifier(batch=2 * BATCH, length=4 * LENGTH, words=WORDS, units=64):
    """Returns ours and theirs, and the inputs and targets that they learn from."""
    from benchmarks.speed import _torch

    ours = models.build_text_classifier(words, 2, embedding_dim=units, units=units)
    ids, labels = _ids(batch, length, below=words), _ids(batch, below=2)
    return ours, _torch.TextClassifier(words, 2, units), ids, labels


def measure(build, pairs: int = 7, **sizes) -> dict:
    """Times both, on one batch."""
    from benchmarks.speed import _torch

    keras.utils.set_random_seed(0)
    ours, theirs, inputs, targets = build(**sizes)
    ours.compile(
        keras.optimizers.Adam(global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    of_torch = _torch.training_step(theirs, keras.tree.flatten(inputs), targets)
    found = in_turns(
        lambda: ours.train_on_batch(inputs, targets), of_torch, pairs=pairs
    )
    numbers = {
        "our_parameters": ours.count_params(),
        "their_parameters": sum(p.numel() for p in theirs.parameters()),
    }
    row = {"ours": f"{build.__name__} in Keras", "theirs": "in PyTorch"}
    return row | numbers | found


if __name__ == "__main__" and has_torch():
    rows = [measure(build) for build in (translator, language_model, text_classifier)]
    keep("training_step", "A training step against PyTorch", rows)
