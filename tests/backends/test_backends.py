"""What JAX and PyTorch do without TensorFlow: all but `fit` and serving."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest
import search_and_save

import gru_apps

SCRIPT = pathlib.Path(__file__).with_name("train_and_save.py")
backends = pytest.mark.parametrize("backend", ["jax", "torch"])


def run(backend, script, folder):
    """What a script prints on a backend, word for word; skips without the backend."""
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    printed = subprocess.run(
        [sys.executable, script, folder],
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert printed.returncode == 0, printed.stderr
    return printed.stdout.split()


@backends
def test_what_another_backend_has_trained_answers_alike_on_tensorflow(
    backend, tmp_path
):
    names = run(backend, SCRIPT, tmp_path)
    assert len(names) == 15
    for name in names:
        model = keras.saving.load_model(tmp_path / f"{name}.keras")
        with np.load(tmp_path / f"{name}.npz") as kept:
            inputs = {k: v for k, v in kept.items() if not k.startswith("answer")}
            expected = [v for k, v in kept.items() if k.startswith("answer")]
        answers = keras.tree.flatten(model.predict(inputs.pop("inputs", inputs)))
        for answer, other in zip(answers, expected, strict=True):
            np.testing.assert_allclose(answer, other, atol=1e-5)


@backends
def test_searches_find_alike_on_another_backend(backend, tmp_path):
    names = run(backend, SCRIPT.with_name("search_and_save.py"), tmp_path)
    assert len(names) == 6
    step_model = keras.saving.load_model(tmp_path / "step.keras")
    for name in names:
        found = search_and_save.search(step_model, name)
        with np.load(tmp_path / f"{name}.npz") as kept:
            ids, scores, lengths = kept.values()
        np.testing.assert_array_equal(found.ids, ids)
        np.testing.assert_allclose(found.scores, scores, atol=1e-4)
        np.testing.assert_array_equal(found.lengths, lengths)
        assert lengths.max() > 2
    for name, found in search_and_save.read_frames().items():
        with np.load(tmp_path / f"{name}.npz") as kept:
            ids, scores = kept.values()
        np.testing.assert_array_equal(found.ids, ids)
        np.testing.assert_allclose(found.scores, scores, atol=1e-4)


def test_searches_find_alike_where_xla_compiles_tensorflow():
    keras.utils.set_random_seed(1)
    search_and_save.check_compiled(gru_apps.build_language_model(20, units=8).step)
    search_and_save.check_public_frames()


@backends
def test_fit_ends_alike_on_another_backend_if_it_is_interrupted(backend, tmp_path):
    words = run(backend, SCRIPT.with_name("fit_and_go_on.py"), tmp_path)
    assert words[-1] == {"jax": "1", "torch": "2"}[backend]  # kinds of data
