"""What a run is gone on from, and what it is not, is said."""

import os
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from gru_apps import batches, fit
from gru_apps.cli import notebooks
from gru_apps.training import fingerprints
from gru_apps.training.passes import Watched, digest_of_pass

INPUTS = np.linspace(-1, 1, 12, dtype="float32")[:, None]
SECOND = "the second epoch is over"


def data(targets=INPUTS, seed=0):
    return batches((INPUTS, targets), 4, seed=seed)


def drawn_anew(seed, *, known=True):
    """Batches that are others in each pass."""
    seeds = tf.data.Dataset.random(seed, rerandomize_each_iteration=True).take(3)
    drawn = seeds.map(lambda s: tf.random.stateless_normal([4, 1], tf.stack([s, 0])))
    drawn = drawn if known else drawn.filter(lambda batch: True)
    return drawn.map(lambda batch: (batch, batch))


def model(activation=None):
    keras.utils.set_random_seed(1)
    hidden = layers.Dense(3, activation=activation)
    return keras.Sequential([keras.Input((1,)), hidden, layers.Dense(1)])


def run(directory, built=None, train=None, validation=None, **options):
    keras.utils.set_random_seed(1)  # which has a part in the order of batches
    built = built or model()
    options = {"loss": "mse", "epochs": 4, "patience": 9, "verbose": 0} | options
    history = fit(
        built,
        train or data(),
        validation or data(seed=None),
        directory=directory,
        learning_rate=0.03,
        **options,
    )
    return history, built


def run_interrupted(directory, **options):
    """Runs until the second checkpoint is written."""
    replaced, replace = [], os.replace

    def stop(source, target):
        replace(source, target)
        replaced.append(target)
        if len(replaced) == 2:
            raise InterruptedError(SECOND)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", stop)
        with pytest.raises(OSError, match=SECOND):
            run(directory, **options)
    return directory


@pytest.fixture
def interrupted(tmp_path):
    return lambda **options: run_interrupted(tmp_path, **options)


def said(recwarn):
    """Ours, among what Keras's own modules are allowed to say."""
    messages = [str(w.message) for w in recwarn if w.category is UserWarning]
    return [m for m in messages if "checkpoint" in m]


def first_epoch(directory, monkeypatch, **options):
    """The epoch with which `run` begins, which it does not train."""
    starts = []

    def stand_in(self, *args, initial_epoch, **kwargs):
        starts.append(initial_epoch)

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "fit", stand_in)
        run(directory, **options)
    return starts[0]


def assert_starts_anew(directory, recwarn, monkeypatch, differing, **options):
    assert first_epoch(directory, monkeypatch, **options) == 0
    (message,) = said(recwarn)
    assert "starts anew" in message and differing in message


def scaled(factor):
    return lambda y_true, y_pred: factor * (y_true - y_pred) ** 2


def closures(**options):
    activation = options.pop("activation", lambda x: x * 2)
    train = options.pop("targets", INPUTS), options.pop("order", 0)
    check = options.pop("check", INPUTS)
    return {
        "loss": scaled(options.pop("factor", 2.0)),
        "built": model(activation),
        "train": data(*train),
        "validation": data(check, seed=None),
    } | options


def test_a_closure_is_gone_on_with_if_what_it_closes_over_is_the_same(
    interrupted, recwarn, monkeypatch
):
    directory = interrupted(**closures())
    assert first_epoch(directory, monkeypatch, **closures()) == 2 and not said(recwarn)


@pytest.fixture(scope="module")
def with_closures(tmp_path_factory):
    directory = tmp_path_factory.mktemp("closures")
    run_interrupted(directory, **closures())
    return directory


@pytest.mark.parametrize(
    "differing, options",
    [
        ("train", {"targets": -INPUTS}),
        ("train", {"targets": np.where(INPUTS == 1, 0, INPUTS)}),
        ("train", {"order": 1}),
        ("validation", {"check": -INPUTS}),
        ("seed", {"seed": 1}),
        ("loss", {"factor": 3.0}),
        ("loss", {"loss": lambda y_true, y_pred: 2.0 * abs(y_true - y_pred)}),
        ("model", {"activation": "tanh"}),
        ("model", {"activation": lambda x: x * 3}),
        ("mode", {"mode": "max"}),
        ("metrics", {"metrics": ["mae"]}),
        ("optimizer", {"ema_momentum": 0.9}),
    ],
)
def test_a_run_with_anything_else_is_not_gone_on_with(
    with_closures, recwarn, monkeypatch, differing, options
):
    options = closures(**options)
    assert_starts_anew(with_closures, recwarn, monkeypatch, differing, **options)


@pytest.mark.parametrize("known", [True, False])
def test_data_drawn_anew_in_each_epoch_are_gone_on_with(
    interrupted, recwarn, known, tmp_path
):
    def drawn():
        return {"train": drawn_anew(5), "validation": drawn_anew(6, known=known)}

    history, ours = run(interrupted(**drawn()), **drawn())
    assert len(history["loss"]) == 4 and not said(recwarn)
    expected, theirs = run(tmp_path / "unbroken", **drawn())
    assert history == expected
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_run_begun_anew_for_its_data_is_gone_on_with(
    interrupted, recwarn, monkeypatch
):
    interrupted(train=data(seed=1))
    directory = interrupted()  # finds the checkpoint of other data
    assert len(said(recwarn)) == 1
    recwarn.clear()
    assert first_epoch(directory, monkeypatch) == 2 and not said(recwarn)


