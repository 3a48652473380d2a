import json
import struct

import numpy as np
import pytest

from gru_apps.__main__ import main
from gru_apps.cli import options, questions, recordings, texts
from gru_apps.encoding import sound_files

CSV = "timestamp,traffic\n2018-06-01 00:00,10\n2018-06-01 01:00,20\n"


@pytest.fixture
def files(recording, tmp_path):
    """Recordings and histories, of each a good one and one that is bad."""
    (tmp_path / "text.wav").write_text("not sound")
    (tmp_path / "good.csv").write_text(CSV)
    (tmp_path / "bad.csv").write_text("time,traffic\n")
    nan = b"RIFF\0\0\0\0WAVE" + struct.pack(
        "<4sIHHIIHH", b"fmt ", 16, 3, 1, 8000, 0, 4, 32
    )
    nan += b"data\4\0\0\0" + np.float32("nan").tobytes()
    (tmp_path / "nan.wav").write_bytes(nan)
    recording("1.wav", 1, 8000)
    recording("3.wav", 3, 8000)
    return tmp_path


def test_bad_recordings_are_named_in_their_places_and_the_others_answered(ask, files):
    names = ["1.wav", "text.wav", "3.wav", "nan.wav", "none.wav"]
    paths = [str(files / name) for name in names]
    good = [f"1  0.800  {paths[0]}", f"3  0.800  {paths[2]}"]
    answers, errors = ask("digits", *paths, fails=True, both=True)
    assert answers == good and len(errors) == 3
    for path, line in zip([*paths[1:2], *paths[3:]], errors, strict=True):
        assert line.startswith(f"gru_apps: error: {path}")
    stdin = "\n".join(paths).encode()
    assert ask("digits", fails=True, both=True, stdin=stdin) == (answers, errors)
    answers, again = ask("digits", "--json", *paths, fails=True, both=True)
    answers = [json.loads(answer) for answer in answers]
    assert [answer["path"] for answer in answers] == paths
    assert ["error" in answer for answer in answers] == [0, 1, 0, 1, 1]
    assert [f"gru_apps: error: {a['error']}" for a in answers if "error" in a] == again


def test_bad_histories_are_named_and_the_others_answered(ask, files):
    paths = [files / "bad.csv", files / "good.csv", files / "none.csv"]
    answers, errors = ask("traffic", *paths, fails=True, both=True)
    assert len(answers) == 2 and answers[-1].split()[-3:] == ["10", "15", "20"]
    assert len(errors) == 2 and "bad.csv" in errors[0] and "none.csv" in errors[1]
    answers, _ = ask("traffic", "--json", *paths, fails=True, both=True)
    assert ["error" in json.loads(answer) for answer in answers] == [1, 0, 1]


def test_a_mistake_of_the_program_is_no_bad_file(ask, files, monkeypatch):
    def fail(*_):
        raise TypeError("a mistake")

    monkeypatch.setattr(recordings, "answers", fail)
    with pytest.raises(TypeError, match="a mistake"):
        ask("digits", files / "1.wav")


@pytest.mark.parametrize("given", [[], ["--json"]])
@pytest.mark.parametrize(
    ("model", "flags"),
    {
        "sentiment": "--seed --temperature --length --top-p --steps --primer --out",
        "digits": "--seed --temperature --length --top-p --steps --primer --out",
        "traffic": "--seed --temperature --length --top-p --steps --primer --out",
        "language": "--steps --primer --out --harmonize --voices --key",
        "chorale": "--length --top-p",
    }.items(),
)
def test_options_of_other_models_are_refused(model, flags, given, ask):
    for flag in flags.split():
        inputs = [] if model == "chorale" else ["a"]
        (line,) = ask(model, *inputs, f"{flag}=1", *given, fails=True)
        assert f"{model} takes no {flag}. Its options are: " in line
    for kind in questions.KINDS.values():
        assert {*kind.options} <= {
            flag[2:].replace("-", "_") for flag, *_ in options.OPTIONS
        }


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 4294967301, 10**30])
@pytest.mark.parametrize("flag", ["--seed", "--length", "--steps"])
def test_a_number_that_would_wrap_around_is_refused(flag, value, ask):
    model = ["chorale"] if flag == "--steps" else ["language", "My"]
    (line,) = ask(*model, f"{flag}={value}", fails=True)
    assert line.endswith(f"{flag} must be -2147483648 to 2147483647. Received: {value}")


def test_the_largest_and_the_smallest_seed_are_taken_as_they_are(ask):
    for seed in (2**31 - 1, -(2**31)):
        assert ask("language", "My", f"--seed={seed}")[0].split()[-1] == str(seed)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--temperature=nan", "--temperature must be finite, and at least 0."),
        ("--temperature=inf", "--temperature must be finite, and at least 0."),
        ("--temperature=-1", "--temperature must be finite, and at least 0."),
        ("--top-p=nan", "--top-p must be above 0, at most 1."),
        ("--top-p=0", "--top-p must be above 0, at most 1."),
        ("--top-p=1.5", "--top-p must be above 0, at most 1."),
    ],
)
def test_a_share_or_a_temperature_that_is_none_is_refused(option, message, ask):
    (line,) = ask("language", "My", option, fails=True)
    assert f"{message} Received: " in line


@pytest.mark.parametrize(
    "option",
    ["--seed=1_000", "--length=1_0", "--steps=٣", "--temperature=0_1", "--seed=1.5"],
)
def test_digits_of_other_spellings_are_refused(option, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["predict", "language", option])
    assert stopped.value.code == 2
    assert "invalid" in capsys.readouterr().err


class Asked(list):
    """Answers each batch of texts or clips, and keeps their shapes."""

    def __call__(self, *, text=None, waveform=None, sample_rate=None):
        rows = text if waveform is None else waveform
        self.append(rows.shape.as_list())
        return {"digit": np.arange(len(rows)), "probability": np.ones(len(rows))}


def test_a_long_recording_does_not_pad_the_short_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "MOST", 1000)
    lengths = [100] * 5 + [5000] + [120] * 9
    paths = [tmp_path / f"{n}.wav" for n in range(len(lengths))]
    for path, length in zip(paths, lengths, strict=True):
        sound_files.write_wav(path, np.full(length, 0.5), 8000)
    ask = Asked()
    answers = recordings.answers(ask, [str(p).encode() for p in paths], None)
    assert ask == [[5, 100], [1, 5000], [8, 120], [1, 120]]
    assert [answer["path"] for answer in answers] == [str(path) for path in paths]


def test_a_long_text_does_not_pad_the_short_ones(monkeypatch):
    monkeypatch.setattr(texts, "MOST", 1000)
    inputs = [b"short"] * 30 + [b"word " * 4000] + [b"short"] * 33
    ask = Asked()
    answers = texts.answers(ask, inputs, None)
    assert ask == [[30], [1], [33]]
    assert [a["text"] for a in answers] == [text.decode() for text in inputs]


def test_music_is_not_composed_for_a_file_that_cannot_be_written(ask, tmp_path):
    (line,) = ask("chorale", f"--out={tmp_path}/none/a.mid", fails=True)
    assert line == f"gru_apps: error: {tmp_path}/none: No such folder"
