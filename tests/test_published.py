"""Comparisons with published figures: the files that they keep, and each script."""

import csv
import dataclasses
import importlib
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps.baselines.ngrams import KneserNey

ROOT = pathlib.Path(__file__).parents[1]
RUNS = [{"corpus": "h1", "seed": seed} for seed in (0, 1)]
NAMES = ["adding", "ett", "imdb", "imdb_guessed", "imdb_pairs", "imdb_unlabelled"]
NAMES += ["japanese_vowels", "jsb_chorales"]
NAMES += ["multi30k_de_en", "multi30k_en_de", "nottingham"]
NAMES += ["spoken_arabic_digits", "tiny_shakespeare"]
# how the first column of the table in RESULTS begins, and what is given of each row
IN_RESULTS = {
    "adding": ("adding problem", {"test": ".1e"}),
    "imdb": ("IMDB", {"test": ".3f"}),
    "imdb_guessed": (
        "the same, both, and labels",
        {"test": ".3f", "pairs": ".3f", "gru": ".3f"},
    ),
    "imdb_pairs": ("the same, pairs", {"test": ".3f", "pairs": ".3f", "gru": ".3f"}),
    "imdb_unlabelled": ("the same, a language model", {"test": ".3f"}),
    "japanese_vowels": ("Japanese vowels", {"test": ".3f"}),
    "jsb_chorales": ("JSB Chorales", {"test": ".2f"}),
    "multi30k_de_en": ("Multi30k, German", {"test": ".1f", "greedy": ".1f"}),
    "multi30k_en_de": ("Multi30k, English", {"test": ".1f", "greedy": ".1f"}),
    "nottingham": ("Nottingham", {"test": ".2f"}),
    "spoken_arabic_digits": ("spoken Arabic digits", {"test": ".3f"}),
    "tiny_shakespeare": (
        "tiny Shakespeare",
        {"test": ".3f", "counts": ".3f", "mixed": ".3f"},
    ),
}


@pytest.fixture(scope="module")
def benchmark():
    """Imports a module of the benchmarks, which are no part of the package."""
    sys.path.insert(0, str(ROOT))
    yield lambda name: importlib.import_module(f"benchmarks.{name}")
    sys.path.remove(str(ROOT))


def test_a_comparison_that_was_killed_goes_on_with_the_runs_it_lacks(
    benchmark, tmp_path
):
    complete = benchmark("runs").complete
    path, trained = tmp_path / "results" / "some.csv", []

    def train(run):
        if len(trained) == 1 and not path.with_name("again").exists():
            raise KeyboardInterrupt
        trained.append(run["seed"])
        return {"mse": f"{run['seed']:.1f}"}

    with pytest.raises(KeyboardInterrupt):
        complete(path, RUNS, train)
    path.with_name("again").touch()
    complete(path, RUNS, train)
    complete(path, RUNS, train)
    assert trained == [0, 1]
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"corpus": "h1", "seed": "0", "mse": "0.0"},
        {"corpus": "h1", "seed": "1", "mse": "1.0"},
    ]


