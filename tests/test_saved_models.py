import functools
import itertools
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps.applications import music
from gru_apps.applications.recognition import connected_digits
from gru_apps.applications.traffic import series
from gru_apps.cli import saved_models
from gru_apps.serving import export

FOLDER = pathlib.Path(__file__).parents[1] / "saved_models"
PATHS = saved_models.newest_versions(FOLDER)

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


@functools.cache
def _load(name):
    return tf.saved_model.load(str(PATHS[name]))


def _answer(name, signature="serving_default", **inputs):
    ask = _load(name).signatures[signature]
    dtypes = ask.structured_input_signature[1]
    inputs = {key: tf.constant(v, dtypes[key].dtype) for key, v in inputs.items()}
    return {key: answer.numpy() for key, answer in ask(**inputs).items()}


def _step_by_step(name, mfcc):
    """Yields what `step` answers to each frame of a batch of clips."""
    size = _load(name).signatures["step"].structured_input_signature[1]["state"].shape
    state = np.zeros([len(mfcc), size[1]])
    for frame in mfcc.swapaxes(0, 1):
        answer = _answer(name, "step", mfcc=frame, state=state)
        state = answer.pop("state")
        yield answer


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
    # the best path, which is not quite what the beam of the figure finds
    frames = np.stack([a["digit"] for a in _step_by_step("recognition", mfcc)], 1)
    spoken = [
        " ".join(digit.decode() for digit, _ in itertools.groupby(row) if digit)
        for row in (row[: len(n.mfcc)] for row, n in zip(frames, numbers, strict=True))
    ]
    expected = metrics["test_word_error_rate_streaming"]
    assert jiwer.wer(said, spoken) == pytest.approx(expected, abs=0.003)


CHECKS = {
    "sentiment": _sentiment,
    "speech": _speech,
    "traffic": _traffic,
    "translation": _translation,
    "music": _music,
    "language": _language,
    "recognition": _recognition,
}


# what each must reach: of every pair, the first is not above the second
BOUNDS = {
    "sentiment": lambda m: [
        (0.82, m["test_accuracy"]),
        (m["test_accuracy_baseline_bigrams"], m["test_accuracy"]),
    ],
    "speech": lambda m: [(0.985, m["test_accuracy"])],
    "traffic": lambda m: [
        (
            m["test_mean_absolute_error"],
            0.85 * min(m[f"test_error_baseline_{naive}"] for naive in PERSISTENCE),
        ),
        (m["test_mean_absolute_error"], m["test_error_baseline_boosted_trees"]),
    ],
    "translation": lambda m: [
        (19, m["test_bleu_beam"]),
        (m["baseline_nearest_bleu"] + 7, m["test_bleu_beam"]),
    ],
    "music": lambda m: [
        (m["test_nll_per_cell"], 0.65 * m["baseline_ngram_nll_per_cell"])
    ],
    "language": lambda m: [
        (
            m["test_bits_per_character"],
            0.85 * m["test_bits_per_character_5_gram_of_characters"],
        ),
        (
            m["test_bits_per_character"],
            1.02 * m["test_bits_per_character_transformer"],
        ),
    ],
    "recognition": lambda m: [
        (m["test_word_error_rate"], 0.03),
        (m["test_word_error_rate_streaming"], 0.05),
    ],
}
PERSISTENCE = ("day_before", "week_before", "four_weeks")

TEXTS = ["", " ", "a" * 100_000, b"\xff\xfe so", "ภาษาไทย"]
DRAWING = {"length": 9, "temperature": 1.0, "top_p": 1.0, "seed": 0}
COMPOSING = {"steps": 4, "temperature": 1.0, "seed": 0}
SILENCE = {"speech": {"digit": -1, "probability": 0}}
SILENCE["recognition"] = {"digits": b"", "probability": 1}
BAD_SOUND = [
    ([0.1, np.nan], 8000, "`waveform` must be finite numbers. Received: .*nan"),
    ([0.1, np.inf], 8000, "`waveform` must be finite numbers. Received: .*inf"),
    ([0.1] * 4000, 0, "`sample_rate` must be .*Received: sample_rate=0"),
]


def _music_primer(pitch, steps):
    return np.full([1, steps, 4], pitch)


def test_each_saved_model_that_is_committed_is_held_to_its_figures():
    assert set(PATHS) == set(CHECKS) == set(BOUNDS)


