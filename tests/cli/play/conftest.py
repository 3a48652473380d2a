"""The page, its functions without a browser, and what the command line answers."""

import gc
import json
import pathlib
import warnings

import numpy as np
import pytest

from gru_apps.__main__ import main

ROOT = pathlib.Path(__file__).parents[3]


@pytest.fixture(scope="session")
def models():
    pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")
    from gru_apps.cli.play.asking import Models

    return Models(ROOT / "saved_models")


@pytest.fixture(scope="session")
def built(models):
    with warnings.catch_warnings():
        # Gradio leaves loops of asyncio unclosed
        warnings.simplefilter("ignore", ResourceWarning)
        from gru_apps.cli.play import page

        built = page.build(models)
        gc.collect()
        return built


@pytest.fixture(scope="session")
def functions(built):
    """What the buttons and fields of the page call, by tab and name."""
    found = {}
    for called in [each.fn for each in built.fns.values() if each.fn]:
        named = getattr(called, "func", called)  # of a partial
        found[f"{named.__module__.split('.')[-1]}.{named.__name__}"] = called
    return found


@pytest.fixture
def predict(capsys):
    """Asks the command line, and returns its answer, or a list of several."""

    def predict(*arguments):
        folder = ["--saved-models", str(ROOT / "saved_models"), "--json"]
        assert main(["predict", *map(str, arguments), *folder]) == 0
        answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return answers[0] if len(answers) == 1 else answers

    return predict


@pytest.fixture(scope="session")
def whispered(tmp_path_factory):
    """Writes test recordings of digits, joined, as a whispered WAV file."""
    from gru_apps.cli.play import digits, sounds

    def whispered(*said, rate=8000):
        path = tmp_path_factory.mktemp("sound") / "digits.wav"
        waveform = digits.example_sound(said)
        if rate != 8000:
            places = np.arange(len(waveform) * rate // 8000) * 8000 / rate
            waveform = np.interp(places, np.arange(len(waveform)), waveform)
        sounds.write(str(path), waveform, rate)
        return path

    return whispered
