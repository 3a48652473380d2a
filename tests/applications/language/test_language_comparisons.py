import numpy as np
import pytest

from gru_apps.applications.language import comparisons
from gru_apps.baselines.ngrams import KneserNey

IDS, TEXTS = [[1, 2], [], [3, 4]], ["abc", "d", "é"]


def test_bits_are_those_of_all_texts_whether_of_ids_or_of_bytes():
    nats = {
        ("GRU", "test"): np.array([1.0, 2, 3, 4]),
        ("5-gram", "test"): np.array([1.0, 2, 3, 4, 5, 6]),  # é is two bytes
        ("GRU", "validation"): np.ones(9),
    }
    found = comparisons.intervals_of_texts(nats, IDS, TEXTS)
    assert list(found) == ["5-gram", "GRU"]  # the best last
    for name, nats_of_all in [("GRU", 10), ("5-gram", 21)]:
        value, low, high = found[name]
        assert value == pytest.approx(nats_of_all / np.log(2) / 5)
        assert low <= value <= high


def test_the_interval_spans_the_texts():
    nats = {("GRU", "test"): np.array([1.0, 1, 9, 9])}
    found = comparisons.intervals_of_texts(nats, [[1, 2], [3, 4]], ["ab", "cd"])
    _, low, high = found["GRU"]
    assert (low, high) == pytest.approx((1 / np.log(2), 9 / np.log(2)))


@pytest.mark.parametrize("number", [3, 5, 7])
def test_nats_of_other_texts_are_refused(number):
    nats = {("GRU", "test"): np.ones(number)}
    with pytest.raises(ValueError, match=f"Received: {number} of GRU"):
        comparisons.intervals_of_texts(nats, IDS, TEXTS)


def test_counts_share_what_is_unseen_among_the_vocabulary_alone():
    ids = {"train": [[1, 2, 1, 2]], "validation": [[3]], "test": [[1, 2], [0]]}
    for size in (4, 256):
        found = comparisons.count_ngrams(ids, size, order=2)
        model = KneserNey(ids["train"], order=2, vocabulary_size=size)
        for name, nats in found.items():
            expected = np.concatenate(model.probabilities(ids[name]))
            np.testing.assert_allclose(nats, -np.log(expected))
    assert list(found) == ["validation", "test"]
