"""Trained networks in other formats: asked without TensorFlow, they answer alike."""

import csv
import functools
import importlib
import itertools
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from asking import FOLDER, answer, load

from gru_apps.cli.exporting import command
from gru_apps.cli.exporting.asking import runtime
from gru_apps.encoding import sound_files

ROOT = pathlib.Path(__file__).parents[2]
PAIRS = [*itertools.product(command.names(), command.FORMATS)]
# all of the test split
WHOLE = {
    "translation": {"every": 1},
    "music": {"steps": None},
    "language": {"characters": None},
    "recognition": {"number": None},
    "traffic": {"every": 1},
}
SHARED = ["ask.py", "encoding.json", "histories.py", "hours.py", "networks.json"]
SHARED += ["runtime.py"]
# asks a folder where neither TensorFlow nor gru_apps is to be had
ASK = """
import json, sys
for name in ("tensorflow", "keras", "gru_apps"):
    sys.modules[name] = None
sys.path.insert(0, sys.argv[1])
import ask, numpy, runtime
said = ask.answer(runtime.Networks(sys.argv[1]), **json.load(sys.stdin))
print(json.dumps({name: numpy.asarray(said[name]).tolist() for name in said}))
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Exports a model once, and returns the folder."""

    @functools.cache
    def exported(name, to, quantize=None):
        out = tmp_path_factory.mktemp(name) / to
        return command.export(FOLDER, name, to, out=out, quantize=quantize)

    return exported


@pytest.fixture(scope="module")
def started(exported):
    """Starts the networks of an export once, and returns them."""

    @functools.cache
    def started(name, to="onnx"):
        return runtime.Networks(exported(name, to))

    return started


@pytest.fixture(scope="module")
def formats():
    """The script that measures what formats cost."""
    sys.path.insert(0, str(ROOT / "benchmarks"))
    yield importlib.import_module("formats")
    sys.path.remove(str(ROOT / "benchmarks"))


def assert_alike(said, expected, atol=1e-4):
    assert said and set(said) <= set(expected)
    for name, found in said.items():
        found, wanted = np.asarray(found), np.asarray(expected[name])
        if wanted.dtype.kind in "OU":
            wanted = [w.decode() if isinstance(w, bytes) else w for w in wanted.flat]
            assert found.ravel().tolist() == wanted, name
        else:
            np.testing.assert_allclose(found, wanted, 1e-3, atol, err_msg=name)


@pytest.mark.parametrize(("name", "to"), PAIRS)
def test_without_tensorflow_an_export_answers_as_the_saved_model(
    exported, name, to, tmp_path
):
    known = command.recipe(name)
    asked = {"input": json.dumps(known.QUESTION), "cwd": tmp_path, "text": True}
    line = [sys.executable, "-c", ASK, str(exported(name, to))]
    done = subprocess.run(line, capture_output=True, check=True, **asked)
    expected = answer(name, known.SIGNATURE, **known.QUESTION)
    assert_alike(json.loads(done.stdout), expected)


def _arguments(name, folder):
    """What the example is asked on the command line, and what it then says."""
    if name in ("sentiment", "translation", "language"):
        text = {"sentiment": "Not bad at all.", "translation": "我有25本书。"}
        said = {"sentiment": "positive", "translation": "25 books"}
        return [text.get(name, "My citizens,")], said.get(name, "bits per character")
    if name == "traffic":
        question = command.recipe(name).QUESTION
        rows = zip(*(column[0] for column in question.values()), strict=True)
        with (folder / "history.csv").open("w", newline="") as file:
            csv.writer(file).writerows([question, *rows])
        return [folder / "history.csv"], "2018-07-07 23:00:00"
    if name == "music":
        return [2], r"^(\d+ \d+ \d+ \d+\n){2}$"
    sound_files.write_wav(folder / "silence.wav", np.zeros(4000), 8000)
    return [folder / "silence.wav"], "probability 1.0"


