"""The forms that examples come in, and the arguments that `fit` refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from gru_apps import batches, fit
from gru_apps.training import batching

ROWS = [[5, 2], [8], [], [1, 2, 3]]
LABELS = [0, 1, 2, 3]


class Batches(keras.utils.PyDataset):
    """Two batches, the second shorter and wider."""

    def __init__(self, seen=()):
        super().__init__()
        self.seen = seen

    def __len__(self):
        return 2

    def __getitem__(self, index):
        rows = [[[5, 2], [8, 0]], [[1, 2, 3]]][index]
        return np.array(rows), np.array([[0, 1], [3]][index])

    def on_epoch_end(self):
        self.seen and self.seen.append("epoch")


def rows_of(dataset):
    return [
        (ids[ids > 0].numpy().tolist(), int(label))
        for batch in dataset
        for ids, label in zip(*batch, strict=True)
    ]


@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize(
    "data",
    [
        (ROWS, LABELS),
        ([np.array(row, int) for row in ROWS], np.array(LABELS)),
        (tf.ragged.constant(ROWS, dtype="int32"), tf.constant(LABELS)),
        (np.array([[5, 2, 0], [8, 0, 0], [0, 0, 0], [1, 2, 3]]), LABELS),
        tf.data.Dataset.from_generator(
            lambda: zip(ROWS, LABELS, strict=True),
            output_signature=(
                tf.TensorSpec([None], "int32"),
                tf.TensorSpec([], "int32"),
            ),
        ),
    ],
)
def test_rows_are_batched_in_every_form(data, seed):
    found = rows_of(batches(data, np.int64(3), seed=seed))
    expected = list(zip(ROWS, LABELS, strict=True))
    assert (found if seed is None else sorted(found, key=lambda r: r[1])) == expected


def test_a_py_datasets_batches_are_taken_apart():
    assert rows_of(batches(Batches(), 3)) == [([5, 2], 0), ([8], 1), ([1, 2, 3], 3)]


def test_frames_of_unlike_length_keep_their_features():
    clips = [np.ones([2, 3]), np.ones([4, 3])]
    ((frames, words),) = batches(({"frames": clips}, ["a", "b"]), 2)
    assert frames["frames"].shape == [2, 4, 3]
    assert frames["frames"].dtype == "float32" and words.numpy().tolist() == [
        b"a",
        b"b",
    ]
    assert float(tf.reduce_sum(frames["frames"])) == 18


@pytest.mark.parametrize(
    "data, words",
    [
        (([[1], [2]], [0]), "as many rows"),
        (([np.ones([2, 3]), np.ones([2, 4])], [0, 1]), "length alone"),
        ("text", "Received: str"),
        (([[1], [2]], 5), "Received: int"),
        (([], []), "no example"),
        (tf.data.Dataset.from_tensor_slices([1]).take(0), "no example"),
        (tf.data.Dataset.from_tensors([1]).repeat(), "an end"),
    ],
)
def test_what_holds_no_examples_is_refused(data, words):
    with pytest.raises(ValueError, match=words):
        batches(data, 2)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, None])
def test_a_batch_size_that_is_no_number_of_rows_is_refused(batch_size):
    with pytest.raises(ValueError, match=f"Received: batch_size={batch_size}"):
        batches((ROWS, LABELS), batch_size)


@pytest.mark.parametrize("seed", [None, 0])
def test_one_long_row_does_not_pad_the_others_beyond_the_limit(monkeypatch, seed):
    monkeypatch.setattr(batching, "LARGEST", 4 * 100)  # bytes, of 32-bit ids
    rows = [[1 + n] * (60 if n == 5 else 2) for n in range(12)]
    result = batches(
        (tf.ragged.constant(rows, dtype="int32"), np.arange(12)), 12, seed=seed
    )
    found = list(result)
    assert len(result) == len(found) > 1
    assert max(ids.shape[0] * ids.shape[1] for ids, _ in found) <= 2 * 60
    labels = np.concatenate([label for _, label in found])
    assert sorted(labels) == list(range(12))
    assert seed is not None or labels.tolist() == list(range(12))


def test_batches_that_are_large_but_full_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(batching, "LARGEST", 8)
    widths = [ids.shape for ids, _ in batches(([[1, 2], [3, 4], [5, 6]], [0, 1, 2]), 2)]
    assert widths == [[2, 2], [1, 2]]


def model():
    keras.utils.set_random_seed(1)
    pool = layers.GlobalAveragePooling1D()
    return keras.Sequential([layers.Embedding(9, 4), pool, layers.Dense(4)])


def train(directory, data, validation, **options):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    options = {"epochs": 2, "loss": loss, "verbose": 0} | options
    return fit(model(), data, validation, directory=directory, **options)


def test_fit_takes_lists_ragged_tensors_and_py_datasets(tmp_path):
    rows, labels = ROWS[:2], LABELS[:2]
    lists = train(tmp_path, (rows, labels), (rows, labels))
    ragged = tf.ragged.constant(rows, dtype="int64"), np.array(labels)
    assert train(tmp_path, ragged, ragged) == lists
    whole = batches((rows, labels), 32, seed=0)
    assert train(tmp_path, whole, batches((rows, labels), 32)) == lists
    seen = [""]
    assert len(train(tmp_path, Batches(seen), Batches())["val_loss"]) == 2
    assert seen.count("epoch") >= 2


def test_sizes_may_be_numpys(tmp_path):
    sizes = {"epochs": np.int64(2), "patience": np.int32(2), "seed": np.uint8(3)}
    history = train(tmp_path, Batches(), Batches(), **sizes)
    assert len(history["loss"]) == 2


@pytest.mark.parametrize(
    "name, value",
    [
        ("epochs", 0),
        ("epochs", 2.5),
        ("patience", -1),
        ("patience", False),
        ("epochs", True),
        ("seed", -1),
        ("seed", 2**32),
        ("warmup", 1.5),
        ("weight_decay", -0.1),
        ("clip_norm", 0.0),
        ("ema_momentum", 1.0),
        ("mode", "least"),
        ("warmup", float("nan")),
    ],
)
def test_values_out_of_range_are_refused(tmp_path, name, value):
    with pytest.raises(ValueError, match=f"Received: {name}={value}"):
        train(tmp_path, Batches(), Batches(), **{name: value})


SOME = tf.data.Dataset.from_tensor_slices((np.ones([2, 2]), LABELS[:2])).batch(1)


@pytest.mark.parametrize(
    "data, validation, words",
    [
        (SOME.take(0), SOME, "`train` .* Received: none"),
        (SOME.repeat(), SOME, "`train` .* without an end"),
        (SOME.filter(lambda *_: True), SOME, "`train` .* an unknown number"),
        (SOME, SOME.take(0), "`validation` .* Received: none"),
        (SOME, SOME.repeat(), "`validation` .* without an end"),
    ],
)
def test_data_without_batches_or_an_end_are_refused(tmp_path, data, validation, words):
    with pytest.raises(ValueError, match=words):
        train(tmp_path, data, validation)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.filterwarnings("ignore:Early stopping conditioned on metric")
def test_validation_data_that_turn_out_empty_are_refused(tmp_path):
    with pytest.raises(ValueError, match="`validation` must have batches"):
        train(tmp_path, SOME, SOME.filter(lambda *_: False))
