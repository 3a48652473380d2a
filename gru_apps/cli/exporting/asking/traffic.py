"""Asks for the traffic of the next 24 hours: python ask.py history.csv"""

import csv
import datetime
import pathlib
import sys

import numpy as np

from gru_apps.cli.exporting.asking import hours, runtime


def answer(networks, **columns):
    """Returns `timestamp`, `median`, `lower` and `upper` for each of some histories.

    `columns` are `timestamp`, `traffic`, `temperature`, `clouds` and `weather`, each a
    list of lists, whose rows are hours; NaN and "" are unknown.
    """
    histories = zip(*columns.values(), strict=True)
    histories = [dict(zip(columns, rows, strict=True)) for rows in histories]
    answers = [_answer(networks, **history) for history in histories]
    return {name: [each[name] for each in answers] for name in answers[0]}


def _answer(networks, timestamp, traffic, temperature, clouds, weather):
    settings = networks.encoding
    length, horizon = settings["length"], settings["horizon"]
    stamps = [datetime.datetime.fromisoformat(stamp) for stamp in timestamp]
    first = max(stamps) - datetime.timedelta(hours=length - 1)
    history = np.full((1, length, 3 + len(settings["weather"])), np.nan, "float32")
    for stamp, *numbers, word in zip(
        stamps, traffic, temperature, clouds, weather, strict=True
    ):
        if stamp >= first:
            place = (stamp - first) // datetime.timedelta(hours=1)
            flags = [float(word == known) for known in settings["weather"]]
            history[0, place] = [*numbers, *flags]
    all_hours = [first + datetime.timedelta(hours=n) for n in range(length + horizon)]
    calendar = [hours.calendar(hour, settings) for hour in all_hours]
    calendar = np.array([calendar], "float32")
    (found,) = networks("forecaster", history=history, calendar=calendar)["quantiles"]
    found = np.maximum(found, 0)
    middle = found.shape[1] // 2
    stamps = [hour.isoformat(" ") for hour in all_hours[length:]]
    bounds = {"median": middle, "lower": 0, "upper": -1}
    return {"timestamp": stamps} | {k: found[:, place] for k, place in bounds.items()}


if __name__ == "__main__":
    networks = runtime.Networks(pathlib.Path(__file__).parent)
    with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    table = {name: [[r[name] for r in rows]] for name in ("timestamp", "weather")}
    for name in ("traffic", "temperature", "clouds"):
        table[name] = [[float(row[name] or "nan") for row in rows]]
    columns = {name: rows[0] for name, rows in answer(networks, **table).items()}
    for stamp, *numbers in zip(*columns.values(), strict=True):
        print(stamp, *(f"{number:.0f}" for number in numbers))
