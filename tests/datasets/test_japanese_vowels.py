import collections

import numpy as np
import pytest
import tensorflow_datasets as tfds

from gru_apps.datasets import JapaneseVowels, japanese_vowels

LINE = ":".join([",".join(f"{c}.{t}" for t in range(3)) for c in range(12)] + ["2"])


def test_a_line_is_a_recording_frame_by_frame(tmp_path, monkeypatch):
    packages = japanese_vowels.packages
    monkeypatch.setattr(packages, "fetch", lambda archive, downloads: "")
    text = f"@problemName some\n@data\n{LINE}\n".encode()
    monkeypatch.setattr(packages, "read_member", lambda path, name: text)
    builder = JapaneseVowels(data_dir=tmp_path)
    builder.download_and_prepare()
    (example,) = tfds.as_numpy(builder.as_dataset(split="test"))
    assert (example["speaker"], example["number"]) == (1, 0)
    expected = np.arange(12) + np.arange(3)[:, None] / 10
    np.testing.assert_allclose(example["cepstra"], expected, rtol=1e-6)


@pytest.mark.corpus
def test_the_published_splits_have_thirty_of_each_speaker_and_370_more():
    builder = tfds.builder("japanese_vowels")
    builder.download_and_prepare()
    splits = builder.as_dataset()
    train, test = (list(tfds.as_numpy(splits[name])) for name in ("train", "test"))
    assert set(collections.Counter(e["speaker"] for e in train).values()) == {30}
    counts = collections.Counter(e["speaker"] for e in test)
    assert len(test) == 370 and sorted(counts.values())[::8] == [24, 88]
    lengths = [len(e["cepstra"]) for e in train + test]
    assert (min(lengths), max(lengths)) == (7, 29)
