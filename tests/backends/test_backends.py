"""Builders, losses, metrics and gates on JAX and PyTorch, without TensorFlow."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

import gru_apps  # noqa: F401  registers its layers

SCRIPT = pathlib.Path(__file__).with_name("train_and_save.py")


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_what_another_backend_has_trained_answers_alike_on_tensorflow(
    backend, tmp_path
):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    printed = subprocess.run(
        [sys.executable, SCRIPT, tmp_path],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert printed.returncode == 0, printed.stderr
    names = printed.stdout.split()
    assert len(names) == 5
    for name in names:
        model = keras.saving.load_model(tmp_path / f"{name}.keras")
        with np.load(tmp_path / f"{name}.npz") as kept:
            inputs = {k: v for k, v in kept.items() if not k.startswith("answer")}
            expected = [v for k, v in kept.items() if k.startswith("answer")]
        answers = keras.tree.flatten(model.predict(inputs.pop("inputs", inputs)))
        for answer, other in zip(answers, expected, strict=True):
            np.testing.assert_allclose(answer, other, atol=1e-5)
