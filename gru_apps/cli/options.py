"""The options of `predict`: `questions.KINDS` says which model takes which.

And those of `export`.
"""

import argparse
import pathlib

INT32 = range(-(2**31), 2**31)  # what a signature takes; more would wrap around


def integer(text: str) -> int:
    """Reads digits, with a sign perhaps; `int` alone would take 1_000 as well.

    >>> integer("-7")
    -7
    """
    return int(_without_underscores(text))


def number(text: str) -> float:
    """Reads a decimal number, as `integer` does.

    >>> number("1e-3")
    0.001
    """
    return float(_without_underscores(text))


def words(text: str) -> str:
    """Takes words as they are."""
    return text


def _without_underscores(text):
    if "_" in text or not text.isascii():
        raise ValueError(f"Digits must stand together. Received: {text}")
    return text


OPTIONS = [
    ("--seed", integer, "(0)"),
    ("--temperature", number, "(1.0)"),
    ("--length", integer, "characters (300)"),
    ("--top-p", number, "nucleus (1.0)"),
    ("--steps", integer, "sixteenths (128)"),
    ("--primer", str, "a .mid file to go on from"),
    ("--harmonize", str, "a .mid file of voices, to which the others are found"),
    ("--voices", words, "which voices it has, as in soprano,none,bass (soprano)"),
    ("--key", words, "of the music, as in 'G minor' (what fits)"),
    ("--out", str, "a .mid or .wav file to write"),
    ("--n-best", integer, "so many translations, with their scores"),
    ("--attention", bool, "which characters each word of a translation looked at"),
]


def add(parser) -> None:
    """Adds the options to a parser or a group of it; what is not given is None."""
    for flag, kind, description in OPTIONS:
        if kind is bool:
            parser.add_argument(
                flag, action="store_true", default=None, help=description
            )
            continue
        metavar = "FILE" if kind is str else None
        parser.add_argument(flag, type=kind, metavar=metavar, help=description)


def add_to_export(parser) -> None:
    """Adds what `export` takes to its parser."""
    parser.add_argument("name", metavar="NAME", help="of a SavedModel")
    parser.add_argument("--to", choices=("litert", "onnx"), required=True)
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=folder,
        help="(build/exports/NAME-FORMAT, and -QUANTIZE where weights are smaller)",
    )
    parser.add_argument("--quantize", choices=("float16", "int8"), help="of weights")


def folder(path: str) -> pathlib.Path:
    """Takes the name of a folder, which must not be empty."""
    if not path:  # which pathlib would take for the folder that one is in
        raise argparse.ArgumentTypeError("it must name a folder")
    return pathlib.Path(path)


def flag(name: str) -> str:
    """Returns how an option is written.

    >>> flag("top_p")
    '--top-p'
    """
    return f"--{name.replace('_', '-')}"


def check_ranges(asked) -> None:
    """Raises `ValueError` for a number that no model takes."""
    for name in ("seed", "length", "steps"):
        value = getattr(asked, name)
        if value is not None and value not in INT32:
            raise ValueError(
                f"{flag(name)} must be {INT32[0]} to {INT32[-1]}. Received: {value}"
            )
    temperature, top_p = asked.temperature, asked.top_p
    if temperature is not None and not 0 <= temperature < float("inf"):
        raise ValueError(
            f"--temperature must be finite, and at least 0. Received: {temperature}"
        )
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"--top-p must be above 0, at most 1. Received: {top_p}")
