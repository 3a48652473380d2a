import io
import json
import os
import pathlib
import re
import subprocess
import sys
import types

import nbformat
import numpy as np
import pytest
import tensorflow as tf

from gru_apps.__main__ import main
from gru_apps.cli import console

ROOT = pathlib.Path(__file__).parents[2]


def test_the_highest_version_answers_and_each_text_gets_one_line(ask):
    assert ask("sentiment", "good", "so\nso") == [
        "yes  0.750  good",
        "no  0.250  so so",
    ]


def test_lines_on_stdin_are_answered_in_order_beyond_one_batch(ask):
    lines = [f"line {i}" for i in range(70)] + [""]
    answers = ask("translation", stdin="\r\n".join([*lines, ""]).encode())
    assert answers == [line.upper() for line in lines]


def test_json_has_all_that_the_model_says(ask):
    (line,) = ask("sentiment", "good", "--json")
    assert json.loads(line) == {
        "label": "yes",
        "probability": 0.75,
        "score": 0.75,
        "text": "good",
    }


def test_options_may_stand_before_the_inputs_or_between_them(ask):
    expected = ask("translation", "a", "b", "--json")
    assert ask("translation", "--json", "a", "b") == expected
    assert ask("translation", "a", "--json", "b") == expected


def test_a_text_may_begin_with_a_dash(ask):
    assert ask("translation", "--", "-b", "a") == ["-B", "A"]
    expected = ask("translation", "--json", "a", "--", "-b")
    assert ask("translation", "a", "--json", "--", "-b") == expected
    assert [json.loads(line)["text"] for line in expected] == ["a", "-b"]
    (line,) = ask("translation", "--json", "--", "--json")
    assert json.loads(line)["text"] == "--json"
    (line,) = ask("translation", "--json", "- so it goes")
    assert json.loads(line)["text"] == "- so it goes"


def test_an_unknown_option_is_named(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["predict", "translation", "a", "--loud"])
    assert stopped.value.code == 2
    assert "unrecognized arguments: --loud" in capsys.readouterr().err


def test_a_prompt_is_gone_on_from_with_the_options_of_drawing(ask):
    options = ["--length", 3, "--temperature", 0.5, "--top-p", 0.9, "--seed", 7]
    assert ask("language", "My", *options) == ["My 3 0.5 0.9 7"]
    (answer,) = map(json.loads, ask("language", "My", *options, "--json"))
    assert answer == {"generated": "My 3 0.5 0.9 7", "prompt": "My"}


def test_a_long_prompt_does_not_pad_the_others(ask, monkeypatch):
    from gru_apps.cli import prompts

    asked, rows = [], prompts.rows

    def counted(found):
        asked.append(len(found["text"]))
        return rows(found)

    monkeypatch.setattr(prompts, "rows", counted)
    monkeypatch.setattr(prompts, "MOST", 100)
    said = ask("language", "My", "so", "x" * 90, "end", "--length=3")
    assert [line[:2] for line in said] == ["My", "so", "xx", "en"]
    assert asked == [2, 1, 1]


def test_a_history_in_a_file_gets_a_row_for_each_hour_to_come(ask, tmp_path):
    file = tmp_path / "history.csv"
    file.write_text("timestamp,traffic\n2018-06-01 00:00,10\n2018-06-01 01:00,20\n")
    header, row = ask("traffic", file)
    assert header.split() == ["timestamp", "lower", "median", "upper"]
    assert row.split()[-3:] == ["10", "15", "20"]
    (answer,) = map(json.loads, ask("traffic", file, "--json"))
    assert answer["median"] == [15] and answer["path"] == str(file)
    file.write_text("time,traffic\n")
    assert "timestamp" in ask("traffic", file, fails=True)[0]


def test_an_empty_stdin_gets_no_answer(ask):
    assert ask("sentiment") == []


def test_bytes_that_are_no_text_get_an_answer(ask):
    assert ask("sentiment", stdin=b"good \xff\n") == ["no  0.250  good �"]
    assert ask("sentiment", os.fsdecode(b"good \xff")) == ["no  0.250  good �"]


def test_recordings_are_one_batch_each_at_its_rate(ask, recording):
    one, three = recording("1.wav", 1, 8000), recording("3.wav", 3, 16000)
    expected = [f"1  0.800  {one}", f"3  1.600  {three}"]
    assert ask("digits", one, three) == expected
    assert ask("digits", stdin=f"{one}\n{three}\n".encode()) == expected


def test_a_recording_that_is_none_is_named(ask, recording, tmp_path):
    whole = recording("whole.wav", 3, 8000)
    text, short = tmp_path / "text.wav", tmp_path / "short.wav"
    text.write_text("not sound")
    short.write_bytes(whole.read_bytes()[:-1])
    for path in (text, short, tmp_path / "missing.wav"):
        (answer,), (line,) = ask("digits", path, whole, fails=True, both=True)
        assert str(path) in line and answer.endswith(str(whole))


