import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import types
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from gru_apps.cli import notebooks
from gru_apps.training import batches, checkpoints, fit, optimizers


def first_tokens(number, *, longest=8, seed=0):
    """Examples whose target is the first of 2 to `longest` ids below 5."""
    rng = np.random.default_rng(seed)
    rows = [rng.integers(1, 5, rng.integers(2, longest + 1)) for _ in range(number)]
    return tf.data.Dataset.from_generator(
        lambda: ((row, row[0]) for row in rows),
        output_signature=(tf.TensorSpec([None], "int32"), tf.TensorSpec([], "int32")),
    )


def build_model(layer, dropout=0.0, embedding_dim=8):
    ids = keras.Input([None], dtype="int32", name="ids")
    x = layers.Embedding(5, embedding_dim, mask_zero=True)(ids)
    x = layers.Dropout(dropout)(layer(x))
    return keras.Model(ids, layers.Dense(5, name="logits")(x))


def bag_of_words(dropout=0.3, **options):
    keras.utils.set_random_seed(1)
    return build_model(layers.GlobalAveragePooling1D(), dropout, **options)


def fit_first_token(model, directory, *, validation=None, seed=3, **options):
    keras.utils.set_random_seed(seed)
    options = {"epochs": 4, "patience": 4, "learning_rate": 0.03, **options}
    return fit(
        model,
        batches(first_tokens(60), 8, seed=seed),
        validation or batches(first_tokens(20, seed=1), 8),
        directory=directory,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        verbose=0,
        **options,
    )


def interrupted_in_epoch(epoch, interrupt):
    """Validation data that call `interrupt` when they are read in that epoch."""
    passes = iter(range(1, 100))
    examples = list(first_tokens(20, seed=1).as_numpy_iterator())

    def generate():
        if next(passes) == epoch:
            interrupt()
        yield from examples

    dataset = tf.data.Dataset.from_generator(
        generate, output_signature=first_tokens(1).element_spec
    )
    return dataset.padded_batch(8).apply(tf.data.experimental.assert_cardinality(3))


