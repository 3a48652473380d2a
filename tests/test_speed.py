"""Benchmarks of speed: pairs in turn, what is kept of them, and a question in small."""

import importlib
import importlib.util
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

ROOT = pathlib.Path(__file__).parents[1]


@pytest.fixture
def speed(monkeypatch):
    """Imports a module of the benchmarks, which are no part of the package."""
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.speed.{name}")


class Clock:
    """A clock that goes on only when one of its sides is called."""

    def __init__(self):
        self.now, self.calls = 0.0, []

    def side(self, name, *seconds):
        def call():
            number = self.calls.count(name)
            self.calls.append(name)
            self.now += seconds[min(number, len(seconds) - 1)]

        return call


def test_sides_take_turns_and_one_slow_pair_moves_no_median(speed, monkeypatch):
    pairs, clock = speed("_pairs"), Clock()
    monkeypatch.setattr(pairs.time, "perf_counter", lambda: clock.now)
    # the first two calls are no pairs, and the third warms up
    ours = clock.side("ours", 9.0, 9.0, 9.0, 2.0)
    theirs = clock.side("theirs", 9.0, 9.0, 9.0, 6.0, 6.0, 80.0, 6.0)
    found = pairs.in_turns(ours, theirs, pairs=7, warm_up=1)
    assert clock.calls[4:] == ["ours", "theirs"] * 8
    assert found["ours_ms"] == 2000 and found["theirs_ms"] == 6000
    assert found["least"] == found["low"] == found["ratio"] == found["high"] == 3
    assert found["most"] == 40


def test_a_short_side_is_called_until_the_clock_can_tell(speed, monkeypatch):
    pairs, clock = speed("_pairs"), Clock()
    monkeypatch.setattr(pairs.time, "perf_counter", lambda: clock.now)
    quick, slow = clock.side("quick", 0.0025), clock.side("slow", 0.5)
    found = pairs.in_turns(quick, slow, pairs=7, warm_up=0)
    assert clock.calls[4:] == (["quick"] * 8 + ["slow"]) * 7
    assert found["ours_ms"] == 2.5 and found["ratio"] == 200


def test_greedy_is_held_against_steps_from_python(speed, tmp_path, monkeypatch, capsys):
    pairs, loop = speed("_pairs"), speed("python_loop")
    monkeypatch.setattr(pairs, "RESULTS", tmp_path / "results")
    sizes = speed("_translator").Sizes(2, steps=3, words=9, units=4, length=5)
    rows = [loop.measure(sizes, pairs=2)]
    pairs.keep("some", "Which one?", rows)
    kept = json.loads((tmp_path / "results" / "some.json").read_text())
    assert kept["rows"] == rows and rows[0]["steps"] == 3
    assert 0 < rows[0]["least"] <= rows[0]["ratio"] <= rows[0]["most"]
    assert kept["versions"]["tensorflow"] and kept["machine"]["cores"] >= 1
    assert "one step from Python / greedy" in capsys.readouterr().out


def test_both_ways_to_compose_are_held_against_each_other(speed):
    row = speed("composing").measure(2, steps=2, units=4, pairs=2)
    assert row["batch"] == 2 and 0 < row["least"] <= row["ratio"] <= row["most"]


def test_logits_of_both_orders_of_the_product_are_held_against_each_other(speed):
    steps = speed("decoding_step")
    sizes = speed("_translator").Sizes(2, steps=3, words=9, units=4)
    row = steps.measure_logits(sizes, pairs=2)
    assert row["batch"] == 2 and 0 < row["least"] <= row["ratio"] <= row["most"]
    assert steps.logits(steps.ReversibleEmbedding, sizes)().shape == (2, 4)


class Pupil:
    """Takes a second a batch to learn and an hour to be asked; knows all in the end."""

    def __init__(self, clock, batches):
        self.clock, self.batches, self.read = clock, batches, 0
        self.stop_training = False

    def fit(self, data, *, steps_per_epoch, callbacks, **options):
        for step in range(steps_per_epoch):
            self.clock.now, self.read = self.clock.now + 1, self.read + 1
            callbacks[0].on_train_batch_end(step)
            if self.stop_training:
                break

    def evaluate(self, held_out, **options):
        self.clock.now += 3600
        share = self.read / self.batches
        return {"accuracy": share, "cross_entropy": 1 - share}


