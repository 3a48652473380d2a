"""What does each format cost a trained network, in size, quality and time?

    python benchmarks/formats.py                # those that results/formats.csv lacks
    python benchmarks/formats.py sentiment      # one of them, measured anew

Exports each SavedModel to LiteRT and ONNX, plain and with smaller weights, and asks
both questions of the test split. `quality` is that of `figure`, of the SavedModel and
of the export, on the same questions; `size` that of the networks' files by that of the
SavedModel, which stores most weights as halves. Times are ratios to TensorFlow's in the
same run, in turns, the median of pairs: `answer_time` of one question from raw input
(of sounds, from frames) to answer, `network_time` of its first network alone. The
examples search in Python, one question after another, where a SavedModel does so in its
graph.
"""

import pathlib
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import runs
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps.cli import saved_models
from gru_apps.cli.exporting import command
from gru_apps.cli.exporting.asking import runtime
from gru_apps.cli.exporting.trained import Trained

FOLDER = pathlib.Path(__file__).parents[1] / "saved_models"
RESULTS = pathlib.Path(__file__).parent / "results" / "formats.csv"
PAIRS = 31  # of times, in turns


class Sample(NamedTuple):
    """Questions of a test split, one at a time, and how good answers to them are.

    `ask` is the function of the example, whose inputs `questions` hold by name, each a
    batch of one, and `signature` that of the SavedModel, with inputs called `inputs` or
    alike. `measure` takes all answers, as lists by name.
    """

    figure: str
    signature: str
    ask: str
    questions: list[dict]
    measure: Callable[[dict], float]
    inputs: tuple[str, ...] = ()


def sample_of_sentiment(every=1):
    """Sentences of all kinds that state an opinion."""
    from gru_apps.applications.sentiment import sentences

    some = sentences.read_sentences("test").rated()
    positive = (some.ratings > 0)[::every]
    return Sample(
        "accuracy",
        "serving_default",
        "answer",
        [{"text": [text]} for text in some.texts[::every]],
        lambda said: np.mean((np.array(said["score"]) > 0.5) == positive),
    )


def sample_of_translation(every=7):
    """Chinese sentences."""
    import sacrebleu

    rows = list(tfds.as_numpy(tfds.load("tatoeba_zh_en", split="test")))[::every]
    references = [row["en"].decode() for row in rows]
    return Sample(
        "BLEU",
        "serving_default",
        "answer",
        [{"text": [row["zh"].decode()]} for row in rows],
        lambda said: sacrebleu.corpus_bleu(said["translation"], [references]).score,
    )


def sample_of_speech(every=1):
    """Recordings of a digit, as frames."""
    rows = list(tfds.as_numpy(tfds.load("spoken_digits", split="test")))[::every]
    digits = [row["digit"] for row in rows]
    return Sample(
        "accuracy",
        "features",
        "heard",
        [{"clips": [row["mfcc"]]} for row in rows],
        lambda said: np.mean(np.array(said["digit"]) == digits),
        ("mfcc",),
    )


def sample_of_music(steps=64):
    """The beginnings of chorales."""
    from gru_apps.applications.music import scores

    rows = tfds.as_numpy(tfds.load("bach_chorales", split="test"))
    pieces = [(row["pitches"][:steps], row["starts"][:steps]) for row in rows]
    cells = [scores.cells_from_score(*piece).numpy().tolist() for piece in pieces]
    return Sample(
        "nats per cell",
        "score",
        "answer",
        [{"pitches": [piece]} for piece in cells],
        lambda said: np.mean(said["negative_log_likelihood"]),
    )


def sample_of_language(characters=3000):
    """The beginnings of addresses."""
    rows = tfds.as_numpy(tfds.load("state_of_the_union", split="test"))
    texts = [row["text"].decode()[:characters] for row in rows]
    return Sample(
        "bits per character",
        "score",
        "answer",
        [{"text": [text]} for text in texts],
        lambda said: sum(said["bits"]) / sum(said["characters"]),
    )


def sample_of_recognition(number=100):
    """Numbers of several digits, as frames."""
    import jiwer

    from gru_apps.applications.recognition import connected_digits
    from gru_apps.serving import export

    figures = export.read_manifest(FOLDER / "recognition" / "1")["metrics"]
    voices = connected_digits.voices_of(tfds.load("spoken_digits", split="test"))
    size, seed = figures["test_numbers"], figures["test_seed"]
    numbers = connected_digits.draw_numbers(voices, size, seed=seed)[:number]
    spoken = [" ".join(map(str, each.digits)) for each in numbers]
    return Sample(
        "word error rate",
        "features",
        "heard",
        [{"clips": [each.mfcc]} for each in numbers],
        lambda said: jiwer.wer(spoken, list(said["digits"])),
        ("mfcc",),
    )


