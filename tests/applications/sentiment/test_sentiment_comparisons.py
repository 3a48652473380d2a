import collections

import numpy as np
import pytest

from gru_apps.applications.sentiment import comparisons

TEXTS = ["a good film", "a bad film", "good, really good", "so bad", "good", "bad"]
LABELS = [1, 0, 1, 0, 1, 0]


@pytest.mark.parametrize("spelling", [False, True])
def test_words_that_tell_are_learned(spelling):
    bigrams = comparisons.fit_bigrams(
        (TEXTS, LABELS), (["good one", "bad one"], [1, 0]), spelling=spelling
    )
    assert bigrams.predict(["good fun", "bad fun"]).tolist() == [1, 0]


def test_spelling_tells_words_that_were_never_seen():
    asked = ["goodness", "badness"]
    spelled = comparisons.fit_bigrams((TEXTS, LABELS), (asked, [1, 0]), spelling=True)
    assert spelled.predict(asked).tolist() == [1, 0]


def test_the_strength_is_chosen_by_validation(monkeypatch):
    texts = ["dire"] + ["dire film"] * 20 + ["film"] * 20
    labels = [0] + [1] * 40
    for strengths in [(1e-4, 1e4), (1e4, 1e-4)]:
        monkeypatch.setattr(comparisons, "STRENGTHS", strengths)
        bigrams = comparisons.fit_bigrams((texts, labels), (["dire"], [0]))
        assert bigrams.predict(["dire"]).tolist() == [0]


def test_the_contrast_set_has_a_hundred_pairs_of_which_two_fifths_are_new():
    pairs = comparisons.read_pairs()
    texts = {text for pair in pairs for text in pair[2:]}
    assert len(pairs) == 100 and len(texts) == 200
    kinds = collections.Counter(pair.frames for pair in pairs)
    assert kinds == {"taught": 60, "new": 40}
    assert not {p.pattern for p in pairs if p.frames == "new"} & {
        p.pattern for p in pairs if p.frames == "taught"
    }


def changed_words(one, other):
    """How many words are added, left out or replaced between two sentences."""
    first, second = (text.lower().rstrip(".").split() for text in (one, other))
    row = list(range(len(second) + 1))
    for place, word in enumerate(first, start=1):
        diagonal, row[0] = row[0], place
        for column, own in enumerate(second, start=1):
            changed = min(
                row[column] + 1, row[column - 1] + 1, diagonal + (word != own)
            )
            diagonal, row[column] = row[column], changed
    return row[-1]


def test_the_sentences_of_a_pair_differ_by_a_word_or_two():
    changed = [changed_words(*pair[2:]) for pair in comparisons.read_pairs()]
    assert min(changed) == 1 and max(changed) <= 4
    assert np.mean(np.array(changed) <= 2) > 0.95


def test_a_pair_counts_where_both_sentences_are_right():
    pairs = comparisons.read_pairs()[:4]
    scores = [0.9, 0.9, 0.1, 0.5, 0.1, 0.9, 0.9, 0.1]
    right = comparisons.both_right(pairs, lambda texts: scores)
    assert right.tolist() == [True, False, False, False]


def test_who_ignores_order_gets_no_pair_of_the_same_words():
    def count(texts):
        return [len(set(text.lower().rstrip(".").split())) / 20 for text in texts]

    swapped = [
        pair
        for pair in comparisons.read_pairs()
        if sorted(pair.positive.lower().rstrip(".").replace(",", "").split())
        == sorted(pair.negative.lower().rstrip(".").replace(",", "").split())
    ]
    assert len(swapped) > 15
    assert not comparisons.both_right(swapped, count).any()


def test_the_margin_holds_in_95_of_100_draws():
    rng = np.random.default_rng(0)
    accuracies = rng.binomial(1000, 0.8, 2000) / 1000
    margins = np.array([comparisons.margin_of(a, 1000) for a in accuracies])
    assert np.mean(abs(accuracies - 0.8) < margins) == pytest.approx(0.95, abs=0.015)


def test_what_both_get_right_or_wrong_makes_no_difference():
    right = np.arange(100) % 3 == 0
    compared = comparisons.compare_paired(right, right)
    assert compared == (0, 0, 66, 0, 0)


def test_a_margin_is_that_of_the_differences():
    first, second = [True] * 30 + [False] * 70, [True] * 10 + [False] * 90
    compared = comparisons.compare_paired(first, second)
    assert compared[:4] == (20, 0, 70, 0.2)
    assert compared.margin == pytest.approx(1.96 * 0.4 / 10, rel=1e-3)


def test_classifiers_of_different_texts_are_refused():
    with pytest.raises(ValueError, match="same texts"):
        comparisons.compare_paired([True], [True, False])
