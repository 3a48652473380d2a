"""What `export` refuses, each in a sentence."""

import importlib.util

import pytest

from gru_apps.__main__ import main


@pytest.fixture
def refused(folder, capsys):
    """Exports what cannot be, and returns the one line that says why."""

    def refused(*arguments):
        saved = ["--saved-models", str(folder)]
        assert main(["export", *map(str, arguments), *saved]) == 2
        out, err = capsys.readouterr()
        assert not out and err.count("\n") == 1
        return err

    return refused


def test_a_name_that_is_not_there_is_refused_with_those_that_are(refused, tmp_path):
    said = refused("nobody", "--to", "onnx", "--out", tmp_path)
    assert "is called 'nobody'. There are: chorale, digits, language" in said


def test_a_model_of_unknown_networks_is_refused_with_what_can_be_exported(
    refused, tmp_path
):
    said = refused("digits", "--to", "litert", "--out", tmp_path / "new")
    assert "'digits' are not known here" in said
    assert "recognition, sentiment" in said and "export_litert" in said
    assert not (tmp_path / "new").exists()


def test_weights_that_do_not_ship_are_named(refused, tmp_path):
    for name, part in {"sentiment": "reader-0", "traffic": "forecaster"}.items():
        said = refused(name, "--to", "onnx", "--out", tmp_path / "new")
        assert f"must have the weights of '{part}'" in said
        assert "Received: weights of none" in said
    assert not list(tmp_path.iterdir())


def test_a_format_whose_packages_are_missing_says_which(refused, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n: None if "onnx" in n else find(n)
    )
    said = refused("sentiment", "--to", "onnx", "--out", tmp_path / "new")
    assert "onnx, onnxruntime, tf2onnx, which are not installed" in said
    assert '".[export]"' in said


def test_a_folder_of_something_else_is_left_alone(refused, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    said = refused("sentiment", "--to", "onnx", "--out", tmp_path)
    assert f"{tmp_path} must be empty, or an earlier export. It holds 'mine" in said
    assert (tmp_path / "mine.txt").read_text() == "mine"
    said = refused("sentiment", "--to", "onnx", "--out", tmp_path / "mine.txt")
    assert "mine.txt must be a folder, and is a file." in said


@pytest.mark.parametrize(
    "arguments", [["--to", "coreml"], [], ["--to", "onnx", "--quantize", "int4"]]
)
def test_formats_that_there_are_not_are_refused(folder, arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["export", "sentiment", *arguments, "--saved-models", str(folder)])
    assert ended.value.code == 2
    assert "export: error:" in capsys.readouterr().err
