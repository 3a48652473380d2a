import gzip

import pytest
import tensorflow_datasets as tfds

from gru_apps import datasets


def test_lines_of_the_same_place_are_a_pair(tmp_path, monkeypatch):
    def download(self, address):
        path = tmp_path / address.rpartition("/")[2]
        *_, language, _ = path.name.split(".")
        text = {"en": "A dog. \nTwo.\u2028men\n", "de": "Ein Hund.\nZwei Männer.\n"}
        path.write_bytes(gzip.compress(text[language].encode()))
        return path

    monkeypatch.setattr(tfds.download.DownloadManager, "download", download)
    builder = datasets.Multi30k(data_dir=tmp_path / "data")
    builder.download_and_prepare()
    for split in ("train", "validation", "test"):
        rows = tfds.as_numpy(builder.as_dataset(split=split))
        pairs = sorted((row["en"].decode(), row["de"].decode()) for row in rows)
        assert pairs == [("A dog.", "Ein Hund."), ("Two.\u2028men", "Zwei Männer.")]


@pytest.mark.full_size("train.en.gz", "train.de.gz")
def test_the_published_splits_have_so_many_pairs():
    builder = tfds.builder("multi30k")
    builder.download_and_prepare()
    sizes = {name: split.num_examples for name, split in builder.info.splits.items()}
    assert sizes == {"train": 29_000, "validation": 1_014, "test": 1_000}
    test = list(tfds.as_numpy(builder.as_dataset(split="test")))
    assert all(row["en"] and row["de"] for row in test)