def assert_same_run(history, model, expected_history, expected_model):
    assert history.keys() == expected_history.keys()
    for name, values in history.items():
        np.testing.assert_allclose(values, expected_history[name], rtol=1e-6)
    for one, other in zip(
        model.get_weights(), expected_model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def gru_with_dropout():
    keras.utils.set_random_seed(1)
    return build_model(layers.GRU(4, dropout=0.2), dropout=0.2)


@pytest.fixture
def first_epochs(monkeypatch):
    """The epochs with which trainings by Keras begin, as they begin."""
    begun, train = [], keras.Model.fit

    def noted(*arguments, initial_epoch, **options):
        begun.append(initial_epoch)
        return train(*arguments, initial_epoch=initial_epoch, **options)

    monkeypatch.setattr(keras.Model, "fit", noted)
    return begun


def kill_in_third_epoch(directory):
    def kill():
        os.kill(os.getpid(), signal.SIGKILL)

    validation = interrupted_in_epoch(3, kill)
    fit_first_token(gru_with_dropout(), directory, validation=validation)


def orders(dataset, epochs):
    """For each epoch, the ids and target of each row, without their padding."""
    return [
        [
            (*ids[ids > 0].numpy().tolist(), int(target))
            for batch in dataset
            for ids, target in zip(*batch, strict=True)
        ]
        for _ in range(epochs)
    ]


def test_each_epoch_holds_every_example_once_in_a_new_order_given_by_the_seed():
    dataset = first_tokens(50)
    (plain,) = orders(batches(dataset, 4), 1)
    first, second = orders(batches(dataset, 4, seed=0), 2)
    assert sorted(first) == sorted(second) == sorted(plain)
    assert first != second
    assert orders(batches(dataset, 4, seed=0), 2) == [first, second]
    assert orders(batches(dataset, 4, seed=1), 2)[0] != first


@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize("longest", [2, 3, 5, 9, 20])
def test_the_number_of_batches_is_known_beforehand(seed, longest):
    result = batches(first_tokens(30, longest=longest), 4, seed=seed)
    assert len(result) == len(list(result))


def test_bucketed_batches_are_hardly_padded():
    def share_of_padding(dataset):
        ids = np.concatenate([ids.numpy().ravel() for ids, _ in dataset])
        return np.mean(ids == 0)

    examples = first_tokens(400, longest=30)
    assert share_of_padding(batches(examples, 4, seed=0)) < 0.1
    assert share_of_padding(batches(examples, 4)) > 0.3


def test_a_set_of_mostly_empty_texts_is_batched():
    ids = tf.ragged.constant([[], [], [], [5, 2, 8]], dtype="int32")
    dataset = tf.data.Dataset.from_tensor_slices((ids, [0, 1, 2, 3]))
    result = list(batches(dataset, 2, seed=0))
    assert sorted(np.concatenate([number for _, number in result])) == [0, 1, 2, 3]


def test_the_few_longest_do_not_pad_those_that_are_only_long():
    lengths = [3] * 60 + [12] * 20 + [100]
    ids = tf.ragged.constant([[1] * length for length in lengths], dtype="int32")
    dataset = tf.data.Dataset.from_tensor_slices((ids, [0] * len(lengths)))
    widths = [ids.shape[1] for ids, _ in batches(dataset, 20, seed=0)]
    assert sorted(widths) == [3, 3, 3, 12, 100]


def test_the_source_is_read_once_for_all_epochs():
    passes = []

    def generate():
        passes.append(1)
        yield from [[1], [2, 3], [4]]

    source = tf.data.Dataset.from_generator(
        generate, output_signature=tf.TensorSpec([None], "int32")
    )
    orders(batches(source.map(lambda ids: (ids, ids[0])), 2, seed=0), 3)
    assert len(passes) == 1


@pytest.mark.parametrize("seed", [None, 0])
def test_dicts_features_and_weights_are_padded_on_the_right(seed):
    def generate():
        for length in (1, 3):
            inputs = {"frames": np.ones((length, 2)), "speaker": length}
            yield inputs, np.full(length + 1, 5), np.ones(length + 1)

    frames = {"frames": tf.TensorSpec([None, 2]), "speaker": tf.TensorSpec([])}
    targets, weights = tf.TensorSpec([None], "int32"), tf.TensorSpec([None])
    source = tf.data.Dataset.from_generator(
        generate, output_signature=(frames, targets, weights)
    )
    seen = 0
    for inputs, targets, weights in batches(source, 2, seed=seed):
        for row, length in enumerate(inputs["speaker"].numpy().astype(int)):
            frames = inputs["frames"][row].numpy()
            np.testing.assert_array_equal(frames[:length], 1)
            np.testing.assert_array_equal(frames[length:], 0)
            assert targets[row].numpy().tolist()[: length + 1] == [5] * (length + 1)
            assert weights[row].numpy().sum() == length + 1
            seen += 1
    assert seen == 2


@pytest.mark.parametrize("optimizer, learning_rate", [("adam", 0.03), ("muon", 0.1)])
def test_a_gru_learns_to_remember_the_first_token(tmp_path, optimizer, learning_rate):
    model = build_model(layers.GRU(8))
    history = fit(
        model,
        batches(first_tokens(200), 8, seed=0),
        batches(first_tokens(50, seed=1), 50),
        directory=tmp_path,
        epochs=6,
        optimizer=optimizer,
        learning_rate=learning_rate,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        monitor="val_accuracy",
        verbose=0,
    )
    assert max(history["val_accuracy"]) > 0.95
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-6)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_killed_run_ends_as_if_it_had_not_been_killed(tmp_path, first_epochs):
    root = Path(__file__).parents[2]
    child = subprocess.run(
        [sys.executable, __file__, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert list(tmp_path.iterdir())
    resumed, unbroken = gru_with_dropout(), gru_with_dropout()
    resumed_history = fit_first_token(resumed, tmp_path)
    history = fit_first_token(unbroken, tmp_path / "unbroken")
    assert first_epochs == [2, 0]
    assert_same_run(resumed_history, resumed, history, unbroken)
    assert not list(tmp_path.glob("*.h5"))


class Interruption(Exception):
    pass


def interrupt():
    raise Interruption


def interrupt_in_third_epoch(directory, **options):
    validation = interrupted_in_epoch(3, interrupt)
    with pytest.raises(Exception, match="Interruption"):
        fit_first_token(bag_of_words(), directory, validation=validation, **options)


def test_muon_turns_matrices_and_leaves_embeddings_and_logits_to_adam(tmp_path):
    model = build_model(layers.GRU(8))
    options = {"optimizer": "muon", "epochs": 1, "learning_rate": 1e-9}
    fit_first_token(model, tmp_path, **options)
    optimizer = model.optimizer
    with_adam = [v.path for v in model.trainable_variables if adam(optimizer, v)]
    others = {v.path for v in model.trainable_variables} - set(with_adam)
    assert {path.split("/")[-1] for path in others} == {"kernel", "recurrent_kernel"}
    assert all("gru_cell" in path for path in others)
    assert optimizer.weight_decay is None and optimizer.adam_weight_decay is None


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_an_optimizer_is_the_one_asked_for(tmp_path, optimizer):
    model = bag_of_words()
    options = {"clip_norm": 0.7, "weight_decay": 0.02, "ema_momentum": 0.6}
    fit_first_token(model, tmp_path, optimizer=optimizer, epochs=1, **options)
    made = model.optimizer
    found = made.global_clipnorm, made.weight_decay, made.use_ema, made.ema_momentum
    assert found == (0.7, 0.02, True, 0.6)
    kinds = {"adam": keras.optimizers.Adam, "muon": keras.optimizers.Muon}
    assert type(made) is kinds[optimizer]
    if optimizer == "muon":
        assert made.adam_weight_decay == 0.02


def test_a_learning_rate_rises_along_a_line_and_falls_along_a_cosine():
    schedule = optimizers.schedule_of(0.1, 0.25, 40)
    found = [float(schedule(step)) for step in (0, 5, 10, 25, 40)]
    np.testing.assert_allclose(found, [0, 0.05, 0.1, 0.05, 0], atol=1e-7)
    constant = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 1.0)
    assert optimizers.schedule_of(constant, 0.25, 40) is constant


def test_a_row_of_weight_zero_counts_in_no_metric(tmp_path):
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False)])
    model.set_weights([np.ones((1, 1))])
    x, y = np.array([[1.0], [1.0]]), np.array([[1.0], [5.0]])  # the second is wrong
    data = batches((x, y, np.array([1.0, 0.0])), 2)
    options = {"epochs": 1, "loss": "mse", "metrics": ["mae"], "verbose": 0}
    history = fit(model, data, data, directory=tmp_path, **options)
    assert history["mae"] == history["val_mae"] == [0]