class Twice(keras.Model):
    """Takes what JSON cannot hold, and is built by its first batch."""

    def __init__(self, function, inner=None):
        super().__init__()
        self.function, self.inner = function, inner or layers.Dense(1)

    def call(self, x):
        return self.function(self.inner(x))


@pytest.mark.parametrize(
    "build",
    [
        lambda factor: keras.Sequential([layers.Dense(2), layers.Dense(1)]),
        lambda factor: Twice(lambda x: x * factor),
    ],
)
def test_a_model_that_its_first_batch_builds_is_gone_on_with(
    interrupted, recwarn, monkeypatch, tmp_path, build
):
    def built(factor=2):
        keras.utils.set_random_seed(1)
        return build(factor)

    directory = interrupted(built=built())
    if isinstance(built(), Twice):
        assert_starts_anew(directory, recwarn, monkeypatch, "model", built=built(3))
    recwarn.clear()
    history, _ = run(directory, built=built())
    assert not said(recwarn)
    assert history == run(tmp_path / "unbroken", built=built())[0]


def test_what_cannot_be_compared_is_said(interrupted, recwarn, monkeypatch):
    lines = iter("ab")

    def loss(y_true, y_pred):
        return (y_true - y_pred) ** 2 + 0 * len([lines])

    directory = interrupted(loss=loss)
    assert first_epoch(directory, monkeypatch, loss=loss) == 2
    (message,) = said(recwarn)
    assert "cannot be told" in message and "lines" in message


class Custom(layers.Layer):
    def call(self, x):
        return 2 * x


def test_the_code_of_a_layer_is_part_of_its_fingerprint():
    before = fingerprints.Fingerprint(Custom()).digest
    assert before == fingerprints.Fingerprint(Custom()).digest
    original, Custom.call = Custom.call, lambda self, x: 3 * x
    try:
        assert before != fingerprints.Fingerprint(Custom()).digest
    finally:
        Custom.call = original


def test_a_frozen_weight_is_part_of_a_models_fingerprint():
    some = model()
    some.layers[0].trainable = False
    before = fingerprints.Fingerprint(some).digest
    some.layers[1].set_weights([w + 1 for w in some.layers[1].get_weights()])
    assert fingerprints.Fingerprint(some).digest == before
    some.layers[0].set_weights([w + 1 for w in some.layers[0].get_weights()])
    assert fingerprints.Fingerprint(some).digest != before


def test_watching_changes_no_batch_and_draws_nothing():
    watched, plain = Watched(drawn_anew(3)), drawn_anew(3)
    assert watched.dataset.cardinality() == plain.cardinality()
    for (one, _), (other, _) in zip(watched.dataset, plain, strict=True):
        np.testing.assert_array_equal(one, other)
    assert watched.digest() == digest_of_pass(drawn_anew(3))
    list(watched.dataset)
    assert watched.digest() == digest_of_pass(drawn_anew(3))
    assert watched.digest() != digest_of_pass(drawn_anew(4))


def test_ragged_and_nested_batches_are_watched_as_they_are():
    rows = tf.ragged.constant([[1], [2, 3]])
    nested = tf.data.Dataset.from_tensors(({"rows": rows}, ["a", "b"]))
    ((inputs, words),) = Watched(nested).dataset
    assert inputs["rows"].to_list() == [[1], [2, 3]]
    assert words.numpy().tolist() == [b"a", b"b"]


class Error(keras.metrics.Metric):
    """A metric with a state of its own."""

    def __init__(self, power):
        super().__init__(name="error")
        self.power, self._hidden = power, power
        self.total = self.add_weight(name="total", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(keras.ops.sum(abs(y_true - y_pred) ** self.power))

    def result(self):
        return self.total


class Weighted(keras.losses.Loss):
    def __init__(self, factor):
        super().__init__()
        self._factor = factor

    def call(self, y_true, y_pred):
        return self._factor * (y_true - y_pred) ** 2


def test_objects_that_a_run_has_used_are_the_same_afterwards(
    interrupted, recwarn, monkeypatch
):
    inner = [layers.BatchNormalization(), layers.Dropout(0.1), layers.Dense(1)]
    built = Twice(keras.ops.negative, keras.Sequential(inner))
    options = {"built": built, "loss": Weighted(2.0), "metrics": [Error(2)]}
    directory = interrupted(**options)
    assert first_epoch(directory, monkeypatch, **options) == 2 and not said(recwarn)
    for name, other in {"loss": Weighted(3.0), "metrics": [Error(3)]}.items():
        changed = options | {name: other}
        assert_starts_anew(directory, recwarn, monkeypatch, name, **changed)
        recwarn.clear()


def test_finished_trainings_are_kept_for_the_library_as_it_is(tmp_path, monkeypatch):
    for folder in ("cli", "models"):
        (tmp_path / folder).mkdir()
    module = tmp_path / "models" / "layers.py"
    module.write_text("units = 1")
    monkeypatch.setattr(notebooks, "__file__", str(tmp_path / "cli" / "notebooks.py"))
    notebook = types.SimpleNamespace(cells=[])
    before = notebooks._digest(notebook)
    assert notebooks._digest(notebook) == before
    module.write_text("units = 2")
    assert notebooks._digest(notebook) != before
