"""Sizes of builders: NumPy's integers are taken, and what is no size is named."""

import keras
import numpy as np
import pytest

from gru_apps import models

BUILDERS = {
    "build_text_classifier": {"vocabulary_size": 9, "num_classes": 2, "units": 4},
    "build_feature_classifier": {"feature_dim": 3, "num_classes": 2, "units": 4},
    "build_frame_classifier": {"feature_dim": 3, "num_labels": 2, "units": 4},
    "build_language_model": {"vocabulary_size": 9, "embedding_dim": 4, "units": 4},
    "build_translator": {
        "source_vocabulary_size": 9,
        "target_vocabulary_size": 9,
        "embedding_dim": 4,
        "units": 4,
    },
}
CASES = [(builder, size) for builder, sizes in BUILDERS.items() for size in sizes]


@pytest.mark.parametrize("name", BUILDERS)
def test_sizes_may_be_integers_of_numpy(name, tmp_path):
    sizes = {key: np.int64(size) for key, size in BUILDERS[name].items()}
    built = getattr(models, name)(**sizes)
    model = built if isinstance(built, keras.Model) else built.model
    model.save(tmp_path / "m.keras")
    assert keras.saving.load_model(tmp_path / "m.keras").name == model.name


@pytest.mark.parametrize("size", [0, -1, 1.5, 2.0, True, "3", None])
@pytest.mark.parametrize("name, argument", CASES)
def test_what_is_no_size_is_refused_by_its_name(name, argument, size):
    with pytest.raises(ValueError, match=f"`{argument}` must be .*Received: "):
        getattr(models, name)(**BUILDERS[name] | {argument: size})


def test_a_translator_needs_an_even_number_of_units():
    with pytest.raises(ValueError, match="`units` must be even. Received: units=5"):
        models.build_translator(9, 9, units=5)
