import pathlib

from asking import FOLDER, PATHS


def test_each_saved_model_that_is_committed_is_held_to_its_figures():
    tests = pathlib.Path(__file__).parent.glob("test_*_model.py")
    assert {path.stem.split("_")[1] for path in tests} == set(PATHS)


def test_saved_models_are_small_enough_to_be_committed():
    size = sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file())
    assert size < 25 * 2**20
