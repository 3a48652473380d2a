"""What a signature answers, as plain rows: for programs that print or send it."""

from collections.abc import Mapping

import numpy as np


def rows(answers: Mapping) -> list[dict]:
    """Turns the tensors `(batch, ...)` that a signature returns into one dict a row.

    Bytes become text, with U+FFFD for what is not UTF-8, and arrays become lists.

    >>> rows({"label": np.array([b"good"], object), "score": np.array([0.5])})
    [{'label': 'good', 'score': 0.5}]
    """
    columns = {name: _plain(np.asarray(tensor)) for name, tensor in answers.items()}
    each = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in each]


def _plain(array):
    if array.dtype == object:  # bytes
        decode = np.vectorize(lambda t: t.decode(errors="replace"), otypes=[object])
        array = decode(array)
    return array.tolist()
