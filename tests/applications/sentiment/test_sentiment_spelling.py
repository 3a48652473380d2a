import pytest
import tensorflow as tf

from gru_apps.applications.sentiment import spelling

VOCABULARY = ["wonderful", "film", "boring", "waste", "taste", "boredom"]
BORING, WASTE, UNKNOWN = 6, 7, 1


@pytest.fixture(scope="module")
def tokenizer():
    return spelling.ForgivingTokenizer(VOCABULARY)


@pytest.mark.parametrize("word", ["borng", "borring", "boding", "bornig", "BOERING"])
def test_a_word_with_one_error_is_read_as_the_word(tokenizer, word):
    assert tokenizer([word]).to_list() == [[BORING]]


@pytest.mark.parametrize("word", ["oring", "xoring", "brng", "boringxx", "fiml", "ai"])
def test_a_word_that_may_be_another_stays_unknown(tokenizer, word):
    assert tokenizer([word]).to_list() == [[UNKNOWN]]


def test_of_several_words_the_commonest_is_taken():
    for words in (["planes", "plants"], ["plants", "planes"]):
        assert spelling.ForgivingTokenizer(words)(["planxs"]).to_list() == [[4]]


def test_what_is_known_is_left_alone(tokenizer):
    ids = tokenizer([" ".join(VOCABULARY), ""]).to_list()
    assert ids == [[4, 5, 6, 7, 8, 9], []]


@pytest.mark.parametrize("text", ["", "é" * 9, "ภาษาไทยภาษา", b"\xff\xfe so", "a" * 99])
def test_any_text_has_ids(tokenizer, text):
    assert set(tokenizer([text]).flat_values.numpy()) <= {UNKNOWN}


def test_each_misspelled_word_is_mended_by_the_tokenizer(tokenizer):
    for seed in range(200):
        wrong = spelling.misspell("boring", share=1.0, seed=seed)
        assert wrong[0] == "b" and abs(len(wrong) - 6) <= 1
        assert tokenizer([wrong]).to_list() == [[BORING]]


def test_about_the_share_of_words_is_misspelled():
    text = " ".join(["wonderful"] * 1000)
    words = spelling.misspell(text, share=0.3, seed=0).split(" ")
    assert 250 < sum(word != "wonderful" for word in words) < 350
    assert spelling.misspell(text, share=0.0, seed=0) == text


def test_short_words_and_numbers_are_not_misspelled():
    text = "it was a 12345 to me ..."
    assert spelling.misspell(text, share=1.0, seed=0) == text


def test_the_same_seed_makes_the_same_errors():
    texts = [spelling.misspell("really wonderful", share=1, seed=s) for s in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


def test_it_works_in_a_graph_and_without_words(tokenizer):
    ids = tf.function(tokenizer)(tf.constant(["borring"]))
    assert ids.to_list() == [[BORING]]
    assert spelling.ForgivingTokenizer([])(["anything"]).to_list() == [[UNKNOWN]]
