"""Benchmarks of speed: pairs in turn, what is kept of them, and a question in small."""

import dataclasses
import functools
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
    (quality, tasks), clock = (speed("time_to_quality"), speed("_tasks")), Clock()
    monkeypatch.setattr(quality.time, "perf_counter", lambda: clock.now)
    data = tf.data.Dataset.from_tensors((0, 0))
    task = quality.Task("rows", None, None, "theirs", goal, 1600, figure)

    def until_met(batches, **limit):
        model = Pupil(clock, batches)
        side = quality.Side(model, data, tasks.evaluating(model, 0, figure, parts), 32)
        return quality.train_until_met(task, side, 40, **limit)

    found = until_met(200)
    assert (found.seconds, found.read, found.met) == (100, 3200, True)
    with pytest.raises(RuntimeError, match="not met after 64000 rows"):
        until_met(9999)
    found = until_met(9999, limit=120)  # asked after 50, 100 and 150 seconds
    assert (found.seconds, found.read, found.met) == (150, 4800, False)


def test_the_other_side_is_stopped_after_several_times_our_seconds(speed, monkeypatch):
    quality, clock = speed("time_to_quality"), Clock()
    monkeypatch.setattr(quality.time, "perf_counter", lambda: clock.now)
    data = tf.data.Dataset.from_tensors((0, 0))

    def side(batches):
        model = Pupil(clock, batches)
        return quality.Side(model, data, quality.evaluating(model, 0), 32)

    sides = (lambda seed: side(200)), (lambda seed: side(300 if seed else 9999))
    task = quality.Task("rows", *sides, "theirs", 0.5, 1600, longest=3)
    row = quality.measure(task, seeds=[0, 1])
    # a ratio of one that is stopped is the least it can be
    assert row["theirs"] == "theirs (not met: 1)"
    assert row["examples"] == [[3200, 3200 * 3.5], [3200, 4800]]
    assert row["found"] == [[0.5, 350 / 9999], [0.5, 0.5]]
    assert (row["least"], row["most"]) == (1.5, 3.5)


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
        assert make(0).ask() == pytest.approx(nats, rel=0.1)


CAPTIONS = {
    "de": ["ein Hund sieht einen Hasen, so.", "der Kater ruht auf dem Bett."] * 3,
    "en": ["a dog sees a rabbit, so.", "the cat sleeps on the bed."] * 3,
}


@pytest.fixture
def captions(speed, monkeypatch):
    """Has both sides translate six captions, of two kinds."""
    translation = speed("_translation")
    monkeypatch.setattr(
        translation._captions,
        "read",
        lambda split, *languages: [CAPTIONS[name] for name in languages],
    )
    tiny = {"units": 16, "embedding_dim": 16, "shared_embeddings": True}
    monkeypatch.setattr(translation._captions, "MODEL", tiny)
    ours = dataclasses.replace(translation.OURS, subwords=40, dropout=0.0)
    monkeypatch.setattr(translation, "OURS", ours)
    monkeypatch.setattr(translation, "EPOCHS", 60)
    monkeypatch.setattr(translation, "LEARNING_RATE", 0.05)
    for cached in (translation._captions.tokenizer, translation.words):
        cached.cache_clear()
    yield translation
    for cached in (translation._captions.tokenizer, translation.words):
        cached.cache_clear()


def test_bleu_of_translations_counts_words_of_both_sides_alike(captions):
    right = dict(zip(*CAPTIONS.values(), strict=True))

    def translate(texts, change=str):
        return tf.constant([change(right[text.decode()]) for text in texts.numpy()])

    assert captions.bleu(translate) == pytest.approx(100)
    apart = functools.partial(translate, change=lambda text: text.replace(",", " ,"))
    assert captions.bleu(apart) == pytest.approx(100)
    shouted = functools.partial(translate, change=str.upper)
    assert captions.bleu(shouted) == pytest.approx(100)  # words are lower-cased
    assert captions.bleu(lambda texts: tf.fill(tf.shape(texts), "the dog")) < 5


def test_our_side_learns_six_captions(captions):
    _learns(captions.ours(0))


def test_their_side_learns_six_captions(captions, speed, monkeypatch):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    module = speed("_torch_translator")
    small = functools.partial(module.AttentionTranslator, dim=16, units=32)
    monkeypatch.setattr(module, "AttentionTranslator", small)
    side = captions.theirs(0)
    side.model.network.drop.p = 0.0
    side.model.optimizer.param_groups[0]["lr"] = 3e-2
    _learns(side)


def _learns(side):
    assert side.ask() < 20
    side.model.fit(side.data.repeat(), steps_per_epoch=60, callbacks=[], shuffle=False)
    assert side.ask() > 90  # so that what asks goes on with weights that learn


def test_their_translator_learns_and_ignores_padding(speed):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    torch.manual_seed(0)
    translators = speed("_torch_translator")
    network = translators.AttentionTranslator(9, 9, dim=8, units=16)
    learner = speed("_torch").Learner(network, 3e-2)
    network.drop.p = 0.0
    sources, targets = [[4, 5, 6], [6, 5, 0]], [[7, 8, 3], [8, 3, 0]]
    begun = np.array([[2, 7, 8], [2, 8, 3]])
    inputs = {"source_ids": tf.constant(sources), "target_ids": tf.constant(begun)}
    data = tf.data.Dataset.from_tensors((inputs, tf.constant(targets)))
    learner.fit(data.repeat(), steps_per_epoch=150, callbacks=[])
    answers = network.translate(torch.tensor(sources), start=2, end=3)
    assert answers.tolist() == [[7, 8, 0], [8, 0, 0]]
    padded = torch.nn.functional.pad(torch.tensor(sources), (0, 4))
    assert network.translate(padded, start=2, end=3).equal(answers)


def test_rows_beside_pytorch_are_left_out_with_a_sentence(speed, monkeypatch, capsys):
    pairs = speed("_pairs")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not pairs.has_torch()
    assert capsys.readouterr().out.startswith("PyTorch is not installed")


def test_the_questions_are_listed_where_one_is_unknown():
    command = [sys.executable, "-m", "benchmarks.speed", "none"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 1 and "beam, composing, decoding_step" in said.stderr