@pytest.mark.parametrize(
    ("figure", "goal", "parts"), [("accuracy", 0.5, 1), ("cross_entropy", 2.0, 4)]
)
def test_seconds_of_training_count_until_enough_is_right(
    speed, monkeypatch, figure, goal, parts
):
    quality, clock = speed("time_to_quality"), Clock()
    monkeypatch.setattr(quality.time, "perf_counter", lambda: clock.now)
    data = tf.data.Dataset.from_tensors((0, 0))
    task = quality.Task("rows", None, None, "theirs", goal, 1600, figure)

    def until_met(batches):
        side = quality.Side(Pupil(clock, batches), data, None, 32, parts)
        return quality.seconds_until_met(task, side, 40)

    assert until_met(200) == (100, 3200)
    with pytest.raises(RuntimeError, match="not met after 64000 rows"):
        until_met(9999)


def test_both_sides_learn_from_the_same_reviews(speed, monkeypatch):
    quality = speed("time_to_quality")
    texts = {
        quality.LEARNT: ["a good film", "bad", "so so"] * 99,
        quality.HELD_OUT: ["a"],
    }
    monkeypatch.setattr(
        quality._reviews,
        "read",
        lambda split: (texts[split], np.zeros(len(texts[split]))),
    )
    monkeypatch.setattr(quality, "LENGTH", 2)
    monkeypatch.setattr(quality.imdb, "MODEL", {"units": 4, "embedding_dim": 4})
    quality._reviews.tokenizer.cache_clear()
    quality._reviews.rows.cache_clear()
    row = quality.measure(quality.REVIEWS._replace(goal=0.0, every=64), seeds=[0])
    assert row["examples"] == [[64, 64]] and row["pairs"] == 1 and row["ratio"] > 0
    ((ids, _),) = quality.their_reviews(0).data.take(1)
    assert ids.shape == (32, 2) and (ids.numpy()[:, -1] > 1).all()
    assert set(ids.numpy()[:, 0]) > {0}  # before a short text, as the example does


def _digits(split):
    rng = np.random.default_rng(0)
    for number in range(64):
        frames = rng.normal(size=(3 + number % 4, 13)).astype("float32")
        yield frames, number % 10


def _pieces(split):
    rng = np.random.default_rng(0)
    for _ in range(16):
        keys = np.zeros((5, 88), "uint8")
        keys[np.arange(5), rng.integers(0, 88, 5)] = 1
        yield {"keys": keys}


@pytest.fixture
def taught(speed, monkeypatch):
    """Has both sides learn from a few digits and chorales, which are noise."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    quality, corpora = speed("time_to_quality"), {"jsb_chorales": _pieces}
    for module in (quality, quality._piano_rolls):
        monkeypatch.setattr(
            *(module.tfds, "load"),
            lambda name, split, **options: corpora.get(name, _digits)(split),
        )
        monkeypatch.setattr(module.tfds, "as_numpy", lambda rows: rows)
    return quality


@pytest.mark.parametrize(("name", "goal"), [("DIGITS", 0.0), ("CHORALES", 1e9)])
def test_both_sides_are_asked_after_as_many_examples(taught, name, goal):
    task = getattr(taught, name)._replace(goal=goal, every=64)
    row = taught.measure(task, seeds=[0])
    assert row["examples"] == [[64, 64]] and row["ratio"] > 0


def test_a_chorale_costs_an_untrained_network_as_much_as_guessing(taught):
    guesses = {
        taught.our_chorales: 4 * np.log(90),
        taught.their_chorales: 88 * np.log(2),
    }
    for make, nats in guesses.items():
        model, _, held_out, _, parts = make(0)
        found = model.evaluate(held_out, verbose=0, return_dict=True)
        assert parts * found["cross_entropy"] == pytest.approx(nats, rel=0.1)


def test_rows_beside_pytorch_are_left_out_with_a_sentence(speed, monkeypatch, capsys):
    pairs = speed("_pairs")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not pairs.has_torch()
    assert capsys.readouterr().out.startswith("PyTorch is not installed")


def test_the_questions_are_listed_where_one_is_unknown():
    command = [sys.executable, "-m", "benchmarks.speed", "none"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 1 and "beam, composing, decoding_step" in said.stderr
