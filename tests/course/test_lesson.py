"""A lesson trains, loads what ships, or trains for a minute, and replaces nothing."""

import json
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps.course import Lesson, lesson, weights
from gru_apps.serving import export

X = np.random.default_rng(0).normal(size=(64, 5, 3)).astype("float32")
DATA = X, X.sum(axis=(1, 2))
OPTIONS = {"epochs": 2, "loss": "mse", "verbose": 0}


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    monkeypatch.setattr(lesson, "SHIPPED", tmp_path / "saved_models")
    return tmp_path / "saved_models"


def a_model():
    mean = keras.layers.GlobalAveragePooling1D()
    layers = [keras.layers.Dense(400, "tanh"), keras.layers.Dense(1)]
    return keras.Sequential([keras.Input((None, 3)), mean, *layers])


def a_lesson(tmp_path, **options):
    return Lesson("tiny", folder=tmp_path / "build", **options)


def test_what_was_trained_ships_and_is_loaded(tmp_path, shipped, capsys):
    trained = a_model()
    history = a_lesson(tmp_path).fit(trained, DATA, DATA, **OPTIONS)
    (tmp_path / "build" / "saved_models").rename(shipped)
    loaded = a_model()
    again = a_lesson(tmp_path, train=False).fit(loaded, DATA, DATA, **OPTIONS)
    assert (again, again.seconds) == (history, history.seconds)
    assert "Loaded weights" in capsys.readouterr().out
    np.testing.assert_allclose(loaded(X), trained(X), atol=2e-2)  # rounded
    assert a_lesson(tmp_path).fit(a_model(), DATA, DATA, **OPTIONS) == history
    assert "seconds on two CPU cores" in capsys.readouterr().out


def test_weights_that_ship_load_as_any_keras_file_and_are_small(tmp_path):
    model = a_model()
    a_lesson(tmp_path).fit(model, DATA, DATA, part="reader", **OPTIONS)
    (path,) = (tmp_path / "build").rglob("*.keras")
    assert path.name == "reader.keras"
    np.testing.assert_allclose(
        keras.saving.load_model(path)(X), model(X), atol=2e-2, rtol=1e-2
    )
    with zipfile.ZipFile(path) as file:
        packed = file.getinfo("model.weights.h5")
        assert packed.compress_size < 3 * model.count_params() + 20_000
        assert json.loads(file.read("history.json"))["seconds"] > 0


def test_training_leaves_the_weights_in_full_precision(tmp_path):
    model = a_model()
    a_lesson(tmp_path).fit(model, DATA, DATA, **OPTIONS)
    kernel = model.layers[1].kernel.numpy()
    assert kernel.size > 1000
    assert not np.array_equal(kernel, kernel.astype("float16"))


def test_a_model_goes_on_after_its_weights_were_kept(tmp_path):
    model = a_model()
    a_lesson(tmp_path).fit(model, DATA, DATA, **OPTIONS)
    assert model.evaluate(*DATA, verbose=0) > 0
    model.train_on_batch(*DATA)


def test_weights_that_do_not_ship_are_missed_in_words(tmp_path):
    with pytest.raises(FileNotFoundError, match="set `train = True`"):
        a_lesson(tmp_path, train=False).fit(a_model(), DATA, DATA, **OPTIONS)


def test_a_quick_training_takes_a_share_of_the_minute(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lesson, "QUICK", 4)
    quick = a_lesson(tmp_path, train="quick")
    options = OPTIONS | {"epochs": 100_000}
    first = quick.fit(a_model(), DATA, DATA, part="one", **options)
    second = quick.fit(a_model(), DATA, DATA, part="two", **options)
    left = 4 - first.seconds - second.seconds
    assert quick.seconds_left == pytest.approx(left) and left < 4
    assert len(first["loss"]) < 100_000 > len(second["loss"])
    assert "seconds val_loss is" in capsys.readouterr().out
    assert quick.folder == tmp_path / "build" / "quick"
    assert not list(tmp_path.rglob("*.keras"))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"size": "large"}, "`size` must be one of"),
        ({"train": "slow"}, "`train` must be True, False"),
        ({"train": 0.5}, "`train` must be True, False"),
        ({"train": 0}, "`train` must be True, False"),
        ({"train": 1}, "`train` must be True, False"),
        ({"train": False, "size": "full"}, "those of the default size"),
    ],
)
def test_other_parameters_are_refused(options, match, tmp_path):
    with pytest.raises(ValueError, match=match):
        a_lesson(tmp_path, **options)


def test_a_size_that_is_not_named_takes_what_the_default_has(tmp_path):
    chosen = [
        a_lesson(tmp_path, size=size).choose(smoke=1, default=6)
        for size in ["smoke", "default", "full"]
    ]
    assert chosen == [1, 6, 6]


