"""Sentences that people rated from very negative to very positive."""

import hashlib
import re

import numpy as np
import tensorflow_datasets as tfds

from gru_apps.datasets import packages

ARCHIVE = packages.Archive(
    "vaderSentiment==3.3.2",
    "vaderSentiment-3.3.2.tar.gz",
    "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
)
_FILES = {
    "movies": "movieReviewSnippets",
    "products": "amazonReviewSnippets",
    "editorials": "nytEditorialSnippets",
    "tweets": "tweets",
}
_LEXICON = "vaderSentiment/vader_lexicon.txt"
_DESCRIPTION = """\
English sentences, each with the mean of the ratings from -4 to 4 that 20 people or more
gave it for its sentiment. The label is the sign of the rating; those rated nearer to
neutral than 0.5 are left out. `movies` holds sentences of film reviews, `products` of
product reviews, `editorials` of newspaper editorials; `tweets` are whole messages.
`neutral` holds those of all four kinds that are rated nearer to 0 than 0.25, each with
its kind and without a label: most of them state no opinion. `words` are single words,
rated by 10 people each, out of all context. Texts are as they were published with the
ratings, HTML entities and all.

Films and tweets are split by their text, products and editorials by the document they
come from; of a sentence that stands in several documents only the first is kept.

Licence: the ratings come with vaderSentiment, under the MIT licence. No licence is
stated for the texts, which Rotten Tomatoes, Amazon, The New York Times and Twitter
published."""
_CITATION = """\
@inproceedings{hutto2014vader,
  author = {Hutto, C. J. and Gilbert, Eric},
  title = {{VADER}: A Parsimonious Rule-Based Model for Sentiment Analysis of Social
           Media Text},
  booktitle = {Proceedings of the Eighth International Conference on Weblogs and
               Social Media},
  year = {2014},
}"""


class MovieSnippets(packages.CorpusBuilder):
    """Film-review sentences, and other kinds of text, with their sentiment.

    Features: `text`, `label` (0 negative, 1 positive; -1, none, for neutral ones) and
    `rating` (float32); of neutral sentences the `kind`, too, the name of another
    config.
    """

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name=name, description=f"The ratings of {name}.")
        for name in [*_FILES, "neutral", "words"]
    ]

    def _info(self) -> tfds.core.DatasetInfo:
        features = {
            "text": tfds.features.Text(),
            "label": tfds.features.ClassLabel(names=["negative", "positive"]),
            "rating": np.float32,
        }
        if self.builder_config.name == "neutral":
            features["kind"] = tfds.features.Text()
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(features),
            supervised_keys=("text", "label"),
            homepage="https://github.com/cjhutto/vaderSentiment",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        archive = packages.fetch(ARCHIVE, dl_manager.download_dir)
        name = self.builder_config.name
        splits = {"train": [], "validation": [], "test": []}
        for kind in _FILES if name == "neutral" else [name]:
            for source, *row in self._rows(_lines(archive, kind)):
                splits[_split(source)].append([kind, *row])
        return {name: self._generate_examples(rows) for name, rows in splits.items()}

    def _rows(self, lines):
        """Yields source, key, rating and text; one source goes to one split."""
        sources, wants_neutral = {}, self.builder_config.name == "neutral"
        for key, rating, text in lines:
            folded = re.sub(r"[\W_]+", " ", text.casefold()).strip()
            document, is_sentence, _ = key.partition("_")
            source = document if is_sentence else folded
            first = sources.setdefault(folded, source) == source
            strength = abs(float(rating))
            if first and (strength < 0.25 if wants_neutral else strength >= 0.5):
                yield source, key, float(rating), text

    def _generate_examples(self, rows):
        for kind, key, rating, text in rows:
            label = "positive" if rating > 0 else "negative"
            example = {"text": text, "label": label, "rating": rating}
            if self.builder_config.name == "neutral":
                key = f"{kind}-{key}"
                example |= {"label": -1, "kind": kind}
            yield key, example


def _lines(archive, kind):
    """Yields key, rating and text of all that was rated of one kind."""
    if kind == "words":
        yield from _lexicon_lines(packages.read_member(archive, _LEXICON))
        return
    resources = "additional_resources/hutto_ICWSM_2014.tar.gz"
    member = f"hutto_ICWSM_2014/{_FILES[kind]}_GroundTruth.txt"
    content = packages.read_member(archive, resources, member).decode("utf-8")
    yield from (line.split("\t") for line in content.split("\r\n"))


def _lexicon_lines(content: bytes):
    """Yields key, rating and text of the words, and leaves emoticons out."""
    for number, line in enumerate(content.decode("utf-8").splitlines()):
        text, rating, *_ = line.split("\t")
        if text[:1].isalpha():
            yield f"word{number}", rating, text


def _split(source: str) -> str:
    percent = int(hashlib.sha256(source.encode()).hexdigest(), 16) % 100
    return "train" if percent < 80 else "validation" if percent < 90 else "test"
