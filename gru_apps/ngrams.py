"""N-gram models of token sequences: the baseline that a language model has to beat."""

from collections.abc import Sequence

import numpy as np

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class WittenBell:
    """An n-gram model with Witten-Bell smoothing, interpolated down to the uniform.

    `p_n(w | h) = (c(h w) + t(h) p_{n-1}(w | h')) / (c(h) + t(h))`, where `c` counts,
    `t(h)` is the number of different tokens seen after `h`, and `h'` is `h` less its
    first token. Sequences are arrays of integer ids below `vocabulary_size`; each
    begins anew.

    Reference: Witten and Bell, 1991, doi:10.1109/18.87000, method C; the interpolated
    form is that of Chen and Goodman, 1999, doi:10.1006/csla.1999.0128, section 2.4.

    >>> model = WittenBell([[1, 2, 1, 2]], order=2, vocabulary_size=4)
    >>> [round(float(p), 3) for p in model.probabilities([[1, 2, 3]])[0]]
    [0.708, 0.806, 0.042]
    """

    def __init__(self, sequences: Sequence, *, order: int, vocabulary_size: int):
        if order < 1:
            raise ValueError(f"`order` must be at least 1. Received: order={order}")
        self.vocabulary_size = vocabulary_size
        self.tables = []
        for contexts, grams in _hashes(sequences, order):
            grams, first, counts = np.unique(
                grams, return_index=True, return_counts=True
            )
            contexts, where = np.unique(contexts[first], return_inverse=True)
            totals = np.bincount(where, weights=counts)
            kinds = np.bincount(where)
            self.tables.append((grams, counts, contexts, totals, kinds))

    def probabilities(
        self, sequences: Sequence, *, order: int | None = None
    ) -> list[np.ndarray]:
        """Returns the probability of each token given those before it in its sequence.

        `order` may be lower than that of the model.
        """
        order = len(self.tables) if order is None else order
        lengths = [len(sequence) for sequence in sequences]
        p = np.full(sum(lengths), 1 / self.vocabulary_size)
        hashes = _hashes(sequences, order)
        for (contexts, grams), table in zip(hashes, self.tables[:order], strict=True):
            seen = _look_up(table[0], table[1], grams)
            total = _look_up(table[2], table[3], contexts)
            kinds = _look_up(table[2], table[4], contexts)
            smoothed = (seen + kinds * p) / np.maximum(total + kinds, 1)
            p = np.where(total > 0, smoothed, p)
        return np.split(p, np.cumsum(lengths)[:-1])


def _hashes(sequences, order):
    """Yields, for each order, 64-bit hashes of every token's context and of both."""
    ids = np.concatenate([np.asarray(s) for s in sequences]).astype(np.uint64)
    place = np.concatenate([np.arange(len(s)) for s in sequences])
    mixed = (ids + np.uint64(1)) * _MULTIPLIER
    mixed ^= mixed >> np.uint64(29)
    contexts = np.zeros_like(ids)
    for n in range(1, order + 1):
        yield contexts, (contexts * _MULTIPLIER) ^ (mixed + np.uint64(n))
        # one token further back, or that the sequence begins there
        before = np.where(place >= n, np.roll(mixed, n), np.uint64(7))
        contexts = (contexts ^ before) * _MULTIPLIER + np.uint64(n)
        contexts ^= contexts >> np.uint64(31)


def _look_up(keys, values, wanted):
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, values[places], 0)