def test_an_error_of_the_graph_is_the_sentence_that_it_asserts(ask, tmp_path):
    path = tmp_path / "nan.wav"
    header = (
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x03\0\x01\0\x40\x1f\0\0\0\x7d\0\0\x04\0 \0"
    )
    path.write_bytes(header + b"data\x04\0\0\0" + np.float32("nan").tobytes())
    (line,) = ask("digits", path, fails=True)
    assert line == f"gru_apps: error: {path}: `waveform` must be finite numbers."


def test_an_unknown_model_is_told_which_there_are(ask):
    (line,) = ask("sentimnt", "good", fails=True)
    assert "chorale, digits, language, sentiment, traffic, translation" in line


def test_what_is_missing_or_damaged_in_a_model_is_said(save_model, capsys, tmp_path):
    text = tf.TensorSpec([None], tf.string, "text")
    save_model(tmp_path, "broken", lambda text: {"text": text}, text)
    path = tmp_path / "broken" / "1"
    command = ["predict", "broken", "a", "--saved-models", str(tmp_path)]
    (path / "variables" / "variables.data-00000-of-00001").unlink()
    assert main(command) == 2
    assert "cannot be loaded" in capsys.readouterr().err
    (path / "variables" / "variables.index").unlink()
    assert main(command) == 2
    assert "variables.index is missing" in capsys.readouterr().err
    (path / "assets.extra" / "manifest.json").write_text("{")
    assert main(["models", "--folder", str(tmp_path)]) == 2
    assert "manifest.json is damaged" in capsys.readouterr().err