def adam(optimizer, variable):
    index = optimizer._get_variable_index(variable)
    return optimizer.adam_velocities[index] is not None


def test_an_unknown_optimizer_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: optimizer=lion"):
        fit_first_token(bag_of_words(), tmp_path, optimizer="lion")


@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_an_interrupted_run_remembers_averages_and_patience(
    tmp_path, optimizer, first_epochs
):
    options = {"optimizer": optimizer, "learning_rate": 1.0, "weight_decay": 0.01}
    options |= {"ema_momentum": 0.8, "epochs": 30, "patience": 3}
    interrupt_in_third_epoch(tmp_path, **options)
    resumed, unbroken = bag_of_words(), bag_of_words()
    resumed_history = fit_first_token(resumed, tmp_path, **options)
    history = fit_first_token(unbroken, tmp_path, **options)
    assert first_epochs == [0, 2, 0]
    assert np.argmin(history["val_loss"]) < 2  # before the interruption
    assert_same_run(resumed_history, resumed, history, unbroken)


@pytest.mark.parametrize("ema_momentum", [None, 0.8])
def test_training_stops_early_and_leaves_the_best_weights(tmp_path, ema_momentum):
    model, validation = bag_of_words(), batches(first_tokens(20, seed=1), 8)
    history = fit_first_token(
        model,
        tmp_path,
        validation=validation,
        epochs=30,
        patience=2,
        learning_rate=0.5,
        ema_momentum=ema_momentum,
    )
    losses = history["val_loss"]
    assert len(losses) == np.argmin(losses) + 1 + 2 < 30
    assert model.evaluate(validation, verbose=0) == pytest.approx(min(losses))
    assert not list(tmp_path.iterdir())


