"""Asks for the traffic of the next 24 hours: python ask.py history.csv"""

import datetime
import math

import numpy as np

from gru_apps.applications.traffic import histories
from gru_apps.cli.exporting.asking import hours, runtime


def answer(networks, **columns):
    """Returns `timestamp`, `median`, `lower` and `upper` for each of some histories.

    `columns` are `timestamp`, `traffic`, `temperature`, `clouds` and `weather`, each a
    list of lists, whose rows are hours; NaN and "" are unknown, and a row without a
    time stamp is padding. Raises `ValueError` for what the SavedModel refuses.
    """
    asked = zip(*columns.values(), strict=True)
    asked = [dict(zip(columns, rows, strict=True)) for rows in asked]
    answers = [_answer(networks, **history) for history in asked]
    names = ("timestamp", "median", "lower", "upper")
    return {name: [each[name] for each in answers] for name in names}


def _answer(networks, timestamp, traffic, temperature, clouds, weather):
    settings = networks.encoding
    length, horizon = settings["length"], settings["horizon"]
    numbers = {"traffic": traffic, "temperature": temperature, "clouds": clouds}
    _check_values(numbers, weather, settings)
    rows = zip(timestamp, traffic, temperature, clouds, weather, strict=True)
    rows = [(hours.hour_of(stamp), *row) for stamp, *row in rows if stamp]
    stamps = [stamp for stamp, *_ in rows]
    first = _first(stamps, length)
    history = np.full((1, length, 3 + len(settings["weather"])), np.nan, "float32")
    for stamp, *numbers, word in rows:
        if stamp >= first:
            place = (stamp - first) // datetime.timedelta(hours=1)
            flags = [float(word == known) for known in settings["weather"]]
            history[0, place] = [*numbers, *flags]
    if (known := np.isfinite(history[0, :, 0]).sum()) < length // 2:
        raise ValueError(
            f"`traffic` must be known in half of the last {length} hours. "
            f"Received: [{known}]"
        )
    all_hours = [first + datetime.timedelta(hours=n) for n in range(length + horizon)]
    calendar = [hours.calendar(hour, settings) for hour in all_hours]
    calendar = np.array([calendar], "float32")
    (found,) = networks("forecaster", history=history, calendar=calendar)["quantiles"]
    found = np.maximum(found, 0)
    middle = found.shape[1] // 2
    stamps = [hour.isoformat(" ") for hour in all_hours[length:]]
    bounds = {"median": middle, "lower": 0, "upper": -1}
    return {"timestamp": stamps} | {k: found[:, place] for k, place in bounds.items()}


def _check_values(numbers, weather, settings):
    for name, (least, most, unit) in settings["limits"].items():
        for value in np.float32(numbers[name]):
            if not (math.isnan(value) or least <= value <= most):
                raise ValueError(
                    f"`{name}` must be {unit}, or NaN. Received: [{value:g}]"
                )
    for word in weather:
        if word not in ["", *settings["weather"]]:
            known = ", ".join(settings["weather"])
            raise ValueError(
                f'`weather` must be empty or one of {known}. Received: ["{word}"]'
            )


def _first(stamps, length):
    """Returns the first of the last hours; `ValueError` if there are not enough."""
    span = max(stamps) - min(stamps) if stamps else -datetime.timedelta(hours=1)
    reach = span // datetime.timedelta(hours=1) + 1
    if reach < length:
        raise ValueError(
            f"`timestamp` must reach back {length} hours at least. Received: [{reach}]"
        )
    first = max(stamps) - datetime.timedelta(hours=length - 1)
    recent = sorted(stamp for stamp in stamps if stamp >= first)
    steps = [after - before for before, after in zip(recent, recent[1:])]  # noqa: B905
    for step, stamp in zip(steps, recent):  # noqa: B905
        if not step:
            raise ValueError(
                f'`timestamp` must not be there twice. Received: ["{stamp}"]'
            )
    if datetime.timedelta(hours=1) not in steps:
        raise ValueError(
            f"`timestamp` must be hourly, and these are the rows of {length} hours. "
            f"Received: [{len(recent)}]"
        )
    return first


def _ask(networks, arguments):
    table = histories.read_csv(arguments[0])
    table = {name: [column.tolist()] for name, column in table.items()}
    columns = {name: rows[0] for name, rows in answer(networks, **table).items()}
    for stamp, *numbers in zip(*columns.values(), strict=True):
        print(stamp, *(f"{number:.0f}" for number in numbers))


if __name__ == "__main__":
    runtime.main(_ask, "a CSV file", most=1)
