"""What the tests run under: a quiet TensorFlow, no display, one seed."""

import gc
import os
import random
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# doctests would import this file and the one of `cli` under one name
collect_ignore_glob = ["conftest.py", "*/conftest.py"]

gc.set_threshold(100_000, 50, 50)  # the graphs of TensorFlow are millions of objects

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "Agg")
# two processes test side by side, and threads of OpenMP would wait for each other
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def _seeded_tensorflow(request):
    if request.module.__name__ != "test_architecture":  # it needs no Keras: stay fast
        tf = request.getfixturevalue("_tensorflow")
        # most graphs of tests run once or twice, and are not worth being optimized;
        # but what is asked answers NaN, too, as it does for users, whose graphs are
        as_it_is = not {"decoding", "serving"} & {*request.path.parts}
        options = {"disable_meta_optimizer": as_it_is}
        tf.config.optimizer.set_experimental_options(options)
        random.seed(0)  # whatever the module's fixtures have drawn


@pytest.fixture
def optimized(_tensorflow, _seeded_tensorflow):
    """Lets TensorFlow optimize graphs, as it does for users; some become others."""
    options = {"disable_meta_optimizer": False}
    _tensorflow.config.optimizer.set_experimental_options(options)


@pytest.fixture(scope="session")
def _tensorflow():
    """Seeds it, and keeps the committed SavedModels: some take seconds to load."""
    import keras
    import tensorflow as tf
    import tensorflow.saved_model  # a later import of this name would undo the patch

    keras.utils.set_random_seed(0)  # once: it has TensorFlow prepare all graphs anew

    load, committed, loaded = tf.saved_model.load, ROOT / "saved_models", {}

    def load_once(path, *arguments, **options):
        place = Path(path).resolve()
        if committed not in place.parents or arguments or options:
            return load(path, *arguments, **options)
        if place not in loaded:
            loaded[place] = load(path)
        return loaded[place]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf.saved_model, "load", load_once)
        yield tf


@pytest.fixture
def set_dtype_policy():
    """Sets Keras's policy, by its name, until the test is over."""
    import keras

    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy("float32")


def pytest_runtest_setup(item):
    """Seeds, and skips `full_size("imdb_reviews", "ETTh1.csv")` if either is absent.

    Each is a prepared corpus in the TensorFlow Datasets folder, or a file that was laid
    in its `downloads/manual/`.
    """
    random.seed(0)  # Keras draws the seeds of weights and of dropout from it
    home = Path.home() / "tensorflow_datasets"
    folder = Path(os.environ.get("TFDS_DATA_DIR", home)).expanduser()
    places = [folder, folder / "downloads" / "manual"]
    for marker in item.iter_markers("full_size"):
        for name in marker.args:
            if not any((place / name).exists() for place in places):
                pytest.skip(f"full-size corpus {name} is not in {folder}")
