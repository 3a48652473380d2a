"""Small SavedModels of each kind, and a way to ask them."""

import io
import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from gru_apps.__main__ import main
from gru_apps.encoding import sound_files

ROOT = pathlib.Path(__file__).parents[2]
MANIFEST = {
    "corpus": {"name": "reviews"},
    "metrics": {"accuracy": 0.75},
    "parameters": 1,
    "training_seconds": 9,
}


def _save(folder, name, answer, *specs, version="1", **more):
    """Saves `answer`, and `more` signatures that are whole already."""
    module = tf.Module()
    module.variable = tf.Variable(1.0)
    signature = tf.function(answer, input_signature=specs)
    path = folder / name / version
    signatures = {"serving_default": signature} | more
    tf.saved_model.save(module, str(path), signatures=signatures)
    (path / "assets.extra").mkdir()
    path.joinpath("assets.extra", "manifest.json").write_text(json.dumps(MANIFEST))


def _sentiment(text):
    good = tf.strings.regex_full_match(text, "(?s).*good.*")
    score = tf.where(good, 0.75, 0.25)
    return {"label": tf.where(good, "yes", "no"), "probability": score, "score": score}


def _shout(text):
    return {"translation": tf.strings.upper(text), "score": tf.zeros(tf.shape(text))}


def _digit(waveform, sample_rate):
    finite = tf.reduce_all(tf.math.is_finite(waveform))
    check = tf.debugging.Assert(finite, ["`waveform` must be finite numbers."])
    with tf.control_dependencies([check]):
        ones = tf.reduce_sum(tf.identity(waveform), 1)
    return {
        "digit": tf.cast(tf.round(ones), tf.int32),
        "probability": tf.cast(sample_rate, tf.float32) / 10_000,
    }


def _write(prompt, length, temperature, top_p, seed):
    numbers = [tf.strings.as_string(n) for n in (length, seed)]
    shares = [tf.strings.as_string(n, precision=1) for n in (temperature, top_p)]
    parts = [prompt, numbers[0], *shares, numbers[1]]
    return {"text": tf.strings.join(parts, " ")}


def _forecast(timestamp, traffic, temperature, clouds, weather):
    unused = 0 * tf.cast(tf.strings.length(weather), tf.float32)[:, :1]
    return {
        "timestamp": timestamp[:, -1:],
        "lower": tf.reduce_min(traffic, 1, keepdims=True) + unused,
        "median": tf.reduce_mean(traffic, 1, keepdims=True),
        "upper": tf.reduce_max(traffic, 1, keepdims=True),
    }


def _music(primer, steps, key, candidates, temperature, seed):
    message = tf.strings.format("`steps` must be 0 or more. Received: {}", steps)
    with tf.control_dependencies([tf.debugging.Assert(steps >= 0, [message])]):
        shape = tf.stack([1, steps, 4])
    note = 60 + seed + 0 * tf.cast(temperature, tf.int32) + 0 * tf.size(primer)
    pitches, starts = tf.fill(shape, note + 0 * candidates), tf.fill(shape, True)
    return {"pitches": pitches, "starts": starts, "key": tf.maximum(key, 0)[None]}


def _harmony(voices, fermata, key, candidates, temperature, seed):
    """Finds a note of 40 for whatever is not given."""
    unused = 0 * (candidates + seed + tf.cast(temperature, tf.int32))
    starts = (voices >= 0) | (voices == -2) | fermata[:, :, None]
    pitches = tf.where(voices == -2, 40 + unused, tf.maximum(voices, 0))
    return {"pitches": pitches, "starts": starts, "key": tf.maximum(key, 0)[None]}


@pytest.fixture(scope="session")
def save_model():
    """Saves a function as `folder/name/version`, with a manifest."""
    return _save


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved_models")
    text = tf.TensorSpec([None], tf.string, "text")
    _save(folder, "sentiment", _shout, text, version="9")
    _save(folder, "sentiment", _sentiment, text, version="10")
    _save(folder, "translation", _shout, text)
    waveform = tf.TensorSpec([None, None], tf.float32, "waveform")
    _save(
        folder, "digits", _digit, waveform, tf.TensorSpec(None, tf.int32, "sample_rate")
    )
    columns = {"timestamp": tf.string, "traffic": tf.float32, "temperature": tf.float32}
    columns |= {"clouds": tf.float32, "weather": tf.string}
    columns = [tf.TensorSpec([None, None], t, name) for name, t in columns.items()]
    _save(folder, "traffic", _forecast, *columns)
    scalars = {"length": tf.int32, "temperature": tf.float32, "top_p": tf.float32}
    scalars |= {"seed": tf.int32}
    scalars = [tf.TensorSpec([], dtype, name) for name, dtype in scalars.items()]
    prompt = tf.TensorSpec([None], tf.string, "prompt")
    _save(folder, "language", _write, prompt, *scalars)
    scalars = {"steps": tf.int32, "key": tf.int32, "candidates": tf.int32}
    scalars |= {"temperature": tf.float32, "seed": tf.int32}
    scalars = [tf.TensorSpec([], dtype, name) for name, dtype in scalars.items()]
    primer, voices = (
        tf.TensorSpec([None, None, 4], tf.int32, name) for name in ("primer", "voices")
    )
    specs = voices, tf.TensorSpec([None, None], tf.bool, "fermata"), *scalars[1:]
    harmonize = tf.function(_harmony, input_signature=specs)
    _save(folder, "chorale", _music, primer, *scalars, harmonize=harmonize)
    return folder


@pytest.fixture
def ask(folder, capsys, monkeypatch):
    """Asks a model, with bytes on stdin, and returns the lines that it answers."""

    def ask(*arguments, stdin=b"", fails=False, both=False):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["predict", "--saved-models", str(folder), *map(str, arguments)])
        out, err = capsys.readouterr()
        assert code == (2 if fails else 0)
        if both:
            return out.splitlines(), err.splitlines()
        assert err.count("\n") == int(fails)
        return (err if fails else out).splitlines()

    return ask


@pytest.fixture
def recording(tmp_path):
    def recording(name, ones, rate):
        sound_files.write_wav(tmp_path / name, np.full(2 * ones, 0.5), rate)
        return tmp_path / name

    return recording


@pytest.fixture(scope="session")
def run():
    """Runs the command line in a process of its own, by a shell if it is a text."""

    def run(*arguments, shell="", **options):
        command = [sys.executable, "-m", "gru_apps", *arguments]
        quiet = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
        options = {"cwd": ROOT, "env": quiet, "capture_output": True} | options
        options["text"] = True
        if shell:
            command = f'"{sys.executable}" -m gru_apps {shell}'
        return subprocess.run(command, shell=bool(shell), **options)

    return run
