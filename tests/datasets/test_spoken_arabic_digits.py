import gzip
import hashlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

from gru_apps.datasets import SpokenArabicDigits, spoken_arabic_digits


def _clip(digit, number):
    """Two or three frames, whose numbers say which recording it is."""
    line = " ".join([str(digit), str(number), *["0.5"] * 11])
    return "            \n" + (line + "\n") * (2 + number % 2)


@pytest.fixture
def builder(tmp_path, monkeypatch):
    """A corpus of 14 speakers and two takes, in parts by digit."""
    folder = tmp_path / "downloads" / "manual" / "spoken_arabic_digits"
    folder.mkdir(parents=True)
    files = {}
    monkeypatch.setattr(spoken_arabic_digits, "_TAKES", 2)
    speakers = {"Train_Arabic_Digit.txt": 14, "Test_Arabic_Digit.txt": 4}
    monkeypatch.setattr(spoken_arabic_digits, "_SPEAKERS", speakers)
    for name, number in speakers.items():
        split = name.partition("_")[0].lower()
        digits = [
            "".join(_clip(d, n) for n in range(2 * number)).encode() for d in range(10)
        ]
        for digit, text in enumerate(digits):
            part = folder / f"{split}_{digit:02}.txt.gz"
            part.write_bytes(gzip.compress(text))
        files[name] = 0, hashlib.sha256(b"".join(digits)).hexdigest()
    monkeypatch.setattr(spoken_arabic_digits, "_FILES", files)
    return SpokenArabicDigits(data_dir=tmp_path)


def test_recordings_keep_their_digit_and_speakers_one_split(builder):
    builder.download_and_prepare()
    speakers = {}
    for split in ("train", "validation", "test"):
        examples = list(tfds.as_numpy(builder.as_dataset(split=split)))
        for example in examples:
            digit, number = example["mfcc"][0, :2]
            assert (digit, number) == (example["digit"], example["number"])
            assert example["mfcc"].shape == (2 + number % 2, 13)
        speakers[split] = {int(e["number"]) // 2 for e in examples}
    # seven men and seven women, of whom the last six are held out; two and two
    assert speakers["train"] == {0, 7} and speakers["test"] == set(range(4))
    assert speakers["validation"] == set(range(14)) - {0, 7}
    woman = builder.info.features["sex"].str2int("woman")
    assert {e["number"] >= 4 for e in examples if e["sex"] == woman} == {True}


def test_parts_of_another_file_are_refused(builder, tmp_path):
    part = "downloads/manual/spoken_arabic_digits/train_03.txt.gz"
    (tmp_path / part).write_bytes(gzip.compress(_clip(3, 0).encode()))
    with pytest.raises(ValueError, match="other parts than those of Train_Arabic"):
        builder.download_and_prepare()


@pytest.mark.full_size("spoken_arabic_digits")
def test_the_published_splits_have_so_many_recordings():
    builder = tfds.builder("spoken_arabic_digits")
    builder.download_and_prepare()
    sizes = {k: s.num_examples for k, s in builder.info.splits.items()}
    assert sizes == {"train": 5400, "validation": 1200, "test": 2200}
    (clips,) = builder.as_dataset(split=["test"])
    lengths = [len(clip["mfcc"]) for clip in tfds.as_numpy(clips)]
    assert np.min(lengths) > 3 and np.max(lengths) < 100
