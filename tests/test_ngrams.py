import itertools

import numpy as np
import pytest

from gru_apps.ngrams import WittenBell

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
