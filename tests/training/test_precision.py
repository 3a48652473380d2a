"""Training in half precision by Keras's policy, as in whole."""

import keras
import numpy as np
import pytest

from gru_apps import batches, build_text_classifier, fit
from gru_apps.training import (
    CTC,
    PinballLoss,
    SequenceCrossEntropy,
    TokenAccuracy,
    TokenCrossEntropy,
)

RNG = np.random.default_rng(0)
IDS = RNG.integers(1, 9, size=(64, 4))
LABELS = (IDS[:, 0] > 4).astype("int32")  # the first token tells
LOGITS = RNG.normal(size=(2, 4, 3)) * 30
TARGETS = np.array([[1, 2, 1, 0], [2, 0, 0, 0]])


def trained(directory, policy):
    """What each epoch measured, from which weights stay in whole precision."""
    keras.utils.set_random_seed(1)
    options = {"units": 4, "embedding_dim": 8, "bidirectional": False}
    # what is drawn in half precision is another number
    model = build_text_classifier(9, 2, dropout=0, output_dropout=0, **options)
    history = fit(
        model,
        batches((IDS, LABELS), 16, seed=0),
        batches((IDS, LABELS), 16),
        directory=directory,
        epochs=10,  # every label is right: none is near the edge
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        learning_rate=0.05,
        verbose=0,
    )
    assert {weight.dtype for weight in model.trainable_weights} == {"float32"}
    assert model.get_layer("logits").compute_dtype == policy.removeprefix("mixed_")
    return history


@pytest.fixture(scope="module")
def in_whole(tmp_path_factory):
    """The last loss and accuracy of a training in whole precision."""
    history = trained(tmp_path_factory.mktemp("whole"), "float32")
    assert history["val_accuracy"][-1] == 1
    return history["val_loss"][-1], history["val_accuracy"][-1]


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_a_training_in_half_precision_comes_to_the_same(
    tmp_path, policy, in_whole, set_dtype_policy
):
    set_dtype_policy(policy)
    history = trained(tmp_path, policy)
    last = history["val_loss"][-1], history["val_accuracy"][-1]
    np.testing.assert_allclose(last, in_whole, rtol=0.2)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(
    "loss",
    [
        SequenceCrossEntropy(),
        SequenceCrossEntropy(0.1),
        CTC(),
        PinballLoss([0.1, 0.5, 0.9]),
    ],
    ids=["sequence", "smoothed", "ctc", "pinball"],
)
def test_losses_of_halves_are_computed_in_whole_precision(loss, dtype):
    half = keras.ops.cast(LOGITS, dtype)
    whole = keras.ops.cast(half, "float32")
    answer = loss(TARGETS, half)
    assert keras.backend.standardize_dtype(answer.dtype) == "float32"
    np.testing.assert_allclose(answer, loss(TARGETS, whole), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("kind", [TokenAccuracy, TokenCrossEntropy])
def test_metrics_of_halves_are_computed_in_whole_precision(kind, dtype):
    half = keras.ops.cast(LOGITS, dtype)
    answers = []
    for logits in (half, keras.ops.cast(half, "float32")):
        metric = kind()
        metric.update_state(TARGETS, logits)
        answers.append(float(metric.result()))
    np.testing.assert_allclose(*answers, rtol=1e-6)
