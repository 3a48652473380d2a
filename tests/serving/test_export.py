import itertools
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps import models
from gru_apps.models import language_models, translators
from gru_apps.serving import conversion, export, signatures

FRAMES = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")


@pytest.fixture
def model():
    return models.build_feature_classifier(3, 2, units=24, num_layers=1)


def _signatures(model):
    @tf.function(input_signature=[signatures.spec([None, None, 3], tf.float32, "mfcc")])
    def answer(mfcc):
        return {"logits": model(mfcc, training=False)}

    return {"serving_default": answer}


def _export(model, path, signatures=None):
    return export.export_saved_model(
        path,
        signatures or _signatures(model),
        tracked=[model],
        manifest={"task": "a test"},
        examples={"serving_default": {"mfcc": FRAMES}},
    )


def _megabytes(path):
    return sum(p.stat().st_size for p in path.glob("variables/*.data*")) / 1e6


def test_a_saved_model_answers_as_the_model_and_says_what_it_takes(model, tmp_path):
    manifest = _export(model, tmp_path / "1")
    ask = tf.saved_model.load(str(tmp_path / "1")).signatures["serving_default"]
    np.testing.assert_allclose(ask(mfcc=FRAMES)["logits"], model(FRAMES), rtol=1e-5)
    assert manifest == export.read_manifest(tmp_path / "1")
    assert manifest["parameters"] == model.count_params()
    expected = {"mfcc": {"shape": [None, None, 3], "dtype": "float32"}}
    assert manifest["signatures"]["serving_default"]["inputs"] == expected


def test_halved_weights_take_less_space_and_answer_as_the_halved_model(model, tmp_path):
    _export(model, tmp_path / "whole")
    before = model(FRAMES).numpy()
    export.halve_precision(model)
    _export(model, tmp_path / "half")
    assert _megabytes(tmp_path / "half") < 0.65 * _megabytes(tmp_path / "whole")
    ask = tf.saved_model.load(str(tmp_path / "half")).signatures["serving_default"]
    np.testing.assert_allclose(ask(mfcc=FRAMES)["logits"], model(FRAMES), rtol=1e-5)
    np.testing.assert_allclose(model(FRAMES), before, atol=5e-3)
    assert not np.array_equal(model(FRAMES), before)


def test_a_weight_too_large_for_float16_is_refused(model):
    kernel = model.get_layer("gru_1").cell.recurrent_kernel
    kernel.assign(keras.ops.full(kernel.shape, 1e5))
    with pytest.raises(ValueError, match="65504.*Received: 100000"):
        export.halve_precision(model)


def test_an_export_that_answers_otherwise_leaves_the_old_one(model, tmp_path):
    _export(model, tmp_path / "1")
    old = (tmp_path / "1" / "saved_model.pb").read_bytes()
    start = float(tf.timestamp())

    @tf.function(input_signature=[signatures.spec([None, None, 3], tf.float32, "mfcc")])
    def asked_later(mfcc):
        return {"logits": 0 * mfcc + tf.cast(tf.timestamp() - start, tf.float32)}

    with pytest.raises(ValueError, match="logits of serving_default"):
        _export(model, tmp_path / "1", {"serving_default": asked_later})
    assert (tmp_path / "1" / "saved_model.pb").read_bytes() == old
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


@pytest.mark.parametrize("nested", [False, True])
def test_a_graph_that_needs_a_gpu_is_refused(nested):
    @tf.function(input_signature=[tf.TensorSpec([1, 1, 1])])
    def answer(x):
        cudnn = {"input": x, "input_h": x, "input_c": x, "params": tf.zeros([9])}
        return tf.raw_ops.CudnnRNN(**cudnn, rnn_mode="gru").output

    function = tf.function(lambda: answer(tf.zeros([1, 1, 1]))) if nested else answer
    signatures = {"beam": function.get_concrete_function()}
    with pytest.raises(ValueError, match="beam needs a GPU. Received: {'CudnnRNN'}"):
        export._refuse_cudnn(types.SimpleNamespace(signatures=signatures))


@pytest.fixture(scope="module")
def views():
    return {name: view for name, *view in _views()}


def _views():
    """Yields names, models and examples, small ones of the shapes that ship."""
    ids = np.arange(1, 6, dtype="int32")[np.newaxis]
    text = models.build_text_classifier(9, 2, embedding_dim=4, units=4)
    yield "text classifier", text, {"token_ids": ids}
    speech = models.build_feature_classifier(3, 2, units=4)
    yield "feature classifier", speech, {"features": FRAMES[:1]}
    state = np.zeros([1, 8], "float32")
    step = models.build_streaming_step(speech)
    yield "streaming step", step, {"features": FRAMES[:1, 0], "state": state}
    translator = translators.build_translator(9, 9, embedding_dim=4, units=4)
    yield "translation encoder", translator.encoder, {"source_ids": ids}
    memory = translator.encoder(ids)
    memory = {name: np.array(part) for name, part in memory.items()}
    yield "translation step", translator.step, memory | {"token_ids": ids[:, 0]}
    music = language_models.build_language_model(
        9, embedding_dim=4, units=4, tokens_per_step=4, num_contexts=16
    )
    state = np.zeros([1, music.step.input["state"].shape[-1]], "float32")
    inputs = {"token_ids": ids[:, 0], "context_ids": ids[:, 0], "state": state}
    yield "music step", music.step, inputs


WRITERS = {"LiteRT": conversion.export_litert, "ONNX": conversion.export_onnx}
NAMES = ["text classifier", "feature classifier", "streaming step"]
NAMES += ["translation encoder", "translation step", "music step"]
PAIRS = [*itertools.product(NAMES, WRITERS)]


@pytest.mark.parametrize("name, form", sorted(PAIRS))
def test_other_formats_answer_as_the_model_does(views, name, form, tmp_path):
    model, example = views[name]
    assert WRITERS[form](model, tmp_path / "file", example) < 1e-5
    assert (tmp_path / "file").stat().st_size > 1000


@pytest.mark.parametrize("form", WRITERS)
def test_a_conversion_that_answers_otherwise_is_refused(
    model, form, tmp_path, monkeypatch
):
    monkeypatch.setattr(conversion, "_TOLERANCE", 0.0)
    with pytest.raises(ValueError, match="must answer as the model does"):
        WRITERS[form](model, tmp_path / "file", {"features": FRAMES[:1]})


def test_what_is_no_saved_model_is_not_replaced(model, tmp_path):
    folder = tmp_path / "thesis"
    (folder / "1").mkdir(parents=True)
    for path in (folder, folder / "1" / "notes.txt"):
        (folder / "1" / "notes.txt").write_text("kept")
        with pytest.raises(ValueError, match="replaces a SavedModel alone. Received"):
            _export(model, path)
    assert (folder / "1" / "notes.txt").read_text() == "kept"
    (tmp_path / "empty").mkdir()
    _export(model, tmp_path / "empty")
    assert (tmp_path / "empty" / "saved_model.pb").is_file()
