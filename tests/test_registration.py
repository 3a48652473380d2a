"""A saved model loads where the package was imported and nothing else."""

import subprocess
import sys

import keras
import numpy as np
import pytest

import gru_apps


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "m.keras"
    model = gru_apps.build_text_classifier(9, 2, units=4, num_ngrams=8)
    model.compile("sgd", gru_apps.SequenceCrossEntropy())
    model.save(path)
    return path, model(np.ones((1, 3), "int32")).numpy()


@pytest.mark.parametrize(
    "first",
    ["import gru_apps, keras", "import keras, gru_apps", "import gru_apps, tensorflow"],
)
def test_importing_the_package_is_enough_for_keras_to_find_our_layers(saved, first):
    path, answer = saved
    code = (
        f"{first}; import keras, numpy as np;"
        f"model = keras.saving.load_model({str(path)!r});"
        "print(*model(np.ones((1, 3), 'int32')).numpy()[0])"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    np.testing.assert_allclose([*map(float, printed.stdout.split())], answer[0], 1e-5)


def test_all_registered_names_are_those_of_the_package():
    names = ["SequenceCrossEntropy", "PinballLoss", "TokenAccuracy", "MaskedPooling"]
    found = [keras.saving.get_registered_object(f"gru_apps>{name}") for name in names]
    assert found == [getattr(gru_apps, name) for name in names]
