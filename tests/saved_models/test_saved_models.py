import pathlib

from asking import FOLDER, PATHS


def test_each_saved_model_that_is_committed_is_held_to_its_figures():
    tests = pathlib.Path(__file__).parent.glob("test_*_model.py")
    assert {path.stem.split("_")[1] for path in tests} == set(PATHS)


def test_saved_models_are_small_enough_to_be_committed():
    sizes = {"1": 0, "weights": 0}  # of what is asked, and of what notebooks load
    for path in FOLDER.rglob("*"):
        if path.is_file():
            sizes[path.relative_to(FOLDER).parts[1]] += path.stat().st_size
    assert sizes["1"] < 25 * 2**20
    assert sizes["weights"] < 40 * 10**6
