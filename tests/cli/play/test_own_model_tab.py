"""The tab of one's own model: gates out, code refused."""

import json
import shutil
import zipfile

import keras
import numpy as np
import pytest
from keras import layers

from gru_apps.cli.play import limits
from gru_apps.cli.play.opened_models import open_model
from gru_apps.inspection import gates

pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")


@pytest.fixture
def saved(tmp_path):
    def saved(*parts):
        path = tmp_path / "mine.keras"
        keras.Sequential(parts).save(path)
        return str(path)

    return saved


@pytest.fixture
def changed(saved, tmp_path):
    """Saves a small model whose `config.json` a function has changed."""

    def changed(change):
        path = saved(keras.Input((None, 2)), layers.GRU(3))
        bad = tmp_path / "bad.keras"
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "config.json":
                    config = json.loads(content)
                    change(config["config"]["layers"][-1])
                    content = json.dumps(config)
                new.writestr(name, content)
        return str(bad)

    return changed


def test_every_example_is_answered(functions):
    said, names, path, numbers = functions["own_model.chosen"]()
    assert "svg" in said and names["value"] in names["choices"]
    assert path.endswith(".keras") and numbers


def test_the_gates_are_those_that_are_read(functions, saved):
    path = saved(keras.Input((None, 2)), layers.GRU(3, name="mine"))
    said, names = functions["own_model.answer"](path, "1 2\n3 4\n5 6", None)
    values = np.float32([[[1, 2], [3, 4], [5, 6]]])
    read = gates.read_gates(keras.saving.load_model(path), values)
    assert names["choices"] == ["mine"]
    for value in read.update[0].flat:
        assert f"<title>{value:.2f}</title>" in said


def test_ids_in_a_row_and_both_directions(functions, saved):
    gru = layers.Bidirectional(layers.GRU(3))
    path = saved(keras.Input((None,)), layers.Embedding(9, 2), gru)
    said, _ = functions["own_model.answer"](path, "1 2 3", None)
    assert said.count("<svg") == 2
    assert "backward" in said


def test_our_own_layers_may_be_opened(functions, tmp_path):
    from gru_apps import build_text_classifier

    path = str(tmp_path / "ours.keras")
    build_text_classifier(vocabulary_size=9, num_classes=2, units=4).save(path)
    said, _ = functions["own_model.answer"](path, "1 2 3", None)
    assert "svg" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type a row of numbers"),
        ("1 2 3", "Each line must have 2 numbers"),
        ("1 a", "must be numbers"),
        ("1 nan", "must be numbers"),
        ("1 2\n" * 201, "may have 200 steps"),
    ],
)
def test_numbers_that_do_not_fit_get_a_message(functions, saved, text, words):
    path = saved(keras.Input((None, 2)), layers.GRU(3))
    assert words in functions["own_model.answer"](path, text, None)[0]


def test_ids_that_are_none_get_a_message(functions, saved):
    path = saved(keras.Input((None,)), layers.Embedding(9, 2), layers.GRU(3))
    for text, words in {"1.5": "whole numbers", "-1": "whole numbers"}.items():
        assert words in functions["own_model.answer"](path, text, None)[0]
    assert 'role="alert"' in functions["own_model.answer"](path, "99", None)[0]


def test_a_model_without_a_gru_gets_a_message(functions, saved):
    path = saved(keras.Input((None, 2)), layers.Dense(3))
    assert "must have a GRU" in functions["own_model.answer"](path, "1 2", None)[0]


def test_of_several_kinds_of_layers_the_gru_is_read(functions, saved):
    lstm, gru = layers.LSTM(3, return_sequences=True), layers.GRU(3, name="mine")
    path = saved(keras.Input((None, 2)), lstm, gru)
    said, names = functions["own_model.answer"](path, "1 2", None)
    assert "svg" in said and names["choices"] == ["mine"]


@pytest.mark.parametrize("units", ["many", None, [1], -2])
def test_what_keras_makes_no_model_of_gets_a_message(functions, changed, units):
    path = changed(lambda layer: layer["config"].update(units=units))
    said, _ = functions["own_model.answer"](path, "1 2", None)
    assert "Keras cannot make a model of the file" in said


def test_a_lambda_is_refused_before_it_is_opened(functions, saved):
    path = saved(keras.Input((None, 2)), layers.Lambda(lambda x: x), layers.GRU(3))
    said, _ = functions["own_model.answer"](path, "1 2", None)
    assert "holds code" in said


@pytest.mark.parametrize(
    "part",
    [
        {"class_name": "function", "module": "builtins", "config": "system"},
        {"class_name": "Popen", "module": "subprocess", "config": {}},
        {"class_name": "TFSMLayer", "module": "keras.layers", "config": {}},
        {"class_name": "StringLookup", "module": "keras.layers", "config": {}},
        {"class_name": "__lambda__", "config": {"value": "eNor"}},
        {"class_name": "Mine", "module": "kerasx.layers", "config": {}},
    ],
)
def test_code_and_foreign_classes_are_refused_wherever_they_stand(changed, part):
    def change(layer):
        layer["config"]["kernel_initializer"] = {"deep": [part]}

    with pytest.raises(limits.Refused, match=f"Found: {part['class_name']}"):
        open_model(changed(change))


def test_a_size_that_would_fill_the_memory_is_refused(changed):
    path = changed(lambda layer: layer["config"].update(units=10**9))
    with pytest.raises(limits.Refused, match="no size above"):
        open_model(path)


def test_weights_in_other_files_are_refused(saved, tmp_path):
    import h5py

    path = saved(keras.Input((None, 2)), layers.GRU(3))
    linked, bad = tmp_path / "linked.h5", str(tmp_path / "linked.keras")
    with h5py.File(linked, "w") as file:
        file["layers"] = h5py.ExternalLink("/etc/passwd", "/")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w") as new:
        new.writestr("config.json", old.read("config.json"))
        new.writestr("metadata.json", old.read("metadata.json"))
        new.write(linked, "model.weights.h5")
    with pytest.raises(limits.Refused, match="in the file itself"):
        open_model(bad)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all"])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "mine.keras"
    path.write_bytes(content)
    with pytest.raises(limits.Refused, match="is no `.keras` file"):
        open_model(str(path))


def test_an_older_file_is_refused_with_the_way_to_save_it(saved, tmp_path):
    path = str(tmp_path / "mine.h5")
    shutil.copy(saved(keras.Input((None, 2)), layers.GRU(3)), path)
    with pytest.raises(limits.Refused, match="model.save"):
        open_model(path)


def test_a_zip_that_unpacks_to_gigabytes_is_refused(tmp_path):
    path = str(tmp_path / "bomb.keras")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", b" " * (201 * 2**20))
    with pytest.raises(limits.Refused, match="200 MB"):
        open_model(path)
