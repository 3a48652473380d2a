import numpy as np
import pytest

from gru_apps.applications.translation import comparisons


def test_the_nearest_text_is_the_same_text_where_there_is_one():
    known = ["他去了北京", "我很好", "明天下雨"]
    assert comparisons.nearest_texts(known, known[::-1]) == [2, 1, 0]


def test_no_text_is_lost_where_there_are_more_than_go_together(monkeypatch):
    known = ["abcd", "efgh", "ijkl"]
    places = np.random.default_rng(0).integers(3, size=7).tolist()
    monkeypatch.setattr(comparisons, "ROWS", 2)
    texts = [known[place][1:] for place in places]
    assert comparisons.nearest_texts(known, texts) == places


def test_scores_are_full_for_the_reference_and_nothing_for_other_words():
    references = ["He went to Beijing yesterday.", "I am very well, thank you."]
    assert comparisons.score_translations(references, references) == pytest.approx(
        {"BLEU": 100, "chrF": 100}
    )
    scores = comparisons.score_translations(["zzz", "qqq"], references)
    assert max(scores.values()) < 1


def test_scores_fall_with_the_order_of_words():
    references = ["He went to Beijing yesterday."]
    scores = comparisons.score_translations(["Yesterday Beijing to he."], references)
    assert 0 < scores["BLEU"] < 20 and scores["chrF"] < 100


def test_the_bootstrap_gives_the_score_of_the_corpus_within_its_interval():
    references = ["I am very well today.", "He went to Beijing.", "It rains."] * 3
    better = ["I am very well now.", "He went to Beijing.", "It is raining."] * 3
    worse = ["I am here.", "He is in Beijing.", "It is raining."] * 3
    found = comparisons.bootstrap_bleu(
        {"worse": worse, "better": better}, references, draws=50
    )
    for name, texts in {"worse": worse, "better": better}.items():
        score = comparisons.score_translations(texts, references)["BLEU"]
        assert found[name].score == pytest.approx(score)
        assert found[name].low < score < found[name].high
    lead = found["better - worse"]
    assert lead.score == pytest.approx(found["better"].score - found["worse"].score)
    assert 0 < lead.low < lead.high


def test_translations_without_a_reference_are_refused():
    with pytest.raises(ValueError, match="shorter than argument 1"):
        comparisons.bootstrap_bleu({"ours": ["a b", "c", "d"]}, ["a b", "c"])
