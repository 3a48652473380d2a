"""What is compared before a converted file counts."""

import keras
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


def test_integers_beyond_what_floats_tell_apart_are_compared():
    ids = {"ids": np.array([2**53])}
    with pytest.raises(ValueError, match="must answer as the model does in 'ids'"):
        _largest_difference("LiteRT", {"ids": np.array([2**53 + 1])}, ids)


FRAMES = np.random.default_rng(0).normal(size=(1, 5, 3)).astype("float32")
CONTEXT = np.ones((1, 2), "float32")


class TwoOutputs(keras.Model):
    def __init__(self):
        super().__init__()
        self.gru = keras.layers.GRU(4, dropout=0.5)
        self.dense = keras.layers.Dense(2)

    def call(self, inputs, training=False):
        state = self.gru(inputs["frames"], training=training)
        return {"z": self.dense(state), "a": [state, 2.0 * inputs["context"]]}


def _unbuilt():
    return keras.Sequential([keras.layers.GRU(4), keras.layers.Dense(2)]), FRAMES


def _declared():
    layers = [keras.Input((None, 3)), keras.layers.GRU(4), keras.layers.Dense(2)]
    return keras.Sequential(layers), FRAMES.astype("float64")


def _subclassed():
    return TwoOutputs(), {"frames": FRAMES, "context": CONTEXT}


def _of_lists():
    inputs = [keras.Input((None, 3), name="z"), keras.Input((2,), name="a")]
    state = keras.layers.GRU(4)(inputs[0])
    joined = keras.layers.Concatenate()([state, inputs[1]])
    return keras.Model(inputs, [joined, state]), [FRAMES, CONTEXT]


def _of_lists_by_name():
    return _of_lists()[0], {"a": CONTEXT, "z": FRAMES}


@pytest.mark.parametrize(
    "build", [_unbuilt, _declared, _subclassed, _of_lists, _of_lists_by_name]
)
@pytest.mark.parametrize("write", [conversion.export_litert, conversion.export_onnx])
def test_models_of_any_structure_convert(write, build, tmp_path):
    model, example = build()
    assert write(model, tmp_path / "model", example) < 1e-5
    assert (tmp_path / "model").stat().st_size


def test_outputs_of_litert_are_named_as_the_model_answers(tmp_path):
    from ai_edge_litert.interpreter import Interpreter

    model, example = _subclassed()
    conversion.export_litert(model, tmp_path / "model", example)
    content = (tmp_path / "model").read_bytes()
    runner = Interpreter(model_content=content).get_signature_runner()
    answers, expected = runner(**example), model(example)
    assert sorted(answers) == ["a_0", "a_1", "z"]
    assert np.allclose(answers["z"], expected["z"], atol=1e-6)
    assert np.allclose(answers["a_1"], 2.0)


@pytest.mark.parametrize("write", [conversion.export_litert, conversion.export_onnx])
def test_an_example_of_other_inputs_is_refused(write, tmp_path):
    model, _ = _of_lists()
    with pytest.raises(ValueError, match="must hold 2 arrays, for z, a. Received: 1"):
        write(model, tmp_path / "model", FRAMES)


@pytest.mark.parametrize("write", [conversion.export_litert, conversion.export_onnx])
def test_fewer_bits_take_less_room_and_cost_a_little(write, tmp_path):
    ids = {"token_ids": np.arange(1, 9, dtype="int32")[None]}
    model = models.build_text_classifier(900, 2, units=32, bidirectional=False)
    cost, sizes = {}, {}
    for quantize in (None, "float16", "int8"):
        path = tmp_path / str(quantize)
        cost[quantize] = write(model, path, ids, quantize=quantize)
        sizes[quantize] = path.stat().st_size
    assert sizes[None] > 1.6 * sizes["float16"] > 1.6 * sizes["int8"] / 0.9
    assert cost[None] < 1e-5 < cost["int8"] < 0.1
    assert cost["float16"] < 1e-3


@pytest.mark.parametrize("write", [conversion.export_litert, conversion.export_onnx])
def test_an_embedding_that_gives_logits_becomes_smaller_too(write, tmp_path):
    step = models.build_language_model(900, embedding_dim=64, units=16).step
    state = np.zeros([1, *step.input["state"].shape[1:]], "float32")
    example = {"token_ids": np.ones([1], "int32"), "state": state}
    for quantize in (None, "int8"):
        write(step, tmp_path / str(quantize), example, quantize=quantize)
    sizes = [(tmp_path / name).stat().st_size for name in ("None", "int8")]
    assert sizes[0] > 900 * 64 * 4 and sizes[1] < 0.7 * sizes[0]


@pytest.mark.parametrize("write", [conversion.export_litert, conversion.export_onnx])
def test_other_bits_are_refused(write, tmp_path):
    model, example = _declared()
    with pytest.raises(ValueError, match="`quantize` must be .*quantize='int4'"):
        write(model, tmp_path / "model", example, quantize="int4")


def test_large_answers_may_differ_by_a_thousandth_of_them():
    large, near, far = ({"v": np.array([9000.0, n])} for n in (0.0, 5.0, 10.0))
    assert _largest_difference("ONNX", near, large) == 5
    with pytest.raises(ValueError, match="Received: difference=10.0"):
        _largest_difference("ONNX", far, large)
    assert _largest_difference("ONNX", far, large, "int8") == 10
    with pytest.raises(ValueError, match="Received: difference=nan"):
        _largest_difference("ONNX", {"v": np.array([np.nan, 0])}, large, "int8")


@pytest.mark.parametrize("write", [conversion.export_litert, conversion.export_onnx])
def test_what_a_mask_leaves_out_stays_out_though_it_is_no_number(write, tmp_path):
    inputs = keras.Input((None,), name="x")
    known = keras.ops.isfinite(inputs)
    model = keras.Model(inputs, keras.ops.where(known, inputs, 7.0) + 0.5)
    difference = write(model, tmp_path / "model", np.array([[np.nan, np.inf, 2.0]]))
    assert difference == 0


def test_a_single_step_is_no_loop(tmp_path):
    import onnx

    step = models.build_streaming_step(models.build_feature_classifier(3, 2, units=4))
    example = {"features": FRAMES[:, 0], "state": np.zeros((1, 8), "float32")}
    conversion.export_onnx(step, tmp_path / "step", example)
    operations = {node.op_type for node in onnx.load(tmp_path / "step").graph.node}
    assert "MatMul" in operations and "Loop" not in operations
    grus = [part for part in step.layers if isinstance(part, keras.layers.GRU)]
    assert not any(gru.unroll for gru in grus)


@pytest.mark.parametrize("write", [conversion.export_litert, conversion.export_onnx])
def test_a_tensor_that_was_computed_beforehand_is_no_input(write, tmp_path):
    inputs = keras.Input((3,), name="x")
    model = keras.Model(inputs, inputs * keras.ops.arange(3.0) + keras.ops.ones(3))
    difference = write(model, tmp_path / "model", np.ones((1, 3), "float32"))
    assert difference == 0