def test_a_run_interrupted_after_it_stopped_early_trains_no_more(tmp_path, monkeypatch):
    options = {"patience": 2, "learning_rate": 0.0}
    with monkeypatch.context() as patch, pytest.raises(Interruption):
        patch.setattr(
            keras.optimizers.Adam, "finalize_variable_values", lambda *_: interrupt()
        )
        fit_first_token(bag_of_words(), tmp_path, **options)
    assert list(tmp_path.iterdir())
    history = fit_first_token(bag_of_words(), tmp_path, **options)
    assert len(history["val_loss"]) == 3


def test_a_checkpoint_cut_short_while_it_is_written_is_not_used(
    tmp_path, monkeypatch, first_epochs
):
    saves = iter(range(1, 9))
    replace = os.replace

    def leave_half(unfinished, path):
        if next(saves) == 3:
            Path(unfinished).write_bytes(Path(unfinished).read_bytes()[:100])
            raise Interruption
        replace(unfinished, path)

    with monkeypatch.context() as patch, pytest.raises(Interruption):
        patch.setattr(os, "replace", leave_half)
        fit_first_token(bag_of_words(), tmp_path)
    resumed_history = fit_first_token(bag_of_words(), tmp_path)
    assert first_epochs == [0, 2]
    assert len(resumed_history["loss"]) == 4
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("length", [0, 100, -100])
def test_a_damaged_checkpoint_is_left_unused_with_a_warning(
    interrupted_run, tmp_path, recwarn, length
):
    content = (interrupted_run / "checkpoint.weights.h5").read_bytes()
    (tmp_path / "checkpoint.weights.h5").write_bytes(content[:length])
    history = fit_first_token(bag_of_words(), tmp_path)
    assert "is damaged" in str(recwarn.pop(UserWarning).message)
    expected = fit_first_token(bag_of_words(), tmp_path / "unbroken")
    assert history == expected


def test_the_seconds_of_a_run_include_those_before_it_was_interrupted(
    tmp_path, monkeypatch
):
    clock = types.SimpleNamespace(monotonic=itertools.count().__next__)
    monkeypatch.setattr(checkpoints, "time", clock)  # each epoch takes a second
    interrupt_in_third_epoch(tmp_path)
    assert fit_first_token(bag_of_words(), tmp_path).seconds == 4


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """Begins a process of an execution of a notebook: the first, or one anew."""

    def begin():
        monkeypatch.setenv("GRU_APPS_FINISHED", str(tmp_path / "list"))
        monkeypatch.setattr(checkpoints, "_finished", set())

    begin()
    return begin


def trains(directory, **options):
    """Whether `fit` validates, its history, and the model."""
    seen, model = [], bag_of_words()
    # a first time it may read the data only to see that they are those of before
    validation = interrupted_in_epoch(2, lambda: seen.append("validation"))
    history = fit_first_token(model, directory, validation=validation, **options)
    return bool(seen), history, model


@pytest.mark.parametrize("options", [{}, {"ema_momentum": 0.8}, {"patience": 1}])
def test_a_notebook_interrupted_after_a_training_does_not_repeat_it(
    tmp_path, kernel, options
):
    options |= {"learning_rate": 0.5}
    trained, history, model = trains(tmp_path, **options)
    kernel()
    trained_again, resumed_history, resumed = trains(tmp_path, **options)
    assert trained and not trained_again
    assert_same_run(resumed_history, resumed, history, model)
    assert resumed_history.seconds == history.seconds > 0
    expected = [str(tmp_path / "finished.weights.h5")] * 2
    assert (tmp_path / "list").read_text().splitlines() == expected


def test_fit_called_again_after_a_finished_run_trains_anew(
    tmp_path, kernel, monkeypatch
):
    assert trains(tmp_path)[0] and trains(tmp_path)[0]
    kernel()
    assert not trains(tmp_path)[0] and trains(tmp_path)[0]
    monkeypatch.delenv("GRU_APPS_FINISHED")  # as in JupyterLab, after an interruption
    assert trains(tmp_path)[0] and trains(tmp_path)[0]


def test_a_finished_training_with_other_arguments_is_not_taken_for_this(
    tmp_path, kernel, recwarn
):
    trains(tmp_path)
    kernel()
    assert trains(tmp_path, epochs=5)[0]
    assert "other epochs" in str(recwarn.pop(UserWarning).message)


@pytest.fixture(scope="module")
def interrupted_run(tmp_path_factory):
    directory = tmp_path_factory.mktemp("interrupted")
    interrupt_in_third_epoch(directory)
    return directory


