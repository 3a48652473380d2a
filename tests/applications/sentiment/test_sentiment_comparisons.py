import numpy as np
import pytest

from gru_apps.applications.sentiment import comparisons

TEXTS = ["a good film", "a bad film", "good, really good", "so bad", "good", "bad"]
LABELS = [1, 0, 1, 0, 1, 0]


def test_words_that_tell_are_learned_by_both_classifiers():
    both = comparisons.fit_bigrams(
        (TEXTS, LABELS), (["good one", "bad one"], [1, 0]), (["awful"], [0])
    )
    assert list(both) == ["tf-idf bigrams", "bigrams and spelling"]
    for classifier in both.values():
        assert classifier.predict(["good fun", "bad fun"]).tolist() == [1, 0]


def test_more_texts_are_learned_from_where_they_help():
    both = comparisons.fit_bigrams(
        (TEXTS, LABELS), (["dire", "bad", "good"], [0, 0, 1]), (["dire"], [0])
    )
    assert both["tf-idf bigrams"].predict(["dire"]).tolist() == [0]


def test_the_margin_holds_in_95_of_100_draws():
    rng = np.random.default_rng(0)
    accuracies = rng.binomial(1000, 0.8, 2000) / 1000
    margins = np.array([comparisons.margin_of(a, 1000) for a in accuracies])
    assert np.mean(abs(accuracies - 0.8) < margins) == pytest.approx(0.95, abs=0.015)


def test_what_both_get_right_or_wrong_makes_no_difference():
    right = np.arange(100) % 3 == 0
    compared = comparisons.compare_paired(right, right)
    assert compared == (0, 0, 66, 0, 0)


def test_classifiers_of_different_texts_are_refused():
    with pytest.raises(ValueError, match="same texts"):
        comparisons.compare_paired([True], [True, False])
