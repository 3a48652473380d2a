import collections
import itertools

import numpy as np
import pytest

from gru_apps.baselines.ngrams import KneserNey, WittenBell

SEQUENCES = [[1, 2, 1, 2, 3], [2, 2, 1], [3, 1, 2]]


def _by_the_definition(sequences, vocabulary_size, history, token):
    """Counts naively; a history that begins a sequence starts with None."""
    seen = []
    for sequence in sequences:
        for end in range(len(sequence)):
            before = [None] * len(history) + list(sequence[:end])
            if before[len(before) - len(history) :] == list(history):
                seen.append(sequence[end])
    lower = 1 / vocabulary_size
    if history:
        lower = _by_the_definition(sequences, vocabulary_size, history[1:], token)
    if not seen:
        return lower
    kinds = len(set(seen))
    return (seen.count(token) + kinds * lower) / (len(seen) + kinds)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_are_those_of_the_definition(order):
    model = WittenBell(SEQUENCES, order=order, vocabulary_size=5)
    asked = [2, 1, 2, 4, 3]
    padded = [None] * (order - 1) + asked
    expected = [
        _by_the_definition(SEQUENCES, 5, padded[i : i + order - 1], token)
        for i, token in enumerate(asked)
    ]
    # a history is at most as long as what stands before it and one sign for the start
    got = model.probabilities([asked])[0]
    np.testing.assert_allclose(got[order - 1 :], expected[order - 1 :], rtol=1e-9)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_probabilities_of_all_tokens_sum_to_one(order):
    model = WittenBell(SEQUENCES, order=order, vocabulary_size=5)
    for history in itertools.product(range(5), repeat=2):
        p = [model.probabilities([[*history, token]])[0][-1] for token in range(5)]
        assert np.isclose(sum(p), 1)


def test_a_lower_order_can_be_asked_of_a_higher_model():
    low = WittenBell(SEQUENCES, order=2, vocabulary_size=5)
    high = WittenBell(SEQUENCES, order=4, vocabulary_size=5)
    np.testing.assert_allclose(
        high.probabilities([[1, 2, 3]], order=2)[0], low.probabilities([[1, 2, 3]])[0]
    )


def test_a_sequence_begins_anew():
    model = WittenBell(SEQUENCES, order=3, vocabulary_size=5)
    together = model.probabilities([[1, 2], [3, 1]])
    np.testing.assert_allclose(together[1], model.probabilities([[3, 1]])[0])


def test_an_order_below_one_is_refused():
    with pytest.raises(ValueError, match="Received: order=0"):
        WittenBell(SEQUENCES, order=0, vocabulary_size=5)


# Kneser-Ney

RANDOM = np.random.default_rng(0).integers(0, 5, [4, 60]).tolist()


def _grams(sequences, n):
    """All n-grams, those that begin a sequence starting with None."""
    for sequence in sequences:
        padded = [None] * (n - 1) + list(sequence)
        yield from (tuple(padded[i : i + n]) for i in range(len(sequence)))


def _kneser_ney(sequences, vocabulary_size, history, token, highest=True):
    """Modified Kneser-Ney as Chen and Goodman define it, counted naively."""
    n = len(history) + 1
    counts = collections.Counter(_grams(sequences, n))
    if not highest:
        counts = collections.Counter(g[1:] for g in set(_grams(sequences, n + 1)))
    of = collections.Counter(counts.values())
    taken = [0, 0.5, 1, 1.5]
    if all(of[k] for k in (1, 2, 3, 4)):
        y = of[1] / (of[1] + 2 * of[2])
        exact = [0] + [k - (k + 1) * y * of[k + 1] / of[k] for k in (1, 2, 3)]
        taken = exact if min(exact) >= 0 else taken
    lower = 1 / vocabulary_size
    if history:
        lower = _kneser_ney(sequences, vocabulary_size, history[1:], token, False)
    after = {g[-1]: c for g, c in counts.items() if g[:-1] == tuple(history)}
    if not after:
        return lower
    spare = sum(taken[min(c, 3)] for c in after.values())
    count = after.get(token, 0)
    return (count - taken[min(count, 3)] + spare * lower) / sum(after.values())


@pytest.mark.parametrize("sequences", [SEQUENCES, RANDOM])
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_kneser_ney_probabilities_are_those_of_the_definition(order, sequences):
    model = KneserNey(sequences, order=order, vocabulary_size=6)
    asked = [2, 1, 2, 4, 3, 2, 5, 1]
    padded = [None] * (order - 1) + asked
    expected = [
        _kneser_ney(sequences, 6, padded[i : i + order - 1], token)
        for i, token in enumerate(asked)
    ]
    got = model.probabilities([asked])[0]
    np.testing.assert_allclose(got[order - 1 :], expected[order - 1 :], rtol=1e-9)


def test_the_discounts_come_from_the_data_where_there_are_enough():
    counts = np.repeat([1, 2, 3, 4, 9], [8, 5, 3, 2, 1])
    model = KneserNey(SEQUENCES, order=1, vocabulary_size=5)
    values, _, _ = model._smoothed(counts, np.zeros_like(counts))
    share = 8 / (8 + 2 * 5)
    expected = [2 * share * 5 / 8, 3 * share * 3 / 5, 4 * share * 2 / 3]
    np.testing.assert_allclose(values[[0, 8, 13]], expected)


@pytest.mark.parametrize("sequences", [SEQUENCES, RANDOM])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_kneser_ney_probabilities_of_all_tokens_sum_to_one(order, sequences):
    model = KneserNey(sequences, order=order, vocabulary_size=6)
    for history in itertools.product(range(6), repeat=2):
        p = [model.probabilities([[*history, token]])[0][-1] for token in range(6)]
        assert np.isclose(sum(p), 1)
        assert min(p) > 0


def test_a_token_seen_after_many_others_counts_for_more_than_a_frequent_one():
    model = KneserNey(
        [[1, 2, 1, 2, 1, 2, 3, 4, 5, 4, 6, 4]], order=2, vocabulary_size=9
    )
    often, widely = (model.probabilities([[7, token]])[0][1] for token in [2, 4])
    assert widely > often


@pytest.mark.parametrize("kind", [WittenBell, KneserNey])
def test_ids_out_of_range_are_refused(kind):
    with pytest.raises(ValueError, match="Ids must be from 0 to 2. Received: 1 to 3"):
        kind(SEQUENCES, order=2, vocabulary_size=3)
    model = kind(SEQUENCES, order=2, vocabulary_size=4)
    assert model.probabilities([[1], []])[1].shape == (0,)
    with pytest.raises(ValueError, match="Received: -1 to 2"):
        model.probabilities([[2], [1, -1]])
