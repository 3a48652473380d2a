"""Asks the committed SavedModels, without gru_apps where a test wants it so."""

import functools
import pathlib
import subprocess
import sys

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps.cli import saved_models
from gru_apps.serving import export

FOLDER = pathlib.Path(__file__).parents[2] / "saved_models"
PATHS = saved_models.newest_versions(FOLDER)
TEXTS = {
    "empty": "",
    "space": " ",
    "long": "a" * 100_000,
    "bytes": b"\xff\xfe so",
    "thai": "ภาษาไทย",
}
BAD_SOUND = {
    "nan": ([0.1, np.nan], 8000, "`waveform` must be finite numbers. Received: .*nan"),
    "inf": ([0.1, np.inf], 8000, "`waveform` must be finite numbers. Received: .*inf"),
    "0": ([0.1] * 4000, 0, "`sample_rate` must be .*Received: sample_rate=0"),
}

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


def ask(name, questions, signature, outputs, tmp_path):
    """Asks questions, each an array or several by their inputs' names.

    Returns the answers, output by output.
    """
    named = [q if isinstance(q, dict) else {"": q} for q in questions]
    keys = {
        f"{n} {name}": q for n, some in enumerate(named) for name, q in some.items()
    }
    np.savez(tmp_path / "questions.npz", **keys)
    arguments = [
        PATHS[name],
        tmp_path / "questions.npz",
        signature,
        tmp_path / "answers.npz",
    ]
    subprocess.run(
        [sys.executable, "-c", ASK, *map(str, arguments), *outputs.split()],
        check=True,
        cwd=tmp_path,
        capture_output=True,
    )
    answers = np.load(tmp_path / "answers.npz")
    return [answers[key] for key in answers]


@functools.cache
def load(name):
    return tf.saved_model.load(str(PATHS[name]))


def answer(name, signature="serving_default", **inputs):
    ask = load(name).signatures[signature]
    dtypes = ask.structured_input_signature[1]
    inputs = {key: tf.constant(v, dtypes[key].dtype) for key, v in inputs.items()}
    return {key: answer.numpy() for key, answer in ask(**inputs).items()}


def step_by_step(name, mfcc):
    """Yields what `step` answers to each frame of a batch of clips."""
    size = load(name).signatures["step"].structured_input_signature[1]["state"].shape
    state = np.zeros([len(mfcc), size[1]])
    for frame in mfcc.swapaxes(0, 1):
        said = answer(name, "step", mfcc=frame, state=state)
        state = said.pop("state")
        yield said


def split_for_test(name):
    return list(tfds.as_numpy(tfds.load(name, split="test")))


def metrics(name):
    """What the manifest of a SavedModel says of the test split."""
    return export.read_manifest(PATHS[name])["metrics"]