def a_publication(lesson, model):
    @tf.function(input_signature=[tf.TensorSpec([None, None, 3], name="frames")])
    def serving_default(frames):
        return {"sum": model(frames)}

    return lesson.publish(
        {"serving_default": serving_default},
        tracked=[model],
        examples={"serving_default": {"frames": X}},
        corpus="spoken_digits",
        title="Sums",
        licence="none",
        metrics={"test_error": 0.5},
        seconds=1.26,
    )


@pytest.mark.corpus
def test_what_is_published_says_what_it_is_and_answers(tmp_path, capsys):
    model = a_model()
    ask = a_publication(a_lesson(tmp_path), model)
    answer = ask["serving_default"](frames=tf.constant(X))["sum"]
    np.testing.assert_allclose(answer, model(X), atol=1e-5)
    assert "serving_default: frames -> sum" in capsys.readouterr().out
    (path,) = tmp_path.rglob("manifest.json")
    manifest = json.loads(path.read_text("utf-8"))
    assert manifest["training_seconds"] == 1.3 and manifest["title"] == "Sums"
    assert manifest["corpus"]["split_sizes"]["test"] == 300
    assert len(manifest["corpus"]["checksum"]) == 64


@pytest.mark.corpus
@pytest.mark.parametrize("halved", [False, True])
def test_weights_in_the_saved_model_ship_once(tmp_path, shipped, halved):
    tiny, model, other = a_lesson(tmp_path), a_model(), a_model()
    history = tiny.fit(model, DATA, DATA, part="served", **OPTIONS)
    tiny.fit(other, DATA, DATA, part="compared", **OPTIONS)
    if halved:
        export.halve_precision(model)
    a_publication(tiny, model)
    (tmp_path / "build" / "saved_models").rename(shipped)
    files = {path.name for path in (shipped / "tiny" / "weights").iterdir()}
    assert files == {"served.json", "compared.keras"}
    again, loaded = a_lesson(tmp_path, train=False), a_model()
    assert again.fit(loaded, DATA, DATA, part="served", **OPTIONS) == history
    np.testing.assert_array_equal(loaded(X), model(X))
    a_publication(again, loaded)  # what is loaded is served from its new place
    new = tmp_path / "build" / "loaded" / "saved_models" / "tiny" / "1"
    places = shipped / "tiny" / "1" / weights.PLACES
    assert places.read_text() == (new / weights.PLACES).read_text()
    # beside what was trained, which stays as it is
    assert not (tmp_path / "build" / "saved_models").exists()


@pytest.mark.corpus
def test_what_a_normalization_adapted_to_is_loaded(tmp_path, shipped):
    def build():
        parts = [keras.Input((None, 3)), keras.layers.Normalization()]
        return keras.Sequential([*parts, keras.layers.GRU(4), keras.layers.Dense(1)])

    tiny, model = a_lesson(tmp_path), build()
    model.layers[0].adapt(5 + 3 * X)
    tiny.fit(model, DATA, DATA, **OPTIONS)
    a_publication(tiny, model)
    (tmp_path / "build" / "saved_models").rename(shipped)
    loaded = build()  # and never adapted
    a_lesson(tmp_path, train=False).fit(loaded, DATA, DATA, **OPTIONS)
    np.testing.assert_array_equal(loaded(X), model(X))


@pytest.mark.corpus
def test_weights_that_change_after_training_ship_as_they_were_trained(tmp_path):
    tiny, model = a_lesson(tmp_path), a_model()
    tiny.fit(model, DATA, DATA, part="served", **OPTIONS)
    model.layers[-1].bias.assign_add([1.0])  # to load it would be to add it twice
    a_publication(tiny, model)
    (path,) = tmp_path.rglob("weights/*")
    assert path.name == "served.keras"


def test_a_training_that_is_run_again_gives_the_same(tmp_path):
    tiny, model = a_lesson(tmp_path), a_model()
    first = tiny.fit(model, DATA, DATA, **OPTIONS)
    assert tiny.fit(model, DATA, DATA, **OPTIONS) == first


@pytest.mark.parametrize("size", ["smoke", "default", "full"])
def test_graphs_of_smoke_size_alone_are_left_as_they_are(tmp_path, size):
    a_lesson(tmp_path, size=size)
    options = tf.config.optimizer.get_experimental_options()
    assert options["disable_meta_optimizer"] == (size == "smoke")
    a_lesson(tmp_path)  # in the same process, as where a reader changes the size
    options = tf.config.optimizer.get_experimental_options()
    assert not options["disable_meta_optimizer"]
