import json
import os
import sys

import pytest

from gru_apps.__main__ import main
from gru_apps.cli import saved_models, streams

posix = pytest.mark.skipif(os.name == "nt", reason="redirections of a POSIX shell")
full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")


@full
@pytest.mark.parametrize("command", ["--help", "predict --help", "models"])
def test_a_full_disk_is_one_line_and_exit_code_2(command, run):
    result = run(shell=f"{command} > /dev/full")
    assert result.returncode == 2
    assert result.stderr == (
        "gru_apps: error: standard output: No space left on device\n"
    )


@full
@pytest.mark.parametrize("json_", [[], ["--json"]])
def test_answers_for_a_full_disk_are_one_line_and_exit_code_2(
    json_, folder, capsys, monkeypatch
):
    with open("/dev/full", "w") as nowhere:
        monkeypatch.setattr(sys, "stdout", nowhere)
        ask = ["predict", "translation", "a", "--saved-models", str(folder)]
        assert main([*ask, *json_]) == 2
    message = "gru_apps: error: standard output: No space left on device\n"
    assert capsys.readouterr().err == message


@posix
@pytest.mark.parametrize("command", ["--help", "models"])
def test_a_closed_output_is_one_line_and_exit_code_2(command, run):
    result = run(shell=f"{command} >&-")
    assert (result.returncode, result.stderr) == (
        2,
        "gru_apps: error: standard output: It is closed\n",
    )
    result = run(shell=f"{command} >&- 2>&-")
    assert (result.returncode, result.stdout, result.stderr) == (2, "", "")


def test_a_closed_input_is_read_only_where_there_is_no_argument(
    folder, capsys, monkeypatch
):
    monkeypatch.setattr(sys, "stdin", None)  # as Python has it
    ask = ["predict", "translation", "--saved-models", str(folder)]
    assert main(ask) == 2
    message = "gru_apps: error: There is no INPUT, and standard input is closed.\n"
    assert capsys.readouterr().err == message
    assert main([*ask, "a"]) == 0
    assert capsys.readouterr().out == "A\n"


@posix
def test_an_error_does_not_go_to_the_output_where_stderr_is_closed(run, tmp_path):
    result = run(shell=f"models --folder {tmp_path} 2>&-")
    assert (result.returncode, result.stdout) == (2, "")


SENT = "a\x1b[2J\x07\x9b1m\u202eb\x7f"
SHOWN = r"a\x1b[2J\x07\x9b1m\u202eb\x7f"


def test_what_a_terminal_would_obey_is_written_out_but_for_json(ask, tmp_path):
    assert ask("sentiment", SENT) == [f"no  0.250  {SHOWN}"]
    assert ask("translation", SENT) == [r"A\x1b[2J\x07\x9b1M\u202eB\x7f"]
    (line,) = ask("sentiment", SENT, "--json")
    assert json.loads(line)["text"] == SENT
    path = str(tmp_path / f"{SENT}\n.wav").replace("\x7f", "")
    (line,) = ask("digits", path, fails=True)
    assert SHOWN[:-4] + r"\n.wav" in line
    (answer,), (line,) = ask("digits", path, "--json", fails=True, both=True)
    assert json.loads(answer)["path"] == path
    (line,) = ask(f"no{SENT}", "good", fails=True)
    assert "\x1b" not in line


def test_generated_text_keeps_its_lines(ask):
    assert ask("language", "My\n\tfellow\x1b")[0:2] == [
        "My",
        r"	fellow\x1b 300 1.0 1.0 0",
    ]


def test_the_path_of_a_file_in_json_is_the_path_whatever_its_bytes(ask):
    path = os.fsdecode(b"none \xff.wav")
    (answer,), _ = ask("digits", path, "--json", fails=True, both=True)
    assert json.loads(answer)["path"] == path


def test_manifests_and_names_of_models_do_not_reach_the_terminal_raw(
    save_model, capsys, tmp_path
):
    save_model(tmp_path, "a\x1bb", lambda: {"a": 1.0})
    assert main(["models", "--folder", str(tmp_path)]) == 0
    assert r"a\x1bb" in capsys.readouterr().out


def test_a_line_without_an_end_is_refused_after_those_before_it(ask, monkeypatch):
    monkeypatch.setattr(streams, "MAX_LINE", 1000)
    stdin = b"a\n" + b"b" * 999 + b"\n" + b"c" * 10_000
    answers, errors = ask("translation", stdin=stdin, fails=True, both=True)
    assert answers == ["A", "B" * 999]
    assert errors == [
        "gru_apps: error: A line of standard input has more than 1,000 bytes."
    ]


@pytest.mark.parametrize(
    "manifest",
    [
        "[1]",
        '{"metrics": [1]}',
        '{"corpus": "reviews"}',
        '{"metrics": {"a": 1' + "0" * 400 + "}}",
        '{"metrics": {"a": 1' + "0" * 5000 + "}}",
        "[" * 100_000,
        "\xff",
    ],
    ids=["list", "metrics", "corpus", "huge", "huger", "deep", "latin"],
)
def test_the_other_models_are_listed_beside_a_damaged_manifest(
    manifest, save_model, capsys, tmp_path
):
    for name in ("bad", "good"):
        save_model(tmp_path, name, lambda: {"a": 1.0})
    path = tmp_path / "bad" / "1" / "assets.extra" / "manifest.json"
    path.write_bytes(manifest.encode("latin-1"))
    assert main(["models", "--folder", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == ["name", "good"]
    assert err.startswith(f"gru_apps: error: {path} is damaged") and len(err) < 500
    assert err.count("\n") == 1
    assert main(["models", "--json", "--folder", str(tmp_path)]) == 2
    bad, good = map(json.loads, capsys.readouterr().out.splitlines())
    assert bad["path"] == str(path) and "damaged" in bad["error"]
    assert good["name"] == "good"


def test_a_version_is_a_number_of_plain_digits(save_model, tmp_path):
    for version in ("9", "10", "٣٣", "9" * 200):
        save_model(tmp_path, "model", lambda: {"a": 1.0}, version=version)
    newest = saved_models.newest_versions(tmp_path)["model"].name
    assert newest == "9" * 200