@pytest.mark.parametrize("name", command.names())
def test_the_example_is_asked_on_the_command_line(exported, name, tmp_path):
    arguments, expected = _arguments(name, tmp_path)
    line = [sys.executable, exported(name, "onnx") / "ask.py", *arguments]
    said = subprocess.run(
        list(map(str, line)), capture_output=True, check=True, text=True, cwd=tmp_path
    )
    assert re.search(expected, said.stdout)


@pytest.mark.parametrize("name", ["sentiment", "speech", "recognition"])
def test_each_of_several_questions_has_an_answer_of_its_own(exported, name, tmp_path):
    (asked,), expected = _arguments(name, tmp_path)
    line = [sys.executable, str(exported(name, "onnx") / "ask.py"), *[str(asked)] * 2]
    said = subprocess.run(
        line, capture_output=True, check=True, text=True, cwd=tmp_path
    ).stdout.splitlines()
    half = len(said) // 2
    assert said[:half] == said[half:] and said[0] == str(asked)
    assert expected in "\n".join(said[1:half])


def test_a_recording_of_more_than_half_a_minute_is_refused():
    asked = type("Networks", (), {"encoding": {"most_mfcc": 100_000}})
    with pytest.raises(ValueError, match="half a minute, at most. Received: 1201"):
        command.example("recognition").heard(asked, [np.ones((1201, 13), "float32")])


