import numpy as np
import pytest

from gru_apps.applications.sentiment import sentences, spelling

SOME = sentences.Sentences(
    ["Good.", "It has a lid.", "Awful food", "So so"],
    np.array([1.9, 0.1, -2.5, 0.6], "float32"),
    ["movies", "products", "products", ""],
)


def test_rated_sentences_state_an_opinion_and_neutral_ones_none():
    assert SOME.rated().texts == ["Good.", "Awful food", "So so"]
    assert SOME.rated("products").texts == ["Awful food"]
    assert SOME.neutral().texts == ["It has a lid."]
    np.testing.assert_allclose(SOME.rated().ratings, [1.9, -2.5, 0.6])
    assert SOME.rated().kinds == ["movies", "products", ""]


def test_sets_are_joined_in_their_order():
    joined = sentences.join([SOME.neutral(), SOME, sentences.untold([("Bad", -2.0)])])
    assert joined.texts == ["It has a lid.", *SOME.texts, "Bad"]
    assert joined.kinds[-1] == "" and joined.ratings[-1] == -2


def test_typing_errors_leave_ratings_and_kinds():
    wrong = SOME.misspelled(share=1.0, seed=0)
    assert wrong.texts != SOME.texts
    assert [len(text.split()) for text in wrong.texts] == [1, 4, 2, 2]
    assert wrong[1:] == SOME[1:]


def test_variations_are_typing_errors_and_kinds_that_are_not_told():
    some = sentences.join([SOME] * 500)
    some = some._replace(texts=[f"a wonderful evening {n}" for n in range(2000)])
    shown = sentences.vary(some, seed=0)
    assert shown.texts[:2000] == some.texts and 350 < len(shown.texts) - 2000 < 450
    wrong = np.mean([text not in some.texts for text in shown.texts[2000:]])
    assert 0.4 < wrong < 0.6  # of two words, three in ten each
    of_kind = [n for n, kind in enumerate(some.kinds) if kind]
    told = [shown.kinds[n] == some.kinds[n] for n in of_kind]
    assert 0.45 < np.mean(told) < 0.55
    assert {shown.kinds[n] for n in of_kind} == {"", "movies", "products"}
    assert sentences.vary(some, seed=0).texts == shown.texts


def test_targets_are_probabilities_and_agree_with_views():
    ratings = np.array([-4.0, -0.5, -0.1, 0.2, 0.3, 4.0])
    targets = sentences.targets(ratings)
    np.testing.assert_allclose(targets.sum(axis=1), 1, rtol=1e-6)
    assert targets.argmax(axis=1).tolist() == [0, 0, 1, 1, 2, 2]
    assert sentences.views(ratings).tolist() == [0, 0, 1, 1, 2, 2]
    assert targets[5, 2] > targets[4, 2]


def test_the_kind_stands_before_a_text_where_it_is_told():
    tokenizer = spelling.ForgivingTokenizer(["good", "<movies>"])
    texts, kinds = ["good", "good good", ""], ["movies", "", "movies"]
    ids = sentences.encode(tokenizer, texts, kinds).to_list()
    assert ids == [[5, 4], [4, 4], [5]]
    assert sentences.encode(tokenizer, texts[:2], ["", ""]).to_list() == [[4], [4, 4]]


def test_a_kind_that_the_tokenizer_does_not_know_is_refused():
    tokenizer = spelling.ForgivingTokenizer(["good", "<movies>"])
    with pytest.raises(ValueError, match="Received: 'movie'"):
        sentences.encode(tokenizer, ["good"] * 3, ["movies", "", "movie"])


@pytest.mark.corpus
def test_the_four_kinds_are_read_with_and_without_an_opinion():
    test = sentences.read_sentences("test")
    sizes = [len(test.rated(kind).texts) for kind in sentences.KINDS]
    assert sizes == [1035, 311, 308, 308]
    neutral = test.neutral()
    assert 150 < len(neutral.texts) < 350
    assert set(neutral.kinds) == set(sentences.KINDS)
    assert not set(neutral.texts) & set(test.rated().texts)


@pytest.mark.corpus
def test_rated_words_are_read():
    words = sentences.read_words()
    assert words["good"] > 1 and words["tragedy"] < -3