def test_rows_keep_all_columns_and_a_kill_leaves_the_old_file(
    benchmark, tmp_path, monkeypatch
):
    runs, path = benchmark("runs"), tmp_path / "some.csv"
    old = [{"seed": "0", "older": "1"}, {"seed": "1", "newer": "2"}]
    runs.write(path, old)
    kept = runs.read(path)
    assert [{k: v for k, v in row.items() if v} for row in kept] == old

    def killed(*files):
        raise KeyboardInterrupt

    monkeypatch.setattr(runs.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        runs.write(path, kept[:1])
    assert runs.read(path) == kept and [*tmp_path.iterdir()] == [path]


def test_rows_of_two_processes_are_both_kept(benchmark, tmp_path):
    runs, path = benchmark("runs"), tmp_path / "some.csv"

    def measure(run):
        runs.write(path, [*runs.read(path), {"seed": "7", "mse": "1"}])
        return {"mse": 2}

    runs.complete(path, [{"seed": 0}], measure)
    assert [row["seed"] for row in runs.read(path)] == ["7", "0"]


def test_rows_with_options_go_beside_those_that_figures_are_drawn_from(
    benchmark, monkeypatch
):
    path = benchmark("runs").rows_path
    monkeypatch.setattr(sys, "argv", ["cells.py"])
    assert path("cells.csv").as_posix() == "benchmarks/results/cells.csv"
    monkeypatch.setattr(sys, "argv", ["cells.py", "--steps", "50"])
    assert path("cells.csv").as_posix() == "build/benchmarks/cells.csv"


def test_the_comparisons_are_listed_where_none_is_named():
    command = [sys.executable, "-m", "benchmarks.published"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 1 and f"There are: {', '.join(NAMES)}" in said.stderr


@pytest.fixture
def kept(benchmark):
    """Reads the rows of a comparison."""
    folder = ROOT / "benchmarks" / "published" / "results"
    return lambda name: benchmark("runs").read(folder / f"{name}.csv")


def line_of(beginning):
    text = (ROOT / "RESULTS.md").read_text("utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {beginning}")]
    return line


def written(value, form):
    return f"{value:{form}}".replace("e-0", "e-")


@pytest.mark.parametrize("name", IN_RESULTS)
def test_the_table_of_results_holds_the_means_of_the_rows(kept, name):
    beginning, forms = IN_RESULTS[name]
    ours = line_of(beginning).split(" | ")[1]
    for column, form in forms.items():
        mean = np.mean([float(row[column]) for row in kept(name)])
        assert re.search(rf"\b{written(mean, form)}\b", ours), (column, mean, ours)


def test_each_comparison_has_its_row_in_the_table_of_results():
    assert {*IN_RESULTS, "ett"} == {*NAMES}


@pytest.mark.parametrize("horizon", ["96", "336"])
@pytest.mark.parametrize("corpus", ["h1", "h2"])
def test_the_table_of_results_holds_the_means_of_forecasts(kept, corpus, horizon):
    cells = line_of(f"ETT{corpus}, {horizon} hours").split(" | ")
    for model, cell in zip(["GRU", "linear"], cells[1:], strict=True):
        rows = [
            row
            for row in kept("ett")
            if (row["corpus"], row["horizon"], row["model"]) == (corpus, horizon, model)
        ]
        means = [np.mean([float(row[name]) for row in rows]) for name in ("mse", "mae")]
        assert "{:.3f} / {:.3f}".format(*means) in cell


@pytest.mark.parametrize(
    ("figure", "beginning"),
    [
        ("clean", "300 clean numbers |"),
        ("changed", "the same as whispers"),
        ("validation_changed", "whispers of 300"),
    ],
)
def test_the_table_of_results_holds_the_means_of_recognizers(
    benchmark, figure, beginning
):
    path = ROOT / "benchmarks" / "results" / "recognizers.csv"
    rows = benchmark("runs").read(path)
    cells = line_of(beginning).strip(" |").split(" | ")[1:]
    for model, cell in zip(dict.fromkeys(r["model"] for r in rows), cells, strict=True):
        found = [float(row[figure]) for row in rows if row["model"] == model]
        expected = f"{np.mean(found):.4f} ({min(found):.4f} to {max(found):.4f})"
        assert (len(found), cell) == (5, expected)


def test_scripts_are_shorter_than_80_lines():
    folder = ROOT / "benchmarks" / "published"
    for name in NAMES:
        assert len((folder / f"{name}.py").read_text("utf-8").splitlines()) < 80


def test_the_test_split_is_asked_once_a_seed_and_only_where_it_is_told(
    benchmark, tmp_path, monkeypatch, capsys
):
    comparison, asked = benchmark("published._comparison"), []
    monkeypatch.setattr(comparison, "RESULTS", tmp_path)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])

    def train(seed, directory):
        return comparison.Trained(model, 1.0, 0.25, [0.5, 0.25])

    def score(model):
        asked.append(len(asked))
        return 3.0 + len(asked)

    def compare(**options):
        comparison.compare(
            *("some", train, score),
            **{"figure": "nats", "published": {"worse": 9, "better": 1}} | options,
        )
        return capsys.readouterr().out.splitlines()

    compare(seeds=[0])
    assert asked == [] and not list(tmp_path.iterdir())
    compare(seeds=[0], evaluate=True)
    for best, order in [(min, ["better", "ours", "worse"]), (max, "worse ours better")]:
        lines = compare(seeds=[0, 1], evaluate=True, best=best)[-3:]
        order = order.split() if isinstance(order, str) else order
        assert [line.split()[1].strip(",") for line in lines] == order
    assert "4.5  ours, 2 parameters, mean of 2 seeds, deviation 0.71" in lines[1]
    assert asked == [0, 1]
    with (tmp_path / "some.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["parameters"], row["validation"], row["test"]) == ("2", "0.25", "4")
    assert row["curve"] == "0.5 0.25" and "Keras" in row["versions"]


def test_a_frame_is_the_keys_that_sound_and_as_many_signs_for_none(benchmark):
    rolls = benchmark("published._piano_rolls")
    keys = np.zeros((2, 88), "uint8")
    keys[0, [5, 0, 87]] = 1
    assert rolls.tokens_from(keys, 4).tolist() == [2, 7, 89, 1, 1, 1, 1, 1]
    with pytest.raises(ValueError, match="more than 2 keys"):
        rolls.tokens_from(keys, 2)


def _corpus(monkeypatch, module, examples):
    """Has a script load `examples(split)` in the place of a corpus."""
    monkeypatch.setattr(module.tfds, "load", lambda name, split: examples(split))
    monkeypatch.setattr(module.tfds, "as_numpy", lambda rows: rows)


def _pieces(split):
    rng = np.random.default_rng(len(split))
    for length in (5, 3):
        keys = np.zeros((length, 88), "uint8")
        keys[np.arange(length), rng.integers(0, 88, length)] = 1
        yield {"keys": keys}


def test_the_first_frame_is_heard_and_not_predicted(benchmark, monkeypatch):
    rolls = benchmark("published._piano_rolls")
    _corpus(monkeypatch, rolls, _pieces)
    first, second = rolls.batches("any", "test", 2, 1)
    for (inputs, targets), frames in [(first, 5), (second, 3)]:
        ids = inputs["token_ids"].numpy()[0]
        targets = targets.numpy()[0]
        assert len(ids) == len(targets) == 2 * frames
        assert not targets[:2].any() and targets[2:].all()
        assert ids[0] == rolls.NONE and ids[1] >= rolls.FIRST_KEY
        np.testing.assert_array_equal(ids[3:], targets[2:-1])
        clock = np.repeat(range(frames), 2)
        np.testing.assert_array_equal(inputs["context_ids"][0], np.c_[clock, clock])
    passages = list(rolls.batches("any", "test", 2, 4, 2))
    # the frames of the longer piece and the shorter, two and two
    assert sum(len(targets) for _, targets in passages) == 5
    predicted = sum(np.count_nonzero(targets) for _, targets in passages)
    assert predicted == 2 * (4 + 2)


def _clips(dim, label, most):
    def examples(split):
        for number in range(20):
            clip = np.random.default_rng(number).normal(size=(3 + number % 4, dim))
            features = {9: "cepstra", 10: "mfcc"}[most]
            yield {features: clip.astype("float32"), label: number % most} | {
                "number": number
            }

    return examples


def _texts(split):
    numbers = {"train": 40, "train[:90%]": 36, "train[90%:]": 4}.get(split, 10)
    return [
        {
            "text": f"a {'good' if n % 2 else 'bad'} film <br /> {split}".encode(),
            "label": n % 2,
        }
        for n in range(numbers)
    ]


def _captions(split):
    for number, animal in enumerate(["dog", "cat", "cow"] * 2):
        german = {"dog": "Hund", "cat": "Kater", "cow": "Stier"}[animal]
        sees = f"A {animal} sees {number}.", f"Ein {german} sieht {number}."
        yield {
            name: text.encode() for name, text in zip(("en", "de"), sees, strict=True)
        }


def _plays(split):
    return [{"text": {"train": b"abc " * 99}.get(split, b"cab b" * 9)}]


SMALL = {"units": 4}
CHORDS = {"model": SMALL | {"embedding_dim": 4}, "batch_size": 2, "epochs": 1}
FRAMES = {"model": SMALL | {"num_layers": 1}, "batch_size": 4, "epochs": 2}
TINY = {
    "jsb_chorales": ({"RECIPE": CHORDS}, _pieces),
    "nottingham": ({"RECIPE": CHORDS | {"length": 2}}, _pieces),
    "japanese_vowels": ({"RECIPE": FRAMES}, _clips(12, "speaker", 9)),
    "spoken_arabic_digits": ({"RECIPE": FRAMES}, _clips(13, "digit", 10)),
    "imdb": ({"MODEL": SMALL, "RECIPE": {"epochs": 1}, "WORDS": 9}, _texts),
    "imdb_guessed": ({"WORDS": 9, "RECIPES": [{"epochs": 1}] * 2}, _texts),
    "imdb_pairs": (
        {"WORDS": 9, "RECIPE": {"epochs": 1}, "PAIRS": {"num_pairs": 16}},
        _texts,
    ),
    "imdb_unlabelled": (
        {"MODEL": SMALL | {"embedding_dim": 4}, "RECIPE": {"epochs": 1}, "WORDS": 9}
        | {"LANGUAGE": {"epochs": 1}, "WINDOW": 4, "BATCH": 4},
        _texts,
    ),
    "tiny_shakespeare": (
        {"MODEL": SMALL, "RECIPE": {"epochs": 1}, "WINDOW": 8, "HELD_OUT": (0.5, 0.8)},
        _plays,
    ),
    "multi30k_de_en": ({}, _captions),
    "multi30k_en_de": ({}, _captions),
    "adding": ({"SETTINGS": {"length": 5, "units": 4, "batch_size": 2, "steps": 1}}, 0),
}
LIMITS = {  # of what a figure may be
    **dict.fromkeys(["japanese_vowels", "spoken_arabic_digits"], (0, 1)),
    **dict.fromkeys([name for name in NAMES if name.startswith("imdb")], (0, 1)),
    **{"jsb_chorales": (10, 30), "nottingham": (20, 60)},
    **{"tiny_shakespeare": (0.5, 2), "adding": (1e-3, 5)},
    **dict.fromkeys(["multi30k_de_en", "multi30k_en_de"], (0, 100)),
}


@pytest.mark.parametrize("name", TINY)
def test_each_script_trains_asks_and_keeps_its_row(
    benchmark, name, tmp_path, monkeypatch, capsys
):
    settings, examples = TINY[name]
    script = benchmark(f"published.{name}")
    if name == "adding":
        settings["SETTINGS"] |= {"learning_rate": 1e-3, "progress": False}
    for key, value in settings.items():
        monkeypatch.setattr(script, key, value)
    for module in (
        "_piano_rolls",
        "_clips",
        "_captions",
        "_reviews",
        "tiny_shakespeare",
    ):
        if examples:
            _corpus(monkeypatch, benchmark(f"published.{module}"), examples)
    if name == "tiny_shakespeare":
        monkeypatch.setattr(script, "ROW", 16)
    reviews = benchmark("published._reviews")
    reviews.tokenizer.cache_clear()
    reviews.rows.cache_clear()
    if name == "imdb_pairs":
        monkeypatch.setattr(script.imdb, "MODEL", SMALL)
        monkeypatch.setattr(script.imdb, "RECIPE", {"epochs": 1})
    if name == "imdb_guessed":
        for part in ("imdb_pairs", "imdb_unlabelled"):
            for key, value in TINY[part][0].items():
                monkeypatch.setattr(getattr(script, part), key, value)
    captions = benchmark("published._captions")
    captions.tokenizer.cache_clear()
    tiny = {"embedding_dim": 4, "shared_embeddings": True}
    monkeypatch.setattr(captions, "MODEL", SMALL | tiny)
    if name.startswith("multi30k"):
        drawn = {"rate": 0.5} if name == "multi30k_en_de" else {}
        ours = dataclasses.replace(script.OURS, subwords=60, epochs=1, **drawn)
        monkeypatch.setattr(script, "OURS", ours)
    monkeypatch.chdir(tmp_path)
    script.main(seeds=[0], evaluate=True)
    with (tmp_path / f"benchmarks/published/results/{name}.csv").open() as file:
        (row,) = csv.DictReader(file)
    low, high = LIMITS[name]
    assert low <= float(row["test"]) <= high
    assert low <= float(row["validation"]) <= high
    assert row["curve"] and int(row["parameters"]) > 10
    assert "ours" in capsys.readouterr().out


def test_who_speaks_is_validated_on_recordings_that_were_not_learned_from(
    benchmark, monkeypatch
):
    script, clips = (
        benchmark("published.japanese_vowels"),
        benchmark("published._clips"),
    )
    _corpus(monkeypatch, clips, _clips(12, "speaker", 9))
    seen = []

    def train(data, validation, *rest, **recipe):
        seen.append(
            [{clip.tobytes() for clip in part[0]} for part in (data, validation)]
        )
        return benchmark("published._comparison").Trained(len(seen), 1.0, 0.5, [0.5])

    monkeypatch.setattr(clips, "train", train)
    assert script.train(3, pathlib.Path()).model == 2
    (learned, held_out), (everything, _) = seen
    assert not learned & held_out and len(held_out) == 4
    assert learned | held_out == everything


def test_the_adding_problem_has_70_000_parameters_at_most(benchmark):
    script, problem = benchmark("published.adding"), benchmark("adding_problem")
    options = script.argparse.Namespace(seed=0, **script.SETTINGS)
    assert problem.build("GRU", "long", options).count_params() < 70_000
    options.length = 4
    sets = [problem.fixed_set(options, number) for number in (2, 3)]
    options.seed = script.UNSEEN
    sets.append(problem.fixed_set(options, 3))
    sums = {float(tf.reduce_sum(next(iter(some))[1])) for some in sets}
    assert len(sums) == 3


def test_reviews_keep_their_first_and_their_last_words(benchmark, monkeypatch):
    script = benchmark("published._reviews")
    script.rows.cache_clear()
    rows = tf.ragged.constant(ROWS)
    monkeypatch.setattr(script, "tokenizer", lambda words: lambda texts: rows)
    monkeypatch.setattr(script, "read", lambda split: (["a", "b"], np.array([0, 1])))
    monkeypatch.setattr(script, "FIRST", 2)
    monkeypatch.setattr(script, "LAST", 3)
    ((ids, _),) = script.batches("test", 9)
    assert ids.numpy().tolist() == [[1, 2, 7, 8, 9], [4, 5, 6, 0, 0]]


ROWS = [[1, 2, 3, 4, 5, 6, 7, 8, 9], [4, 5, 6]]


def test_a_language_model_reads_reviews_one_after_the_other(benchmark, monkeypatch):
    script = benchmark("published.imdb_unlabelled")
    rows = dict(zip("ab", ROWS, strict=True))
    monkeypatch.setattr(script._reviews, "rows", lambda split, _: ([rows[split]], None))
    monkeypatch.setattr(script, "WINDOW", 6)
    ((inputs, follows),) = script.passages("a", "b")
    end = script.END
    passages = [[end, 1, 2, 3, 4, 5], [6, 7, 8, 9, end, 4]]
    assert inputs["token_ids"].numpy().tolist() == passages
    assert follows.numpy().tolist() == [[1, 2, 3, 4, 5, 6], [7, 8, 9, end, 4, 5]]


def test_a_classifier_begins_with_what_a_language_model_has_learnt(
    benchmark, monkeypatch
):
    script = benchmark("published.imdb_unlabelled")
    _corpus(monkeypatch, script._reviews, _texts)
    script._reviews.tokenizer.cache_clear()
    script._reviews.rows.cache_clear()
    small = {"MODEL": SMALL | {"embedding_dim": 4}, "WORDS": 9}
    for name, value in small.items():
        monkeypatch.setattr(script, name, value)
    size = len(script._reviews.tokenizer(9).vocabulary)
    language = script.language_model(size)
    monkeypatch.setattr(script, "learn_language", lambda *_: (language, 7.0))
    begun = []

    def learn(model, data, seed, directory, recipe):
        begun.append(model)
        return benchmark("published._comparison").Trained(model, 1.0, 0.5, [0.5])

    monkeypatch.setattr(script._reviews, "learn", learn)
    assert script.train(0, pathlib.Path()).seconds == 8
    for name in ("embedding", "gru_1"):
        pairs = zip(
            language.get_layer(name).get_weights(),
            begun[0].get_layer(name).get_weights(),
            strict=True,
        )
        assert all((one == other).all() for one, other in pairs)


def test_reviews_without_a_label_are_learnt_with_what_both_classifiers_guess(
    benchmark, monkeypatch
):
    script = benchmark("published.imdb_guessed")
    rows = {
        script.LEARNT: ([np.array([5])], np.array([[0.0, 1.0]])),
        script.UNLABELLED: ([np.array([6, 7])] * 2, np.zeros([2, 2])),
    }
    monkeypatch.setattr(script._reviews, "rows", lambda split, words: rows[split])
    monkeypatch.setattr(
        script.imdb_unlabelled, "learn_language", lambda *_: ("language", 7.0)
    )
    seen = []

    class Both:
        def predict(self, data, **options):
            number = sum(len(targets) for _, targets in data)
            return np.full([number, 2], [0.3, 0.7])

    def learn(language, reviews, targets, *rest):
        seen.append((language, [*map(len, reviews)], targets.tolist()))
        return benchmark("published._comparison").Trained(Both(), 2.0, 0.5, [0.5])

    monkeypatch.setattr(script, "learn", learn)
    assert script.train(0, pathlib.Path()).seconds == 7 + 2 + 2
    assert seen == [
        ("language", [1], [[0, 1]]),
        ("language", [1, 2, 2], [[0, 1], [0.3, 0.7], [0.3, 0.7]]),
    ]
    assert len(rows[script.LEARNT][0]) == 1  # which are kept for who asks again


def test_the_held_out_tenth_is_both_of_the_last_splits(benchmark, monkeypatch):
    script = benchmark("published.tiny_shakespeare")
    _corpus(monkeypatch, script, _plays)
    train, tenth, size = script.read()
    assert (len(train), len(tenth), size) == (99 * 4, 2 * 45, 5)
    ((inputs, follows), *_) = script.windows(train, 8, 3)
    np.testing.assert_array_equal(inputs["token_ids"][:, 1:], follows[:, :-1])
    assert follows[0, -1] == inputs["token_ids"][1, 0]


def test_windows_move_from_epoch_to_epoch(benchmark):
    texts = benchmark("published._texts")

    def epochs():
        keras.utils.set_random_seed(0)
        data = texts.moving_windows(np.arange(100), 8, 3, seed=0)
        assert data.element_spec[1].shape[1] == 8
        assert len(data) == 4
        return [[(x["token_ids"].numpy(), y.numpy()) for x, y in data] for _ in "12"]

    first, second = epochs()
    begins = []
    for epoch in (first, second):
        for inputs, follows in epoch:
            np.testing.assert_array_equal(inputs[:, 1:], follows[:, :-1])
            np.testing.assert_array_equal(np.diff(inputs), 1)
            assert len({*(inputs[:, 0] % 8)}) == 1
        begins.append(np.sort(np.concatenate([inputs[:, 0] for inputs, _ in epoch])))
    assert np.all(np.diff(begins) < 16)  # little is left out
    assert begins[0].tolist() != begins[1].tolist()
    again = epochs()
    for one, other in zip([*first, *second], [*again[0], *again[1]], strict=True):
        np.testing.assert_array_equal(one[1], other[1])


def test_a_model_counts_and_both_are_asked_for_the_same_characters(benchmark):
    script = benchmark("published._texts")
    token_ids = keras.Input((None,), dtype="int32", name="token_ids")
    logits = keras.layers.Embedding(4, 4, embeddings_initializer="zeros")(token_ids)
    model = keras.Model({"token_ids": token_ids}, logits)
    text, held_out = np.tile([1, 2, 3], 50), np.tile([1, 2, 3], 9)
    found = script.nats(model, text, held_out, length=9, order=2)
    counted = KneserNey([text], order=2, vocabulary_size=4)
    length = (len(held_out) - 1) // 3  # of the three rows, whose first is given
    rows = held_out[: 3 * length + 1]
    rows = [rows[at : at + length + 1] for at in range(0, 3 * length, length)]
    q = np.concatenate([p[1:] for p in counted.probabilities(rows)])
    assert q.min() > 0.9
    expected = {"test": np.log(4), "counts": -np.log(q).mean()}
    expected["mixed"] = -np.log((q + 0.25) / 2).mean()
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_recipe_is_tried_without_a_play_that_is_learnt_in_the_end(
    benchmark, monkeypatch
):
    script = benchmark("published.tiny_shakespeare")
    monkeypatch.setattr(script, "read", lambda: (np.arange(100), None, 101))
    monkeypatch.setattr(script, "HELD_OUT", (0.5, 0.8))
    learnt = []

    def learn(ids, held_out, seed, directory):
        learnt.append((ids.tolist(), held_out.tolist(), directory.name))
        history = {"val_loss": [len(learnt)]}
        return len(learnt), type("Log", (dict,), {"seconds": 1.0})(history)

    monkeypatch.setattr(script, "learn", learn)
    trained = script.train(0, pathlib.Path())
    play = list(range(50, 80))
    rest = [*range(50), *range(80, 100)]
    assert learnt == [(rest, play, "without"), ([*range(100)], play, "all")]
    assert (trained.model, trained.validation) == (2, 1)


def test_reviews_of_the_test_are_not_learnt_from(benchmark, monkeypatch):
    script = benchmark("published._reviews")
    known = {"train[:90%]": [b"good", b"bad<br />"], "test": [b"bad<br />", b"so"]}

    def load(split):
        return [{"text": text, "label": text == b"good"} for text in known[split]]

    _corpus(monkeypatch, script, load)
    assert list(script.read("train[:90%]")[0]) == ["good"]
    assert list(script.read("test")[0]) == ["bad ", "so"]
