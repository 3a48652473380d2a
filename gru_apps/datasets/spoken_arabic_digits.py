"""Spoken Arabic digits, as the MFCCs that the UCI repository has of them."""

import gzip
import hashlib
import pathlib

import numpy as np
import tensorflow_datasets as tfds

from gru_apps.datasets import addresses, packages

_ADDRESS = "https://archive.ics.uci.edu/ml/machine-learning-databases/00195/"
_FILES = {  # size in bytes and sha256
    "Train_Arabic_Digit.txt": (
        28_343_795,
        "cecd3ee9951658e5391f0342e9b6467ba7c0e7ecff5c9012b9c1ed9f81b97bc6",
    ),
    "Test_Arabic_Digit.txt": (
        9_371_474,
        "de40eac66ce18fca8924bad592002ee7ef646fc84d48b065ce21ac9f88946922",
    ),
}
_SPEAKERS = {"Train_Arabic_Digit.txt": 66, "Test_Arabic_Digit.txt": 22}
_HELD_OUT = 6  # speakers of each sex, the last ones of those for training
_TAKES = 10
_DESCRIPTION = """\
44 men and 44 women, native speakers of Arabic, say each of the ten digits ten times. Of
every recording there are 13 MFCCs of each frame, made of 11 kHz audio.

The published splits are 66 speakers for training and 22 others for testing. Of the 66,
the last six men and six women are the split `validation` here: `train+validation` is
the published training set.

The files are fetched from the UCI repository, not from the package index. Files of
these names that lie in `downloads/manual/` of the data folder are taken instead, and so
are they in ten parts, `spoken_arabic_digits/train_00.txt.gz` and so on.

Licence: CC BY 4.0."""
_CITATION = """\
@inproceedings{hammami2010improved,
  author = {Hammami, Nacereddine and Bedda, Mouldi},
  title = {Improved Tree Model for Arabic Speech Recognition},
  booktitle = {IEEE International Conference on Computer Science and Information
               Technology},
  year = {2010},
}"""


class SpokenArabicDigits(packages.CorpusBuilder):
    """Recordings of single digits, split by speaker.

    Features: `mfcc` (float32, frames by 13), `digit`, `sex` and `number`, the place of
    the recording among those of its digit and split by speaker and take.
    """

    VERSION = tfds.core.Version("1.0.0")
    url_infos = addresses.url_infos(_ADDRESS, _FILES)

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "mfcc": tfds.features.Tensor(shape=(None, 13), dtype=np.float32),
                    "digit": tfds.features.ClassLabel(num_classes=10),
                    "sex": tfds.features.ClassLabel(names=["man", "woman"]),
                    "number": np.int32,
                }
            ),
            supervised_keys=("mfcc", "digit"),
            homepage="https://archive.ics.uci.edu/dataset/195/spoken+arabic+digit",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        splits = {"train": [], "validation": [], "test": []}
        for name, speakers in _SPEAKERS.items():
            for example in _recordings(_text(name, dl_manager), speakers * _TAKES):
                speaker = example["number"] // _TAKES % (speakers // 2)
                split = "train" if speaker < speakers // 2 - _HELD_OUT else "validation"
                splits["test" if name.startswith("Test") else split].append(example)
        return {name: self._generate_examples(part) for name, part in splits.items()}

    def _generate_examples(self, examples):
        for example in examples:
            yield "{digit}_{number}".format(**example), example


def _text(name, dl_manager):
    """Reads a file, or its parts by digit where they lie in `manual/`."""
    split = name.partition("_")[0].lower()
    folder = pathlib.Path(dl_manager.download_dir, "manual", "spoken_arabic_digits")
    parts = [folder / f"{split}_{digit:02}.txt.gz" for digit in range(10)]
    if not all(part.exists() for part in parts):
        return addresses.fetched(dl_manager, _ADDRESS + name).read_text("ascii")
    content = b"".join(gzip.decompress(part.read_bytes()) for part in parts)
    if hashlib.sha256(content).hexdigest() != _FILES[name][1]:
        raise ValueError(f"{folder} has other parts than those of {name}: remove them.")
    return content.decode("ascii")


def _recordings(text, number_of_a_digit):
    """Yields recordings, which lines of spaces part, in the order of digits."""
    frames, clips = [], []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            frames.append(np.array(line.split(), np.float32))
        elif frames:
            clips.append(np.stack(frames))
            frames = []
    for place, mfcc in enumerate(clips):
        digit, number = divmod(place, number_of_a_digit)
        sex = "man" if number < number_of_a_digit // 2 else "woman"
        yield {"mfcc": mfcc, "digit": digit, "sex": sex, "number": number}
