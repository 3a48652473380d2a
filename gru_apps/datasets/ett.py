"""Hourly load and oil temperature of two electricity transformers, over two years."""

import csv

import numpy as np
import tensorflow_datasets as tfds

from gru_apps.datasets import addresses, packages

_ADDRESS = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small/"
_FILES = {  # size in bytes and sha256
    "ETTh1.csv": (
        2_589_657,
        "f18de3ad269cef59bb07b5438d79bb3042d3be49bdeecf01c1cd6d29695ee066",
    ),
    "ETTh2.csv": (
        2_417_960,
        "a3dc2c597b9218c7ce1cd55eb77b283fd459a1d09d753063f944967dd6b9218b",
    ),
}
CHANNELS = ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")
_MONTH = 30 * 24  # hours
_MONTHS = {"train": 12, "validation": 4, "test": 4}
_DESCRIPTION = """\
Six loads and the oil temperature of an electricity transformer in a county of China,
hour by hour from July 2016: the config `h1` is one transformer, `h2` another.

Splits are those that papers on long forecasts use: 12 months of 30 days for training,
then four for validation, then four for testing. The hours after them, to June 2018,
are left out. An hour is one example, and each split is in the order of time.

The files are fetched from GitHub, not from the package index. A file `ETTh1.csv` or
`ETTh2.csv` that lies in `downloads/manual/` of the data folder is taken instead.

Licence: CC BY-ND 4.0: the data may be shared, changed copies of them may not."""
_CITATION = """\
@inproceedings{zhou2021informer,
  author = {Zhou, Haoyi and Zhang, Shanghang and Peng, Jieqi and Zhang, Shuai and
            Li, Jianxin and Xiong, Hui and Zhang, Wancai},
  title = {Informer: Beyond Efficient Transformer for Long Sequence Time-Series
           Forecasting},
  booktitle = {AAAI},
  year = {2021},
}"""


class Ett(packages.CorpusBuilder):
    """Hours of a transformer in the order of time, split by time.

    Features:
    - `timestamp`, the hour's beginning, as "2016-07-01 00:00:00";
    - `HUFL`, `HULL`, `MUFL`, `MULL`, `LUFL`, `LULL` (float32): high, middle and low
      load, useful and useless, which may be below zero;
    - `OT` (float32): the temperature of the oil, degrees Celsius.
    """

    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name="h1", description="The first transformer."),
        tfds.core.BuilderConfig(name="h2", description="The second transformer."),
    ]
    url_infos = addresses.url_infos(_ADDRESS, _FILES)

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "timestamp": tfds.features.Text(),
                    **dict.fromkeys(CHANNELS, np.float32),
                }
            ),
            homepage="https://github.com/zhouhaoyi/ETDataset",
            citation=_CITATION,
            # hours in the order of time are what the corpus is
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        name = f"ETT{self.builder_config.name}.csv"
        path = addresses.fetched(dl_manager, _ADDRESS + name)
        with open(path, encoding="utf-8", newline="") as file:
            hours = [_hour(row) for row in csv.DictReader(file)]
        ends = _MONTH * np.cumsum(list(_MONTHS.values()))
        parts = np.split(np.array(hours, object), ends)
        return {
            k: self._generate_examples(v) for k, v in zip(_MONTHS, parts, strict=False)
        }

    def _generate_examples(self, hours):
        yield from enumerate(hours)


def _hour(row):
    return {"timestamp": row["date"], **{name: float(row[name]) for name in CHANNELS}}