def test_a_runtime_that_is_not_installed_is_named(exported, tmp_path):
    folder = str(exported("sentiment", "onnx"))
    code = (
        "import runpy, sys; sys.modules['onnxruntime'] = None;"
        f"sys.path.insert(0, {folder!r}); sys.argv = ['ask.py', 'good'];"
        f"runpy.run_path({folder!r} + '/ask.py', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "onnxruntime is not installed: python -m pip install" in done.stderr


def test_an_export_keeps_files_of_another_origin(exported, tmp_path, monkeypatch):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, name in [(old, "mine.py"), (new, "mine.py"), (new, "theirs.py")]:
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(folder.name)
    with pytest.raises(ValueError, match=r"mine\.py must not be there"):
        command._replace(new, old, ["theirs.py"])
    assert (old / "mine.py").read_text() == "old"
    assert not (old / "theirs.py").exists()
    command._replace(new, old, ["mine.py"])
    assert (old / "mine.py").read_text() == "new" and (old / "theirs.py").exists()


def _refusals(name, folder):
    """What an example must refuse, lists of arguments."""
    (folder / "empty").touch()
    (folder / "mine.flac").write_bytes(b"fLaC" + bytes(99))
    (folder / "latin").write_bytes(b"timestamp,traffic\n\xe9,1\n")
    # a WAV of floats, and one of mu-law
    for kind in (3, 7):
        header = struct.pack("<4sIHHIIHH", b"fmt ", 16, kind, 1, 8000, 8000, 1, 8)
        sound = b"WAVE" + header + struct.pack("<4sI", b"data", 8) + bytes(8)
        (folder / f"{kind}.wav").write_bytes(b"RIFF" + struct.pack("<I", 44) + sound)
    files = ["nowhere", "empty", ".", "latin", "mine.flac", "3.wav", "7.wav"]
    if name == "music":
        return [["abc"], ["2.5"], ["0"], ["-3"], ["9" * 9999], [b"\xff"], ["2", "3"]]
    if name in ("speech", "recognition", "traffic"):
        return [[], *([file] for file in files)]
    return [[], [b"\xff\xfe so"]]


@pytest.mark.parametrize("name", command.names())
def test_on_the_command_line_it_refuses_in_a_sentence(exported, name, tmp_path):
    folder = exported(name, "onnx")
    for arguments in _refusals(name, tmp_path):
        line = [sys.executable, str(folder / "ask.py"), *arguments]
        done = subprocess.run(line, capture_output=True, cwd=tmp_path)
        said = done.stderr.decode()
        assert (done.returncode, done.stdout) == (2, b""), (arguments, said)
        assert re.fullmatch("ask.py: error: .+\n", said), arguments


def _spoiled(history, **values):
    """A history whose last hour has other values."""
    return {k: [[*v[0][:-1], values.get(k, v[0][-1])]] for k, v in history.items()}


@pytest.mark.parametrize(
    "values",
    [
        {"temperature": 2.0},
        {"traffic": -1.0},
        {"clouds": 101.0},
        {"weather": "x"},
        {"timestamp": "2018-07-06 22:00:00"},
        {"timestamp": "2018-07-06 23:30:00"},
        {"timestamp": "2018-02-30 23:00:00"},
        {"timestamp": "yesterday"},
        None,
    ],
    ids=str,
)
def test_it_refuses_the_histories_that_the_saved_model_refuses(started, values):
    history = command.recipe("traffic").QUESTION
    asked = {k: [v[0][:1]] for k, v in history.items()}  # a row
    if values:
        asked = _spoiled(history, **values)
    with pytest.raises(tf.errors.InvalidArgumentError) as wanted:
        answer("traffic", **asked)
    networks = started("traffic")
    with pytest.raises(ValueError, match="Received: ") as said:
        command.example("traffic").answer(networks, **asked)
    wanted = str(wanted.value).replace('\\"', '"')
    assert str(said.value) in wanted


def test_it_refuses_a_history_of_which_too_little_is_known(started):
    asked = dict(command.recipe("traffic").QUESTION)
    asked["traffic"] = [[float("nan")] * 85 + [1.0] * 83]
    networks = started("traffic")
    with pytest.raises(ValueError, match=r"half of the last 168 hours. .* \[83\]"):
        command.example("traffic").answer(networks, **asked)


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_year_without_one_beside_it_is_refused(started, year):
    history = dict(command.recipe("traffic").QUESTION)
    history["timestamp"] = [[year + stamp[4:] for stamp in history["timestamp"][0]]]
    with pytest.raises(ValueError, match=rf'years 2 to 9998. Received: \["{year}'):
        command.example("traffic").answer(started("traffic"), **history)


REFUSED = {
    "speech": [
        {"waveform": [[0.1, float("nan"), 0.2] * 500]},
        {"waveform": [[0.1, 1e300]]},
        {"waveform": [[[0.1, 0.2]] * 500]},
        {"waveform": [[0.1] * 500], "sample_rate": 100},
        {"waveform": [[0.1] * 4_800_001]},
    ],
    "recognition": [{"waveform": [[0.1, float("-inf")] * 500]}],
    "music": [
        {"pitches": [[[88, 67, 64, 48]] * 2]},
        {"pitches": [[[29, 67, 64, 48]] * 2]},
        {"pitches": [[[67, 64, 60, -3]] * 2]},
        {"pitches": [[[67, 64, 60, 200]] * 2]},
        {"pitches": [[[67, 64, 60]] * 2]},
        {"pitches": [[[67, 64, 60, 48, 48]] * 2]},
        {"pitches": [[[67, 64, 60, float("nan")]] * 2]},
    ],
    "sentiment": [{"text": "good"}],
    "translation": [{"text": "你好"}],
    "language": [{"text": "My citizens,"}],
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_what_the_saved_model_refuses(started, name):
    known, networks = command.recipe(name), started(name)
    for asked in REFUSED[name]:
        refusals = (tf.errors.InvalidArgumentError, ValueError, TypeError)
        rate = {"sample_rate": 8000} if "waveform" in asked else {}
        with pytest.raises(refusals):
            answer(name, known.SIGNATURE, **rate | asked)
        with pytest.raises(ValueError, match="Received: "):
            command.example(name).answer(networks, **asked)


@pytest.mark.parametrize("name", command.names())
def test_it_answers_nothing_by_columns_of_nothing(started, name):
    asked = {key: [] for key in command.recipe(name).QUESTION if key != "sample_rate"}
    networks = started(name)
    said = command.example(name).answer(networks, **asked)
    assert said and not any(len(column) for column in said.values())


TEXTS = [
    "안녕하세요。",
    "我한국어한국어한국어",
    "\ue000",
    "\ufa6e",
    "我用ＷＩＮＤＯＷＳ。",
]
TEXTS += ["第Ⅳ章在这里。", "éric去了北京。", "我有1.2.3万本书。", "我有2.5万本书。"]
TEXTS += ["我有一十九九九九九九九九九九九本书。", "我有1,300万本书。"]
TEXTS += [
    "一共有九千九百九十九亿九千九百九十九万九千九百九十九。",
    "我有123456789012亿。",
]


def test_it_translates_odd_texts_as_the_saved_model_does(started):
    networks = started("translation")
    said = command.example("translation").answer(networks, TEXTS)
    assert_alike(said, answer("translation", text=TEXTS), 1e-3)


@pytest.mark.parametrize(
    "asked, message",
    [
        ({"key": -2}, "`key` must be 0 to 23, or -1. Received: -2"),
        ({"key": 24}, "`key` must be 0 to 23, or -1. Received: 24"),
        ({"key": 2.5}, "`key` must be 0 to 23, or -1. Received: 2.5"),
        ({"temperature": -1}, "finite, and at least 0. Received: -1"),
        ({"temperature": float("nan")}, "finite, and at least 0. Received: nan"),
        ({"temperature": float("inf")}, "finite, and at least 0. Received: inf"),
        ({"voices": [[54, -2, -2, -2]]}, "soprano must be 55 to 87. Received: 54"),
        ({"voices": [[-2, -2, -2, 71]]}, "bass must be 31 to 70. Received: 71"),
        ({"voices": [[-2] * 4, [-1] * 4]}, "held after a cell that is given"),
        ({"voices": [[-2] * 3]}, "A step has 4 voices. Received: 3"),
    ],
)
def test_it_does_not_compose_what_nobody_sings(started, asked, message):
    networks = started("music")
    with pytest.raises(ValueError, match=message):
        command.example("music").compose(networks, **{"voices": [[-2] * 4]} | asked)


def test_any_seed_and_the_least_temperatures_compose(started):
    networks, voices = started("music"), [[-2] * 4] * 2
    compose = command.example("music").compose
    assert len(compose(networks, voices, seed=-1)) == 2
    coldest = compose(networks, voices, temperature=0)
    assert compose(networks, voices, temperature=1e-320) == coldest


@pytest.mark.parametrize("asked", [{"length": -1}, {"length": 10_001}, {"prompt": 3}])
def test_it_does_not_go_on_without_sense(started, asked):
    networks = started("language")
    with pytest.raises(ValueError, match="Received: "):
        command.example("language").go_on(
            networks, **{"prompt": "We", "length": 5} | asked
        )


def test_frames_of_no_number_are_refused_and_padding_is_none(started):
    for name in ("speech", "recognition"):
        networks = started(name)
        heard = command.example(name).heard
        for bad in (np.nan, np.inf, 100_001):
            with pytest.raises(ValueError, match=r"in -100000..100000. Received: \["):
                heard(networks, [np.full((3, 13), bad, "float32")])
    padded = np.pad(np.ones((1200, 13), "float32"), [(0, 5), (0, 0)])
    assert (
        heard(networks, [padded])["digits"]
        == heard(networks, [padded[:1200]])["digits"]
    )


@pytest.mark.parametrize("file", ["networks.json", "encoding.json", "forecaster.onnx"])
def test_a_file_that_is_damaged_is_named(exported, tmp_path, file):
    folder = pathlib.Path(shutil.copytree(exported("traffic", "onnx"), tmp_path / "x"))
    (folder / file).write_bytes(b"{")
    line = [sys.executable, str(folder / "ask.py"), "history.csv"]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 2 and re.fullmatch(
        rf"ask.py: error: .*{re.escape(file)} cannot be read: .+\n", done.stderr
    )


def test_from_token_to_token_it_writes_what_the_saved_model_writes(started):
    networks = started("language")
    prompt = "The state of the Union is"
    go_on = command.example("language").go_on
    asked = {"prompt": [prompt], "length": 60, "temperature": 0, "top_p": 1, "seed": 0}
    (expected,) = answer("language", **asked)["text"]
    assert go_on(networks, prompt, 60, temperature=0) == expected.decode()
    drawn = {go_on(networks, prompt, 60, seed=seed) for seed in (0, 1)}
    assert len(drawn) == 2


@pytest.mark.parametrize("name", ["recognition", "speech"])
def test_from_frame_to_frame_it_hears_what_the_saved_model_hears(started, name):
    networks = started(name, "litert")
    frames = np.random.default_rng(0).normal(size=(5, 1, 13)).astype("float32") * 9
    specs = load(name).signatures["step"].structured_input_signature[1]
    state = before = np.zeros((1, specs["state"].shape[-1]))
    for frame in frames:
        after = networks("step", features=frame, state=np.float32(state))
        expected = answer(name, "step", mfcc=frame, state=before)
        state, before = after["state"], expected["state"]
        np.testing.assert_allclose(state, before, 1e-3, 1e-4)
    assert np.abs(state).max() > 0.1


@pytest.mark.parametrize("key", [7, 14])
def test_given_a_voice_it_finds_the_others_as_the_saved_model_does(started, key):
    if "harmonize" not in load("music").signatures:
        pytest.skip("this composer takes no voices")
    soprano = [67, -1, -1, -1, 69, -1, 71, -1, 72, -1, -1, -1]
    voices = [[pitch, -2, -2, -2] for pitch in soprano]
    networks = started("music")
    found = command.example("music").compose(networks, voices, key=key, temperature=0)
    asked = {"voices": [voices], "fermata": np.zeros((1, len(voices)), bool)}
    asked |= {"key": key, "candidates": 1, "temperature": 0, "seed": 0}
    expected = answer("music", "harmonize", **asked)["pitches"][0]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.exports
@pytest.mark.corpus
@pytest.mark.parametrize(("name", "to"), PAIRS)
def test_all_answers_of_the_test_split_are_those_of_the_saved_model(
    started, formats, name, to
):
    asked = formats.Asked(name, **WHOLE.get(name, {}))
    networks = started(name, to)
    questions = asked.sample.questions
    said = formats.joined(asked.ask_export(networks, each) for each in questions)
    # the beam of TensorFlow's kernel leaves other unlikely paths out of a sum
    assert_alike(said, asked.answers, 3e-3 if name == "recognition" else 1e-4)


@pytest.mark.parametrize("to", command.FORMATS)
def test_smaller_weights_take_less_room(exported, to):
    sizes = []
    for quantize in (None, "float16", "int8"):
        folder = exported("traffic", to, quantize)
        described = json.loads((folder / "networks.json").read_text("utf-8"))
        assert described["quantize"] == quantize
        sizes.append((folder / f"forecaster{command.FORMATS[to][0]}").stat().st_size)
    assert sizes[0] > 1.5 * sizes[1] and sizes[0] > 1.2 * sizes[2]


def test_an_export_that_answers_otherwise_is_refused_and_the_old_one_stays(
    exported, monkeypatch
):
    folder, known = exported("traffic", "litert"), command.recipe("traffic")
    path, encoding = folder / "networks.json", known.encoding
    before = path.stat().st_mtime_ns  # and not when it was read
    monkeypatch.setattr(known, "encoding", lambda t: encoding(t) | {"holidays": []})
    with pytest.raises(ValueError, match="median must be as the SavedModel of traffic"):
        command.export(FOLDER, "traffic", "litert", out=folder)
    assert path.stat().st_mtime_ns == before


def test_an_export_replaces_an_earlier_one_and_leaves_other_files(tmp_path):
    options = {"out": tmp_path / "here", "quantize": "int8"}
    command.export(FOLDER, "traffic", "litert", **options)
    (tmp_path / "here" / "mine.txt").write_text("mine")
    command.export(FOLDER, "traffic", "onnx", **options)
    names = {path.name for path in (tmp_path / "here").iterdir()}
    assert names == {"mine.txt", "forecaster.onnx", *SHARED}


def test_the_table_of_formats_is_whole_and_plain_weights_cost_nothing():
    path = ROOT / "benchmarks" / "results" / "formats.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    measured = {row["model"] for row in rows}
    assert measured and measured <= set(command.names())
    assert len(rows) == 6 * len(measured)
    for row in rows:
        quality, whole = float(row["quality"]), float(row["quality_saved_model"])
        if row["weights"] == "float32":
            assert quality == pytest.approx(whole, rel=1e-3)
