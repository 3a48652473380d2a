"""N-gram models of token sequences: the baseline that a language model has to beat."""

from collections.abc import Sequence

import numpy as np

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class _Interpolated:
    """Mixes each order with the one below it, down to the uniform.

    `p_n(w | h) = (value(h w) + weight(h) p_{n-1}(w | h')) / total(h)`, where `h'` is
    `h` less its first token; a history that was never seen leaves it to `h'`. Sequences
    are arrays of integer ids below `vocabulary_size`; each begins anew.
    """

    def __init__(self, sequences: Sequence, *, order: int, vocabulary_size: int):
        if order < 1:
            raise ValueError(f"`order` must be at least 1. Received: order={order}")
        self.vocabulary_size = vocabulary_size
        self._check(sequences)
        self.tables = []
        for contexts, grams, counts in self._counted(sequences, order):
            contexts, where = np.unique(contexts, return_inverse=True)
            values, weights, totals = self._smoothed(counts, where)
            self.tables.append((grams, values, contexts, weights, totals))

    def _check(self, sequences):
        ids = [np.asarray(sequence) for sequence in sequences if len(sequence)]
        least = min((row.min() for row in ids), default=0)
        most = max((row.max() for row in ids), default=0)
        if least < 0 or most >= self.vocabulary_size:
            raise ValueError(
                f"Ids must be from 0 to {self.vocabulary_size - 1}. "
                f"Received: {least} to {most}"
            )

    def _probabilities(self, sequences, order):
        self._check(sequences)
        lengths = [len(sequence) for sequence in sequences]
        p = np.full(sum(lengths), 1 / self.vocabulary_size)
        hashes = _hashes(sequences, order)
        for (contexts, grams), table in zip(hashes, self.tables[:order], strict=True):
            value = _look_up(table[0], table[1], grams)
            weight = _look_up(table[2], table[3], contexts)
            total = _look_up(table[2], table[4], contexts)
            p = np.where(total > 0, (value + weight * p) / np.maximum(total, 1), p)
        return np.split(p, np.cumsum(lengths)[:-1])


class WittenBell(_Interpolated):
    """An n-gram model with Witten-Bell smoothing, interpolated down to the uniform.

    `p_n(w | h) = (c(h w) + t(h) p_{n-1}(w | h')) / (c(h) + t(h))`, where `c` counts,
    `t(h)` is the number of different tokens seen after `h`, and `h'` is `h` less its
    first token. Sequences are arrays of integer ids below `vocabulary_size`; each
    begins anew. An id of 0 counts as any other: cut padding off. Raises `ValueError`
    for an `order` below 1 and for ids out of range.

    Reference: Witten and Bell, 1991, doi:10.1109/18.87000, method C; the interpolated
    form is that of Chen and Goodman, 1999, doi:10.1006/csla.1999.0128, section 2.4.

    >>> model = WittenBell([[1, 2, 1, 2]], order=2, vocabulary_size=4)
    >>> [round(float(p), 3) for p in model.probabilities([[1, 2, 3]])[0]]
    [0.708, 0.806, 0.042]
    """

    def probabilities(
        self, sequences: Sequence, *, order: int | None = None
    ) -> list[np.ndarray]:
        """Returns the probability of each token given those before it in its sequence.

        `order` may be lower than that of the model.
        """
        order = len(self.tables) if order is None else order
        return self._probabilities(sequences, order)

    def _counted(self, sequences, order):
        for contexts, grams in _hashes(sequences, order):
            grams, first, counts = _unique(grams)
            yield contexts[first], grams, counts

    def _smoothed(self, counts, where):
        kinds = np.bincount(where)
        return counts, kinds, np.bincount(where, weights=counts) + kinds


class KneserNey(_Interpolated):
    """An n-gram model with modified Kneser-Ney smoothing, interpolated.

    `p_n(w | h) = (c(h w) - D(c(h w)) + g(h) p_{n-1}(w | h')) / c(h)`, where `g(h)` is
    the sum of what was taken from the counts after `h`. Below the highest order, `c`
    does not count occurrences, but the different tokens (or the beginning) before them.
    The discounts for counts of 1, 2, and 3 or more come from the numbers of n-grams
    counted once to four times, order by order; where these are too few for that (one
    is zero, or a discount would be negative), they are 0.5, 1 and 1.5. Sequences are
    arrays of integer ids below `vocabulary_size`; each begins anew. An id of 0 counts
    as any other: cut padding off. Raises `ValueError` for an `order` below 1 and for
    ids out of range.

    Reference: Chen and Goodman, 1999, doi:10.1006/csla.1999.0128, section 3.

    >>> model = KneserNey([[1, 2, 1, 2]], order=2, vocabulary_size=4)
    >>> [round(float(p), 3) for p in model.probabilities([[1, 2, 3]])[0]]
    [0.729, 0.646, 0.062]
    """

    def probabilities(self, sequences: Sequence) -> list[np.ndarray]:
        """Returns the probability of each token given those before it."""
        return self._probabilities(sequences, len(self.tables))

    def _counted(self, sequences, order):
        lower = None
        for contexts, grams in _hashes(sequences, order):
            kinds, first, counts = _unique(grams)
            if lower:  # each kind stands for one token before the n-gram without it
                yield lower[0], *_seen(lower[1], lower[2][first])
            lower = contexts[first], kinds, grams
        yield lower[0], kinds, counts

    def _smoothed(self, counts, where):
        n = np.bincount(np.minimum(counts, 5), minlength=5)
        few = np.arange(1, 4)
        share = n[1] / np.maximum(n[1] + 2 * n[2], 1)
        discounts = few - (few + 1) * share * n[2:5] / np.maximum(n[1:4], 1)
        if not n[1:5].all() or (discounts < 0).any():
            discounts = few / 2
        taken = discounts[np.minimum(counts, 3) - 1]
        weights = np.bincount(where, weights=taken)
        return counts - taken, weights, np.bincount(where, weights=counts)


def _unique(grams):
    return np.unique(grams, return_index=True, return_counts=True)


def _seen(kinds, grams):
    return kinds, np.bincount(np.searchsorted(kinds, grams), minlength=len(kinds))


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