@pytest.mark.parametrize(
    "differing, options",
    [
        ("epochs", {"epochs": 5}),
        ("optimizer", {"weight_decay": 0.1}),
        ("optimizer", {"optimizer": "muon"}),
        ("model", {"model": bag_of_words(embedding_dim=7)}),
    ],
)
def test_a_checkpoint_of_another_run_is_left_unused_with_a_warning(
    interrupted_run, tmp_path, recwarn, differing, options
):
    shutil.copytree(interrupted_run, tmp_path, dirs_exist_ok=True)
    options = {"model": bag_of_words(), "epochs": 4, **options}
    history = fit_first_token(directory=tmp_path, **options)
    message = str(recwarn.pop(UserWarning).message)
    assert "belongs to a run with other" in message and differing in message
    assert len(history["loss"]) == options["epochs"]


def test_an_execution_keeps_finished_trainings_until_the_unchanged_notebook_ends(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    checkpoint, stop = tmp_path / "finished.weights.h5", tmp_path / "stop"
    train = (  # as `fit` does
        "import os, pathlib\n"
        f"checkpoint = pathlib.Path({str(checkpoint)!r})\n"
        "print('there' if checkpoint.exists() else 'trained')\n"
        "checkpoint.touch()\n"
        "with open(os.environ['GRU_APPS_FINISHED'], 'a') as file:\n"
        "    print(checkpoint, file=file)"
    )
    fail = f"assert not pathlib.Path({str(stop)!r}).exists()"
    path = Path("01_tiny.ipynb")

    def execute(*code, stops=False):
        stop.touch() if stops else stop.unlink(missing_ok=True)
        cells = [nbformat.v4.new_code_cell(source) for source in code]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        with pytest.raises(RuntimeError) if stops else contextlib.nullcontext():
            notebooks.execute(path)
        cells = nbformat.read(Path("build", path), as_version=4).cells
        return next(c for c in cells if c.get("outputs")).outputs[0].text.strip()

    assert execute(train, fail, stops=True) == "trained" and checkpoint.exists()
    assert execute(train, fail, "# changed", stops=True) == "trained"
    assert execute(train, fail, "# changed") == "there"
    assert not checkpoint.exists() and not list(Path("build").glob("*.finished"))
    assert execute(train, fail, "# changed") == "trained"


if __name__ == "__main__":
    kill_in_third_epoch(sys.argv[1])


@pytest.mark.parametrize("kind", ["functional", "sequential", "subclass"])
@pytest.mark.parametrize("optimizer", ["adam", "muon"])
def test_the_graph_of_a_step_is_made_once(tmp_path, monkeypatch, optimizer, kind):
    made, train_step = [], keras.Model.train_step

    def counted(self, data):
        made.append(data)
        return train_step(self, data)

    class Inside(keras.Model):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def call(self, ids, training):
            return self.inner(ids, training=training)

    monkeypatch.setattr(keras.Model, "train_step", counted)
    model = bag_of_words()
    number = model.output_shape[-1]
    if kind == "sequential":
        model = keras.Sequential([keras.Input((6,), dtype="int32"), *model.layers[1:]])
    elif kind == "subclass":
        model = Inside(model)
    ids = np.random.default_rng(0).integers(1, 5, (64, 6))
    data = ids, np.eye(number)[ids[:, 0]]  # batches of one shape
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    options = {"epochs": 2, "loss": loss, "optimizer": optimizer, "verbose": 0}
    options["metrics"] = ["accuracy", keras.metrics.F1Score("macro")]
    history = fit(model, data, data, directory=tmp_path, **options)
    assert len(made) == 1
    assert len(history["val_accuracy"]) == len(history["val_f1_score"]) == 2


def test_a_layer_that_waits_for_inputs_is_trained_with_the_others(tmp_path):
    class Waiting(keras.Model):
        def __init__(self):
            super().__init__()
            self.embed, self.late = layers.Embedding(5, 4), layers.Dense(5)
            self.built = True  # it says

        def call(self, ids):
            return self.late(keras.ops.mean(self.embed(ids), axis=1))

    model = Waiting()
    history = fit_first_token(model, tmp_path)
    assert len(model.trainable_variables) == 3
    assert history["loss"][-1] < history["loss"][0]
