import importlib
import json
import pathlib

from asking import FOLDER, PATHS, load

from gru_apps.course.weights import PLACES


def test_each_saved_model_that_is_committed_is_held_to_its_figures():
    tests = pathlib.Path(__file__).parent.glob("test_*_model.py")
    assert {path.stem.split("_")[1] for path in tests} == set(PATHS)


def test_saved_models_are_small_enough_to_be_committed():
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    served = [path for path in files if path.relative_to(FOLDER).parts[1] == "1"]
    assert sum(path.stat().st_size for path in served) < 31 * 10**6
    # with the weights that notebooks load
    assert sum(path.stat().st_size for path in files) < 40 * 10**6


def test_weights_ship_once_as_a_file_or_in_the_saved_model():
    for folder in FOLDER.glob("*/weights"):
        parts = [path.stem for path in folder.glob("*.*")]
        assert len(parts) == len(set(parts))
        for path in folder.glob("*.json"):
            places = json.loads((folder.parent / "1" / PLACES).read_text("utf-8"))
            assert places[path.stem]


def test_a_committed_one_is_loaded_once_whatever_has_imported_its_loader():
    """Or each question of the tests in this folder takes seconds."""
    before = load("speech")
    importlib.import_module("tensorflow.saved_model")  # as exporting to ONNX does
    assert load("speech") is before
