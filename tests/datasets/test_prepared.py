"""Corpora that lie damaged on the disk, as a full or a failing one leaves them."""

import logging
import os
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

from gru_apps.datasets import packages, prepared

SPLITS = ["train", "test"]


class SomeNumbers(packages.CorpusBuilder):
    VERSION = tfds.core.Version("1.0.0")

    def _info(self):
        features = tfds.features.FeaturesDict({"number": np.int64})
        return tfds.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples() for split in SPLITS}

    def _generate_examples(self):
        yield from ((n, {"number": n}) for n in range(5))


@pytest.fixture
def folder(tmp_path):
    builder = SomeNumbers(data_dir=tmp_path)
    builder.download_and_prepare()
    prepared._READ.clear()  # as in a process that opens it first
    return Path(builder.data_dir)


def cut_off(folder):
    (path,) = folder.glob("*-train.*")
    os.truncate(path, path.stat().st_size // 2)


def cut_off_after_an_example(folder):
    (path,) = folder.glob("*-train.*")
    os.truncate(path, path.stat().st_size * 4 // 5)


def flip_a_bit(folder):
    (path,) = folder.glob("*-test.*")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def remove_a_split(folder):
    next(folder.glob("*-test.*")).unlink()


def empty_the_info(folder):
    os.truncate(folder / "dataset_info.json", 0)


def cut_off_the_info(folder):
    os.truncate(folder / "dataset_info.json", 300)


def scramble_the_info(folder):
    (folder / "dataset_info.json").write_bytes(b"\xff" * 300)


def remove_the_info(folder):
    (folder / "dataset_info.json").unlink()


def forget_the_splits(folder):
    (folder / "dataset_info.json").write_text('{"version": "1.0.0"}')


def take_the_info_of_another_version(folder):
    path = folder / "dataset_info.json"
    path.write_text(path.read_text().replace("1.0.0", "0.9.0"))


DAMAGES = [
    cut_off,
    cut_off_after_an_example,
    flip_a_bit,
    remove_a_split,
    empty_the_info,
    cut_off_the_info,
    scramble_the_info,
    remove_the_info,
    forget_the_splits,
    take_the_info_of_another_version,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_corpus_is_prepared_again_and_that_is_said(
    folder, tmp_path, caplog, damage
):
    damage(folder)
    with caplog.at_level(logging.WARNING, "gru_apps"):
        data = tfds.load("some_numbers", data_dir=tmp_path)
    for split in SPLITS:
        assert sorted(int(row["number"]) for row in data[split]) == [0, 1, 2, 3, 4]
    said = [record for record in caplog.records if record.name.startswith("gru_apps")]
    assert "is damaged" in said[0].message and len(said) == 1
    assert os.listdir(folder.parent) == ["1.0.0"]


def test_a_whole_corpus_is_left_alone(folder, tmp_path, caplog):
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    with caplog.at_level(logging.WARNING, "gru_apps"):
        tfds.load("some_numbers", data_dir=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert not caplog.records


def test_examples_are_read_once_in_a_process_and_sizes_each_time(folder, tmp_path):
    builder = SomeNumbers(data_dir=tmp_path)
    assert prepared.damage(builder) is None
    flip_a_bit(folder)
    assert prepared.damage(builder) is None
    cut_off(folder)
    assert "split train has" in prepared.damage(builder)


def test_a_corpus_damaged_meanwhile_is_not_read(folder, tmp_path):
    builder = SomeNumbers(data_dir=tmp_path)
    builder.download_and_prepare()
    cut_off_after_an_example(folder)
    with pytest.raises(ValueError, match="bytes instead of .*prepares it again"):
        builder.as_dataset(split="test")


def test_a_corpus_that_another_process_removed_is_removed(folder):
    prepared.remove(folder)
    prepared.remove(folder)
    assert os.listdir(folder.parent) == []


def test_a_configuration_that_is_not_there_damages_nothing(folder, tmp_path):
    with pytest.raises(ValueError, match="none"):
        SomeNumbers(data_dir=tmp_path, config="none")
    assert folder.exists()


def test_a_prepared_corpus_needs_no_folder_to_write_to(folder, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError("read-only")

    for name in ("mkdir", "rename", "replace", "unlink", "rmdir"):
        monkeypatch.setattr(os, name, refuse)
    assert len(tfds.load("some_numbers", data_dir=tmp_path, split="train")) == 5


def test_a_damaged_corpus_that_cannot_be_removed_is_an_oserror(
    folder, tmp_path, monkeypatch
):
    def refuse(*arguments, **options):
        raise PermissionError("read-only")

    cut_off(folder)
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError, match="read-only"):
        tfds.load("some_numbers", data_dir=tmp_path)
    assert folder.exists()
