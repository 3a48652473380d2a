"""What a participant is told of a computer, the evening before."""

import shutil
from collections import namedtuple

import pytest

from gru_apps.cli import commands, console, readiness

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture
def tiny(monkeypatch):
    monkeypatch.setattr(readiness, "_corpora", lambda: (True, "6 corpora"))
    monkeypatch.setattr(readiness, "_training", lambda: (True, "trained"))


def test_a_computer_that_is_ready_is_said_to_be(tiny, capsys):
    assert commands.main(["check"]) == 0
    out = capsys.readouterr().out
    assert "This computer is ready" in out and "!" not in out
    assert "-m jupyterlab notebooks" in out  # a kit has no `make`


def test_a_full_disk_is_named_and_the_rest_is_checked(tiny, capsys, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(9, 8, 1e9))
    assert commands.main(["check"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert "!  1 GB free on the disk: make room for 5 GB" in lines
    assert len(lines) == 6 and not any("is ready" in line for line in lines)


@pytest.mark.parametrize(
    ("free", "said"), [(4.96e9, "!  4.9 GB free"), (5e9, "ok 5 GB free")]
)
def test_what_is_free_is_never_rounded_up(tiny, capsys, monkeypatch, free, said):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(9, 8, free))
    commands.main(["check"])
    assert said in capsys.readouterr().out


def test_the_disk_of_the_corpora_counts_too(tiny, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "not" / "yet"))
    free = {".": 9e9, tmp_path: 2e9}
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(9, 8, free[path]))
    assert commands.main(["check"]) == 2
    assert "!  2 GB free" in capsys.readouterr().out


def test_packages_that_are_missing_are_counted(tiny, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("requirements.txt").write_text(
        "# made by hand\n-e .\nnumpy==0.0.1  # via us\nno-such-package==1.0\n"
        'appnope==1.0.0 ; sys_platform == "darwin"\n'
    )
    assert commands.main(["check"]) == 2
    assert "1 packages are missing, no-such-package" in capsys.readouterr().out


def test_what_breaks_is_a_line_and_not_the_end(tiny, capsys, monkeypatch):
    def broken():
        raise ImportError("DLL load failed")

    monkeypatch.setattr(readiness, "_training", broken)
    assert commands.main(["check"]) == 2
    assert "DLL load failed" in capsys.readouterr().out


@pytest.mark.parametrize("error", [ModuleNotFoundError, TypeError, AttributeError])
def test_a_computer_without_tensorflow_is_told_of_all_that_it_lacks(
    tiny, capsys, monkeypatch, error
):
    def missing():
        raise error("No module named 'tensorflow'")

    monkeypatch.setattr(console, "import_tensorflow", missing)
    commands.main(["check"])
    assert len(capsys.readouterr().out.splitlines()) >= 6


@pytest.mark.corpus
def test_corpora_and_a_training_of_a_second_are_there():
    assert readiness._corpora()[0] and readiness._training()[0]
