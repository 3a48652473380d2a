"""What `export` refuses, each in a sentence."""

import argparse
import contextlib
import importlib.util
import os
import pathlib
import shlex
import struct
import threading
import wave

import pytest

from gru_apps.__main__ import main
from gru_apps.cli.exporting import command
from gru_apps.cli.exporting.asking import sound


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


LISTED = [
    *("{}", "junk", "[]", "[" * 100_000, '{"files": "a"}', '{"files": [1]}'),
    *('{"files": ["../full/a.txt"]}', r'{"files": ["..\\a.txt"]}'),
    *('{"files": ["/a"]}', '{"files": ["c:a"]}', '{"files": [".."]}'),
]


@pytest.mark.parametrize("listed", LISTED, ids=lambda text: text[:20])
def test_a_list_of_other_files_is_refused_before_the_work(
    refused, tmp_path, monkeypatch, listed
):
    monkeypatch.setattr(command, "Trained", lambda path: pytest.fail("it worked"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a.txt").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "networks.json").write_text(listed)
    said = refused("sentiment", "--to", "onnx", "--out", tmp_path / "out")
    assert f"{tmp_path / 'out' / 'networks.json'} must list" in said
    assert (tmp_path / "full" / "a.txt").exists()


def test_the_line_that_asks_can_be_pasted(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "my exports"
    folder.mkdir()
    for name in ("ask.py", "mine.txt"):
        (folder / name).write_text("")
    (folder / "networks.json").write_text('{"files": ["ask.py"]}')
    monkeypatch.setattr(command, "export", lambda *_, **__: folder)
    names = ("out", "quantize", "saved_models", "name", "to")
    command.answer(argparse.Namespace(**dict.fromkeys(names)))
    said = capsys.readouterr().out
    assert "ask.py" in said and "mine.txt" not in said
    line = said.strip().splitlines()[-1].split("networks: ")[1]
    assert shlex.split(line) == ["python", str(folder / "ask.py")]


@pytest.fixture
def wav(tmp_path):
    """Writes a second of sound, of which so many bytes are kept."""

    def wav(kept=None, samples=8000):
        path = tmp_path / "cut.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", None))
            file.writeframes(b"\1\2" * samples)
        path.write_bytes(path.read_bytes()[:kept])
        return path

    return wav


@pytest.mark.parametrize("kept", [8044, 8043, 44])
def test_an_export_refuses_sound_that_is_cut_short(wav, kept):
    with pytest.raises(ValueError, match=f"short: {16044 - kept} bytes are missing"):
        sound.read_wav(wav(kept), {"sample_rate": 8000})


def test_an_export_refuses_a_header_without_samples_and_reads_others(wav):
    with pytest.raises(ValueError, match="has no sound in it"):
        sound.read_wav(wav(samples=0), {"sample_rate": 8000})
    assert len(sound.read_wav(wav(), {"sample_rate": 8000})) == 8000


@pytest.mark.parametrize("size", [0x7FFFFFFF, 0xFFFFFFFF])
def test_an_export_reads_sound_whose_writer_did_not_know_its_length(wav, size):
    path = wav()
    written = path.read_bytes()
    length = struct.pack("<I", size)
    path.write_bytes(written[:4] + length + written[8:40] + length + written[44:])
    assert len(sound.read_wav(path, {"sample_rate": 8000})) == 8000


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_an_export_reads_sound_from_a_pipe(wav, tmp_path):
    pipe, content = tmp_path / "pipe", wav().read_bytes()
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[content])
    writer.start()
    assert len(sound.read_wav(pipe, {"sample_rate": 8000})) == 8000
    writer.join()


def test_every_damaged_header_is_refused_or_read(wav):
    path = wav(samples=9)
    written = path.read_bytes()
    for place in range(44):
        for value in (0, 1, 0x7F, 0x80, 0xFF):
            path.write_bytes(written[:place] + bytes([value]) + written[place + 1 :])
            with contextlib.suppress(ValueError):
                assert len(sound.read_wav(path, {"sample_rate": 8000})) <= 9


@pytest.mark.parametrize("content", [b"", b"fLaC\0\0", b"RIFF\0\0\0\0WAVE", b"RIFF"])
def test_an_export_says_which_file_is_no_wav(tmp_path, content):
    path = pathlib.Path(tmp_path / "sound.wav")
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"sound\.wav must be a WAV file"):
        sound.read_wav(path, {"sample_rate": 8000})


def test_an_empty_name_of_a_folder_is_refused(folder, capsys):
    asked = ["export", "sentiment", "--to", "onnx", "--out", ""]
    with pytest.raises(SystemExit) as ended:
        main([*asked, "--saved-models", str(folder)])
    assert ended.value.code == 2
    assert "--out: it must name a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--to", "coreml"], [], ["--to", "onnx", "--quantize", "int4"]]
)
def test_formats_that_there_are_not_are_refused(folder, arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["export", "sentiment", *arguments, "--saved-models", str(folder)])
    assert ended.value.code == 2
    assert "export: error:" in capsys.readouterr().err
