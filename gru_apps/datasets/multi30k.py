"""Captions of photographs in English and German, which papers on translation use."""

import gzip
import pathlib

import tensorflow_datasets as tfds

from gru_apps.datasets import addresses, packages

_ADDRESS = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/"
_FILES = {  # size in bytes and sha256
    "train.de.gz": (
        637_044,
        "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
    ),
    "train.en.gz": (
        568_929,
        "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
    ),
    "val.de.gz": (
        24_681,
        "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
    ),
    "val.en.gz": (
        21_650,
        "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
    ),
    "test_2016_flickr.de.gz": (
        22_890,
        "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
    ),
    "test_2016_flickr.en.gz": (
        21_077,
        "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
    ),
}
_SPLITS = {"train": "train", "validation": "val", "test": "test_2016_flickr"}
LANGUAGES = ("en", "de")
_DESCRIPTION = """\
Captions of photographs: 29,000 pairs of an English sentence and its German translation
for training, 1,014 for validation, and the 1,000 of 2016 for testing, as people wrote
them.

The files are fetched from GitHub, not from the package index; those that lie in
`downloads/manual/` of the data folder are taken instead. Licence: none is stated; the
English captions are those of Flickr30k."""
_CITATION = """\
@inproceedings{elliott2016multi30k,
  author = {Elliott, Desmond and Frank, Stella and Sima'an, Khalil and Specia, Lucia},
  title = {Multi30K: Multilingual English-German Image Descriptions},
  booktitle = {Workshop on Vision and Language},
  year = {2016},
}"""


class Multi30k(packages.CorpusBuilder):
    """Pairs of captions, with the published splits; features: `en` and `de`."""

    VERSION = tfds.core.Version("1.0.0")
    url_infos = addresses.url_infos(_ADDRESS, _FILES)

    def _info(self) -> tfds.core.DatasetInfo:
        features = {language: tfds.features.Text() for language in LANGUAGES}
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(features),
            supervised_keys=LANGUAGES,
            homepage="https://github.com/multi30k/dataset",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        return {
            split: self._generate_examples(
                *(
                    addresses.fetched(dl_manager, f"{_ADDRESS}{name}.{language}.gz")
                    for language in LANGUAGES
                )
            )
            for split, name in _SPLITS.items()
        }

    def _generate_examples(self, *paths: pathlib.Path):
        columns = [
            gzip.decompress(path.read_bytes()).decode().rstrip("\n").split("\n")
            for path in paths
        ]
        for number, lines in enumerate(zip(*columns, strict=True)):
            yield number, dict(zip(LANGUAGES, map(str.strip, lines), strict=True))