def test_models_are_listed_with_what_their_manifests_say(folder, capsys):
    assert main(["models", "--folder", str(folder)]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    cells = [row.split() for row in rows]
    assert [row[:2] + row[-2:] for row in cells] == [
        [name, "reviews", "accuracy", "0.75"]
        for name in (
            *("chorale", "digits", "language", "sentiment", "traffic", "translation"),
        )
    ]
    assert main(["models", "--json", "--folder", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["training_seconds"] == 9
    assert main(["models", "--folder", str(folder / "none")]) == 2


def test_corpora_are_prepared_in_each_configuration(capsys, monkeypatch):
    prepared = []

    class Builder:
        BUILDER_CONFIGS = [types.SimpleNamespace(name=name) for name in ("a", "b")]

        def __init__(self, config):
            self.name = config.name
            splits = {"train": types.SimpleNamespace(num_examples=1234)}
            self.info = types.SimpleNamespace(splits=splits)

        def is_prepared(self):
            return self.name in prepared

        def download_and_prepare(self):
            prepared.append(self.name)

    datasets = types.SimpleNamespace(
        BUILDERS={"digits": Builder}, FULL_SIZE={"large": Builder}
    )
    monkeypatch.setitem(sys.modules, "gru_apps.datasets", datasets)
    prepared.append("b")
    assert main(["data"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "digits/a: train 1,234",
        "digits/b: train 1,234 (was there already)",
    ]
    assert main(["data", "large"]) == 0  # prepared where it is named alone
    assert capsys.readouterr().out.startswith("large/a: train 1,234 (was there")
    assert main(["data", "digit"]) == 2
    assert "There are: digits, large" in capsys.readouterr().err


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A folder with two notebooks, one of which fails."""
    monkeypatch.chdir(tmp_path)
    pathlib.Path("notebooks").mkdir()
    parameters = 'size = "default"\ntrain = True\nseed = 0\nfolder = "../build"'
    save = (
        'Lesson = str\n_ = Lesson("tiny")\n'
        "import json, pathlib, sys\n"
        "part = '' if size == 'default' else size\n"
        "path = pathlib.Path(folder, part, 'saved_models/tiny/1/assets.extra')\n"
        "path.mkdir(parents=True)\n"
        "manifest = {'metrics': {'accuracy': 0.5, 'of_each': {'a': 1.0}}}\n"
        "path.joinpath('manifest.json').write_text(json.dumps(manifest))\n"
        "print(size, flush=True)\n"
        "print('a log', file=sys.stderr, flush=True)\n"
        "print('end')"
    )
    for name, code in {"01_works": save, "02_fails": "1 / 0"}.items():
        cells = [nbformat.v4.new_code_cell(source) for source in (parameters, code)]
        cells[0].metadata["tags"] = ["parameters"]
        notebook = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(notebook, f"notebooks/{name}.ipynb")
    return tmp_path


def _without_outputs(notebook):
    for cell in notebook.cells:
        cell.outputs, cell.execution_count = [], None
    return notebook


def test_a_run_shows_metrics_and_what_is_promoted_changes_only_outputs(clone, capsys):
    path = clone / "notebooks" / "01_works.ipynb"
    written, before = path.read_bytes(), nbformat.read(path, as_version=4)
    assert main(["run", "works"]) == 0
    first, *_, row = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"01_works: \d+ seconds", first)
    assert row.split() == ["tiny", "accuracy", "0.5"]
    assert path.read_bytes() == written
    assert not (clone / "saved_models" / "tiny").exists()
    assert main(["promote", "works"]) == 0
    after = nbformat.read(path, as_version=4)
    assert [output.text for output in after.cells[1].outputs] == ["default\nend\n"]
    assert _without_outputs(after) == before
    assert (clone / "saved_models" / "tiny" / "1").is_dir()
    assert main(["promote", "fails"]) == 2
    assert "was not executed" in capsys.readouterr().err


def test_a_smoke_run_leaves_the_notebook_alone(clone, capsys):
    before = (clone / "notebooks" / "01_works.ipynb").read_bytes()
    assert main(["run", "01_works", "--size", "smoke"]) == 0
    assert (clone / "notebooks" / "01_works.ipynb").read_bytes() == before
    assert "smoke" in (clone / "build" / "smoke" / "01_works.ipynb").read_text()
    assert (clone / "build" / "smoke" / "saved_models" / "tiny" / "1").is_dir()


def test_a_failing_run_names_what_it_executed_and_why(clone, capsys):
    before = (clone / "notebooks" / "02_fails.ipynb").read_bytes()
    assert main(["run", "fails"]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    executed = pathlib.Path("build", "02_fails.ipynb")
    assert str(executed) in error and "ZeroDivisionError" in error
    assert "ZeroDivisionError" in executed.read_text()
    assert (clone / "notebooks" / "02_fails.ipynb").read_bytes() == before


def test_notebooks_run_side_by_side(clone, run):
    for name, own, other in [("01_works", 1, 2), ("02_fails", 2, 1)]:
        code = (  # each waits for the other
            "import pathlib, time\n"
            f"pathlib.Path('../{own}').touch()\n"
            "until = time.monotonic() + 60\n"
            f"while not pathlib.Path('../{other}').exists():\n"
            "    assert time.monotonic() < until\n"
            "    time.sleep(0.1)"
        )
        cells = [nbformat.v4.new_code_cell(code)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(notebook, clone / "notebooks" / f"{name}.ipynb")
    result = run("run", "--at-once", "2", cwd=clone)
    assert result.returncode == 0, result.stderr
    said = [line.split(":")[0] for line in result.stdout.splitlines()]
    assert sorted(said) == ["01_works", "02_fails"]


def test_a_failure_beside_others_is_told_as_if_alone(clone, run):
    result = run("run", "--at-once", "2", cwd=clone)
    assert result.returncode == 2
    assert "ZeroDivisionError" in result.stderr.splitlines()[-1]
    assert run("run", "--at-once", "0", cwd=clone).returncode == 2


def test_a_notebook_that_is_not_there_is_told_which_there_are(
    clone, capsys, monkeypatch
):
    for name in ("nothing", "0"):
        assert main(["run", name]) == 2
        assert "01_works, 02_fails" in capsys.readouterr().err
    monkeypatch.chdir(clone / "notebooks")
    assert main(["run"]) == 2
    assert "There are no notebooks" in capsys.readouterr().err


def test_an_error_is_one_line_and_exit_code_2_whatever_tensorflow_logs(folder, run):
    arguments = ["digits", "none.wav", "--saved-models", str(folder)]
    result = run("predict", *arguments)
    assert result.returncode == 2
    assert result.stderr == "gru_apps: error: none.wav: No such file or directory\n"


@pytest.mark.parametrize("json_", [False, True])
def test_into_a_pipe_no_character_is_lost(folder, json_):
    arguments = ["translation", "中文 é", "--saved-models", str(folder)]
    result = subprocess.run(
        [sys.executable, "-m", "gru_apps", "predict", *arguments] + ["--json"] * json_,
        cwd=ROOT,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )
    answer = result.stdout.decode("utf-8").strip()
    assert (json.loads(answer)["text"] if json_ else answer) == "中文 é"


def test_json_in_a_terminal_without_utf_8_escapes_what_it_cannot_write(monkeypatch):
    for encoding, written in [("cp1252", rb"\u4e2d"), ("utf-8", "中".encode())]:
        terminal = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")
        monkeypatch.setattr(sys, "stdout", terminal)
        console.print_json([{"text": "中"}])
        assert terminal.buffer.getvalue() == b'{"text": "' + written + b'"}' + (
            os.linesep.encode()
        )


def test_help_does_not_wait_for_tensorflow():
    code = (
        "import sys, runpy; sys.argv = ['gru_apps', '--help']\n"
        "try: runpy.run_module('gru_apps', run_name='__main__')\n"
        "except SystemExit: print('tensorflow' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert result.stdout.split()[-1] == b"False"
