"""Two Japanese vowels, one after the other, as said by nine men."""

import numpy as np
import tensorflow_datasets as tfds

from gru_apps.datasets import packages

ARCHIVE = packages.Archive(
    "aeon==1.3.0",
    "aeon-1.3.0-py3-none-any.whl",
    "90e69e7dce01035395468f9afd83f15e34d66513e709456e4dd7763c9aa3cda8",
)
_DESCRIPTION = """\
Nine men say the Japanese vowels a and e, one after the other. Of every recording there
are 12 cepstra of each of its 7 to 29 frames; who speaks is to be found. The published
splits are 30 recordings of each man for training and 370 others, 24 to 88 of a man, for
testing. The corpus is that of Kudo et al. in the UCI repository; it comes with aeon.

Licence: CC BY 4.0."""
_CITATION = """\
@article{kudo1999multidimensional,
  author = {Kudo, Mineichi and Toyama, Jun and Shimbo, Masaru},
  title = {Multidimensional Curve Classification Using Passing-Through Regions},
  journal = {Pattern Recognition Letters},
  volume = {20},
  number = {11--13},
  year = {1999},
}"""


class JapaneseVowels(packages.CorpusBuilder):
    """Recordings of two vowels, with the published splits.

    Features: `cepstra` (float32, frames by 12), `speaker` and `number`, the place of
    the recording in its split, where those of a speaker stand together.
    """

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "cepstra": tfds.features.Tensor(shape=(None, 12), dtype=np.float32),
                    "speaker": tfds.features.ClassLabel(num_classes=9),
                    "number": np.int32,
                }
            ),
            supervised_keys=("cepstra", "speaker"),
            homepage="https://archive.ics.uci.edu/dataset/128/japanese+vowels",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        path = packages.fetch(ARCHIVE, dl_manager.download_dir)
        folder = "aeon/datasets/data/JapaneseVowels/JapaneseVowels_"
        return {
            split: self._generate_examples(
                packages.read_member(path, f"{folder}{split.upper()}.ts").decode()
            )
            for split in ("train", "test")
        }

    def _generate_examples(self, text):
        lines = text.partition("@data")[2].split()
        for number, line in enumerate(lines):
            *cepstra, speaker = line.split(":")
            cepstra = np.array([c.split(",") for c in cepstra], np.float32).T
            speaker = int(speaker) - 1
            yield number, {"cepstra": cepstra, "speaker": speaker, "number": number}
