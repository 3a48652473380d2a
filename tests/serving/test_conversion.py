"""What is compared before a converted file counts."""

import numpy as np
import pytest

from gru_apps import models
from gru_apps.serving import conversion
from gru_apps.serving.conversion import _largest_difference

GOOD = {"logits": np.ones((2, 3)), "state": np.zeros((2, 4))}


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": np.full((2, 4), 0.5)},
        {"state": np.full((2, 4), np.nan)},
        {"state": np.zeros((2, 1))},
        {"state": np.zeros((1, 4))},
        {"logits": np.full((2, 3), np.inf)},
    ],
)
def test_every_output_is_compared_by_its_shape_and_its_numbers(wrong):
    assert _largest_difference("LiteRT", GOOD, GOOD) == 0
    with pytest.raises(ValueError, match="LiteRT must answer .*Received: "):
        _largest_difference("LiteRT", GOOD | wrong, GOOD)


def test_a_nan_of_the_model_itself_is_no_answer():
    nothing = GOOD | {"logits": np.full((2, 3), np.nan)}
    with pytest.raises(ValueError, match="Received: difference=nan"):
        _largest_difference("ONNX", nothing, nothing)


def test_an_output_that_is_missing_is_refused():
    with pytest.raises(ValueError, match="must have 2 outputs. Received: 1"):
        _largest_difference("ONNX", {"logits": GOOD["logits"]}, GOOD)


def test_a_refused_conversion_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"old")
    monkeypatch.setattr(conversion, "_TOLERANCE", -1.0)
    model = models.build_text_classifier(9, 2, units=4)
    with pytest.raises(ValueError, match="LiteRT must answer"):
        conversion.export_litert(model, path, {"token_ids": np.ones((1, 3), "int32")})
    assert path.read_bytes() == b"old"