def sample_of_traffic(every=24):
    """Histories of a week, and the day that followed."""
    from gru_apps.applications.traffic import series

    split = tfds.load("metro_traffic", split="validation[-168:]+test")
    rows = list(tfds.as_numpy(split))
    columns = {
        name: [row[name].decode() if t is bytes else float(row[name]) for row in rows]
        for name, t in ((n, type(rows[0][n])) for n in series.COLUMNS)
    }
    origins = range(168, len(rows) - 23, every)
    truth = np.array([columns["traffic"][o : o + 24] for o in origins])
    weeks = [{n: [c[o - 168 : o]] for n, c in columns.items()} for o in origins]
    return Sample(
        "mean absolute error",
        "serving_default",
        "answer",
        weeks,
        lambda said: np.nanmean(np.abs(np.array(said["median"]) - truth)),
    )


SAMPLES = {
    "sentiment": sample_of_sentiment,
    "translation": sample_of_translation,
    "speech": sample_of_speech,
    "music": sample_of_music,
    "language": sample_of_language,
    "recognition": sample_of_recognition,
    "traffic": sample_of_traffic,
}


class Asked:
    """A SavedModel and its answers to a sample, with which exports are compared."""

    def __init__(self, name, **size):
        self.name, self.sample = name, SAMPLES[name](**size)
        self.path = saved_models.find(FOLDER, name)
        self.trained = Trained(self.path)
        self.signature = self.trained.loaded.signatures[self.sample.signature]
        self.answers = joined(self.ask(question) for question in self.sample.questions)

    def ask(self, question):
        """Returns what the SavedModel answers, text as `str`, to one question."""
        names = self.sample.inputs or tuple(question)
        specs = self.signature.structured_input_signature[1]
        pairs = zip(names, question.values(), strict=True)
        inputs = {name: tf.constant(v, specs[name].dtype) for name, v in pairs}
        return {k: as_text(v.numpy()) for k, v in self.signature(**inputs).items()}

    def ask_export(self, networks, question):
        """Returns what the example of an export answers."""
        ask = getattr(command.example(self.name), self.sample.ask)
        return ask(networks, **question)


def as_text(array):
    """Makes texts of the bytes that TensorFlow answers."""
    return np.vectorize(bytes.decode)(array) if array.dtype == object else array


def joined(answers):
    """Makes one list of each output, of the answers to one question after another."""
    rows = list(answers)
    return {name: [each for row in rows for each in row[name]] for name in rows[0]}


def time_ratio(theirs, ours):
    """Returns the median of ratios of times, ours by theirs, measured in turns."""
    ratios = []
    for number in range(PAIRS + 2):
        times = []
        for call in (theirs, ours):
            begun = time.perf_counter()
            call(number)
            times.append(time.perf_counter() - begun)
        ratios.append(times[1] / times[0])
    return float(np.median(ratios[2:]))  # the first ones warm up


def measure(asked, format_, quantize):
    """Exports a SavedModel and returns what that costs, a dict of columns."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder, "export")
        command.export(FOLDER, asked.name, format_, out=folder, quantize=quantize)
        networks, questions = runtime.Networks(folder), asked.sample.questions
        suffix = command.FORMATS[format_][0]
        size = sum(path.stat().st_size for path in folder.glob(f"*{suffix}"))
        answers = joined(asked.ask_export(networks, each) for each in questions)
    whole = sum(p.stat().st_size for p in asked.path.rglob("*") if p.is_file())
    recipe = command.recipe(asked.name)
    name, (model, example) = next(iter(recipe.networks(asked.trained).items()))
    in_graph = tf.function(lambda inputs: model(inputs, training=False))
    tensors = {key: tf.constant(value) for key, value in example.items()}
    rounded = asked.sample.measure
    return {
        "kilobytes": round(size / 1000),
        "size": round(size / whole, 2),
        "figure": asked.sample.figure,
        "quality_saved_model": round(float(rounded(asked.answers)), 4),
        "quality": round(float(rounded(answers)), 4),
        "answer_time": round(
            time_ratio(
                lambda n: asked.ask(questions[n % len(questions)]),
                lambda n: asked.ask_export(networks, questions[n % len(questions)]),
            ),
            2,
        ),
        "network_time": round(
            time_ratio(
                lambda n: in_graph(tensors), lambda n: networks(name, **example)
            ),
            2,
        ),
    }


def main(names):
    """Measures those named, or all that are not in the table yet."""
    for name in names or SAMPLES:
        keys = [
            {"model": name, "format": f, "weights": q}
            for f in command.FORMATS
            for q in ("float32", "float16", "int8")
        ]
        done = [row.items() for row in runs.read(RESULTS)]
        if not names and all(any(key.items() <= row for row in done) for key in keys):
            continue
        asked = Asked(name)

        def measured(run, asked=asked):
            weights = None if run["weights"] == "float32" else run["weights"]
            return measure(asked, run["format"], weights)

        if not names:
            runs.complete(RESULTS, keys, measured)
            continue
        new = [key | measured(key) for key in keys]  # the old ones stay until then
        others = [row for row in runs.read(RESULTS) if row["model"] != name]
        runs.write(RESULTS, [*others, *new])
        for row in new:
            print(*row.values(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