@pytest.mark.corpus
@pytest.mark.parametrize("name", CHECKS)
def test_a_saved_model_reaches_what_its_manifest_says(name, tmp_path):
    metrics = export.read_manifest(PATHS[name])["metrics"]
    CHECKS[name](PATHS[name], metrics, tmp_path)


@pytest.mark.parametrize("name", BOUNDS)
def test_a_manifest_says_that_the_model_is_good_enough(name):
    for less, more in BOUNDS[name](export.read_manifest(PATHS[name])["metrics"]):
        assert less <= more


@pytest.mark.parametrize("text", TEXTS, ids=["empty", "space", "long", "bytes", "thai"])
@pytest.mark.parametrize("name", ["sentiment", "translation", "language"])
def test_any_text_gets_an_answer(name, text):
    asked = {"prompt": [text], **DRAWING} if name == "language" else {"text": [text]}
    answer = _answer(name, **asked)
    assert all(np.isfinite(v).all() for v in answer.values() if v.dtype != object)
    if name == "sentiment":
        assert 0 <= answer["score"][0] <= 1
        assert answer["label"][0] in (b"negative", b"positive")
    elif name == "translation":
        assert len(answer["translation"][0].decode()) < 500
        assert text not in ("", " ") or answer["translation"][0] == b""
    else:
        prompt = text if isinstance(text, bytes) else text.encode()
        prompt, written = prompt.decode(errors="replace"), answer["text"][0].decode()
        assert written.startswith(prompt) and len(written) == len(prompt) + 9


@pytest.mark.parametrize("name", ["speech", "recognition"])
def test_a_clip_without_sound_is_silence_and_any_other_gets_a_probability(name):
    for silence in ([], [0.0], [0.0] * 4000):
        answer = _answer(name, waveform=[silence], sample_rate=8000)
        assert {key: value[0] for key, value in answer.items()} == SILENCE[name]
    answer = _answer(name, waveform=[[0.5]], sample_rate=8000)
    assert 0 < answer["probability"][0] <= 1


@pytest.mark.parametrize("samples, rate, message", BAD_SOUND, ids=["nan", "inf", "0"])
@pytest.mark.parametrize("name", ["speech", "recognition"])
def test_sound_that_cannot_be_is_refused_with_what_was_wrong(
    name, samples, rate, message
):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        _answer(name, waveform=[samples], sample_rate=rate)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"primer": _music_primer(200, 4)}, "Pitches must be .*Received: pitches=200"),
        (
            {"primer": _music_primer(-7, 4)},
            "`primer` must be pitches, 0 or -1. Received: -7",
        ),
        ({"steps": -1}, "`steps` must be 0 to 10000. Received: -1"),
        (
            {"temperature": -1.0},
            "`temperature` must be finite, and at least 0. Received: -1",
        ),
    ],
)
def test_music_that_cannot_be_is_refused_with_what_was_wrong(wrong, message):
    asked = {"primer": _music_primer(0, 0), **COMPOSING, **wrong}
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        _answer("music", **asked)


def test_the_same_seed_gives_the_same_piece_and_another_seed_another():
    asked = {"primer": _music_primer(0, 0), **COMPOSING}
    first, again, other = (
        _answer("music", **asked | {"steps": 16, "seed": seed})["pitches"]
        for seed in (3, 3, 4)
    )
    assert first.shape == (1, 16, 4)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_same_seed_gives_the_same_text_and_another_seed_another():
    asked = {"prompt": ["The state"], **DRAWING, "length": 40}
    first, again, other = (
        _answer("language", **asked | {"seed": seed})["text"] for seed in (3, 3, 4)
    )
    assert first == again != other


@pytest.mark.corpus
def test_step_by_step_speech_ends_at_what_it_says_of_the_whole_clip():
    clips = [row["mfcc"] for row in _test_split("spoken_digits")[:16]]
    longest = max(map(len, clips))
    mfcc = np.stack([np.pad(c, [(0, longest - len(c)), (0, 0)]) for c in clips])
    whole = _answer("speech", "features", mfcc=mfcc)
    steps = list(_step_by_step("speech", mfcc))
    for row, clip in enumerate(clips):
        last = steps[len(clip) - 1]
        assert last["digit"][row] == whole["digit"][row]
        probability = pytest.approx(whole["probability"][row], abs=1e-4)
        assert last["probability"][row] == probability


def test_saved_models_are_small_enough_to_be_committed():
    size = sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file())
    assert size < 25 * 2**20
