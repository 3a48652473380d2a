"""Histories in CSV files -> columns, with the repairs that the public file needs."""

import csv
import difflib
import math
import os
import re

import numpy as np

COLUMNS = ("timestamp", "traffic", "temperature", "clouds", "weather")
_NUMBERS = COLUMNS[1:4]
_PUBLIC = {  # of the Metro Interstate Traffic Volume file, and of autots's copy of it
    "date_time": "timestamp",
    "datetime": "timestamp",
    "traffic_volume": "traffic",
    "temp": "temperature",
    "clouds_all": "clouds",
    "weather_main": "weather",
}
_UNKNOWN = {"", "na", "n/a", "nan", "null"}
# not all that `float` takes: 1_000 and inf are numbers to Python alone
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def read_csv(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Returns the columns of a history by name, each `(rows,)`.

    The first line of the file names its columns: `timestamp` and `traffic`, and if
    they are known `temperature`, `clouds` and `weather`. Others are left alone, unless
    one is nearly the name of a column that is missing. The names of the public file
    serve, too: `date_time`, `traffic_volume`, `temp`, `clouds_all` and `weather_main`.
    Of its flaws these are repaired:

    - what is empty, lacks, or reads NA, N/A, NaN or null becomes NaN, or "" for the
      weather, and so do a temperature of 0 K and the weather "Squall", which the
      corpus lacks;
    - of rows of the same hour the first one stays, with what the others alone know;
      they must agree in the traffic.

    Raises `ValueError`, with the path, for a column that is missing, misspelled or
    there twice, a file without rows or that is no CSV in UTF-8, a row longer than the
    first line or without a time stamp, a number that is none, and an hour with two
    numbers of vehicles.

    Reference: the public file is https://doi.org/10.24432/C5X60B.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            lines = [row for row in csv.reader(file, strict=True) if any(row)]
    except UnicodeDecodeError as error:
        received = f"byte {error.object[error.start]:#04x}"
        raise ValueError(f"{path} must be UTF-8. Received: {received}") from None
    except csv.Error as error:
        raise ValueError(f"{path} must be a CSV file. Received: {error}") from None
    if any("\0" in text for row in lines for text in row):
        raise ValueError(f"{path} must be text. Received: a byte of 0")
    places = _places(lines[0] if lines else [], path)
    hours = {}
    for row in lines[1:]:
        _keep(_cells(row, len(lines[0]), places, path), hours, path)
    if not hours:
        raise ValueError(f"{path} must have rows.")
    columns = zip(*hours.values(), strict=True)
    types = {name: "f4" for name in _NUMBERS}
    return {
        name: np.array(column, types.get(name))
        for name, column in zip(COLUMNS, columns, strict=True)
    }


def _places(header, path):
    """Returns where in a row each column stands."""
    names = [_PUBLIC.get(name.strip(), name.strip()) for name in header]
    for name in COLUMNS:
        if name in COLUMNS[:2] and name not in names:
            raise ValueError(f"{path} must have a column {name!r} in its first line.")
        if names.count(name) > 1:
            twice = [h for h, n in zip(header, names, strict=True) if n == name]
            raise ValueError(
                f"{path} must have one column for `{name}`. "
                f"Received: {', '.join(twice)}"
            )
    for name in names:  # a column that is misspelled would be unknown without a word
        missing = [known for known in [*COLUMNS, *_PUBLIC] if known not in names]
        missing = [n for n in missing if _PUBLIC.get(n, n) not in names]
        close = difflib.get_close_matches(name.lower(), missing, 1, 0.8)
        if close and name not in COLUMNS:
            raise ValueError(
                f"{path}: if a column is meant to be {close[0]!r}, it must be called "
                f"so. Received: {name!r}"
            )
    return {name: names.index(name) for name in COLUMNS if name in names}


def _cells(row, width, places, path):
    """Returns the values of a row, in the order of the columns."""
    if any(row[width:]):  # a comma in a number, perhaps
        raise ValueError(
            f"{path} must have {width} values a row. Received: {','.join(row)[:80]!r}"
        )
    texts = {
        name: row[place].strip() for name, place in places.items() if place < len(row)
    }
    cells = [texts.get("timestamp", "")]
    cells += [_number(texts.get(name, ""), path, name) for name in _NUMBERS]
    weather = texts.get("weather", "")
    unknown = weather == "Squall" or weather.lower() in _UNKNOWN
    if cells[2] == 0:
        cells[2] = math.nan
    return [*cells, "" if unknown else weather]


def _keep(cells, hours, path):
    """Puts a row among the hours, or gives what it alone knows to the one before."""
    timestamp = cells[0]
    if not timestamp:
        raise ValueError(f"{path}: each row must have a `timestamp`. Received: ''")
    key = timestamp.replace("T", " ")
    key = key[:16] if key[16:] == ":00" else key
    first = hours.setdefault(key, cells)
    traffic = [row[1] for row in (first, cells) if not math.isnan(row[1])]
    if len(set(traffic)) > 1:
        raise ValueError(
            f"{path}: `traffic` of {timestamp} must be there once. "
            f"Received: {traffic[0]:g} and {traffic[1]:g}"
        )
    for place, value in enumerate(cells):
        # NaN is not itself
        if first[place] == "" or first[place] != first[place]:
            first[place] = value


def _number(text, path, name):
    if text.lower() in _UNKNOWN:
        return math.nan
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    if abs(number) > float(np.finfo("float32").max):
        raise ValueError(f"{path}: `{name}` must be numbers. Received: {text[:80]!r}")
    return number
