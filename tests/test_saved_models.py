import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps import connected_digits, export, music, series

FOLDER = pathlib.Path(__file__).parents[1] / "saved_models"
FOLDERS = sorted(path.parents[0] for path in FOLDER.glob("*/*/saved_model.pb"))

# asks a SavedModel where gru_apps is not to be had
ASK = """
import sys
sys.modules["gru_apps"] = None
import numpy as np
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
ask = model.signatures[sys.argv[3]]
questions = np.load(sys.argv[2])
asked = {}
for key in questions:
    number, _, name = key.partition(" ")
    name = name or list(ask.structured_input_signature[1])[0]
    asked.setdefault(number, {})[name] = tf.constant(questions[key])
answers = [ask(**inputs) for inputs in asked.values()]
# as lists, for texts would be objects, which only pickle stores
wanted = [answer[output] for output in sys.argv[5:] for answer in answers]
np.savez(sys.argv[4], *[answer.numpy().tolist() for answer in wanted])
"""


def _ask(path, questions, signature, outputs, tmp_path):
    """Asks questions, each an array or several by their inputs' names.

    Returns the answers, output by output.
    """
    named = [q if isinstance(q, dict) else {"": q} for q in questions]
    keys = {
        f"{n} {name}": q for n, some in enumerate(named) for name, q in some.items()
    }
    np.savez(tmp_path / "questions.npz", **keys)
    arguments = [path, tmp_path / "questions.npz", signature, tmp_path / "answers.npz"]
    subprocess.run(
        [sys.executable, "-c", ASK, *map(str, arguments), *outputs.split()],
        check=True,
        cwd=tmp_path,
        capture_output=True,
    )
    answers = np.load(tmp_path / "answers.npz")
    return [answers[key] for key in answers]


def _test_split(name):
    return list(tfds.as_numpy(tfds.load(name, split="test")))


def _sentiment(path, metrics, tmp_path):
    rows = _test_split("movie_snippets")
    texts = np.array([row["text"] for row in rows])
    scores = _ask(path, [texts], "serving_default", "score", tmp_path)[0]
    accuracy = np.mean((scores > 0.5) == [row["label"] for row in rows])
    assert accuracy == pytest.approx(metrics["test_accuracy"], abs=0.002)


def _speech(path, metrics, tmp_path):
    rows = _test_split("spoken_digits")
    longest = max(len(row["mfcc"]) for row in rows)
    mfcc = [np.pad(r["mfcc"], [(0, longest - len(r["mfcc"])), (0, 0)]) for r in rows]
    digits = _ask(path, [np.array(mfcc)], "features", "digit", tmp_path)[0]
    accuracy = np.mean(digits == [row["digit"] for row in rows])
    assert accuracy == pytest.approx(metrics["test_accuracy"], abs=0.004)


def _translation(path, metrics, tmp_path):
    import sacrebleu

    rows = sorted(_test_split("tatoeba_zh_en"), key=lambda row: len(row["zh"]))
    parts = np.array_split(np.array([row["zh"] for row in rows]), 40)
    answers = _ask(path, parts, "serving_default", "translation", tmp_path)
    answers = [text.decode() for part in answers for text in part]
    references = [row["en"].decode() for row in rows]
    bleu = sacrebleu.corpus_bleu(answers, [references]).score
    assert bleu == pytest.approx(metrics["test_bleu_beam"], abs=0.5)


def _music(path, metrics, tmp_path):
    rows = _test_split("bach_chorales")
    cells = [music.cells_from_score(r["pitches"], r["starts"]).numpy() for r in rows]
    asked = [piece[None] for piece in cells]
    nll = _ask(path, asked, "score", "negative_log_likelihood", tmp_path)
    nll = np.average(np.concatenate(nll), weights=[len(piece) for piece in cells])
    assert nll == pytest.approx(metrics["test_nll_per_cell"], abs=0.002)


def _traffic(path, metrics, tmp_path):
    split = tfds.load("metro_traffic", split="validation[-168:]+test")
    hours = list(tfds.as_numpy(split))
    columns = {name: np.array([row[name] for row in hours]) for name in series.COLUMNS}
    origins = np.arange(168, len(hours) - 23)
    truth = columns["traffic"][origins[:, None] + np.arange(24)]
    week = [part[:, None] + np.arange(-168, 0) for part in np.array_split(origins, 6)]
    asked = [{name: columns[name][places] for name in columns} for places in week]
    bounds = _ask(path, asked, "serving_default", "lower median upper", tmp_path)
    lower, median, upper = np.split(np.concatenate(bounds), 3)
    error = np.nanmean(np.abs(median - truth))
    assert error == pytest.approx(metrics["test_mean_absolute_error"], rel=0.005)
    inside = ((lower < truth) & (truth < upper))[~np.isnan(truth)]
    expected = metrics["test_coverage_of_90_percent"]
    assert inside.mean() == pytest.approx(expected, abs=0.005)


def _language(path, metrics, tmp_path):
    texts = [row["text"] for row in _test_split("state_of_the_union")]
    asked = [np.array([text]) for text in texts]
    bits = np.concatenate(_ask(path, asked, "score", "bits", tmp_path))
    characters = sum(len(text.decode()) for text in texts)
    figure = bits.sum() / characters
    assert figure == pytest.approx(metrics["test_bits_per_character"], abs=0.002)


def _recognition(path, metrics, tmp_path):
    import jiwer

    voices = connected_digits.voices_of(tfds.load("spoken_digits", split="test"))
    size, seed = metrics["test_numbers"], metrics["test_seed"]
    numbers = connected_digits.draw_numbers(voices, size, seed=seed)
    examples = connected_digits.examples_of(numbers).padded_batch(size)
    mfcc = next(examples.as_numpy_iterator())[0]
    answers = _ask(path, [mfcc], "features", "digits", tmp_path)[0]
    said = [" ".join(map(str, number.digits)) for number in numbers]
    rate = jiwer.wer(said, [answer.decode() for answer in answers])
    assert rate == pytest.approx(metrics["test_word_error_rate"], abs=0.001)


CHECKS = {
    "sentiment": _sentiment,
    "speech": _speech,
    "traffic": _traffic,
    "translation": _translation,
    "music": _music,
    "language": _language,
    "recognition": _recognition,
}


@pytest.mark.corpus
@pytest.mark.parametrize("path", FOLDERS, ids=lambda path: path.parent.name)
def test_a_saved_model_reaches_what_its_manifest_says(path, tmp_path):
    metrics = export.read_manifest(path)["metrics"]
    CHECKS[path.parent.name](path, metrics, tmp_path)


def test_saved_models_are_small_enough_to_be_committed():
    size = sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file())
    assert size < 25 * 2**20
