import time

import pytest
import tensorflow as tf

from gru_apps.encoding import exact_text

TEXTS = [
    "In 1790, the  Senate\n\nmet. ",
    "",
    " ",
    "\n",
    "don’t—stop!\t\x1f\x00",
    "你好 é",
]


@pytest.fixture(scope="module")
def tokenizer():
    texts = ["the Senate met the House of the Senate", "the house, the house"]
    return exact_text.learn_exact_tokenizer(texts, vocabulary_size=290)


def test_any_text_comes_back_as_it_was(tokenizer):
    ids = tokenizer(TEXTS).to_tensor()
    back = tokenizer.detokenize(ids).numpy().tolist()
    assert [text.decode() for text in back] == TEXTS


def test_words_joined_again_are_the_text():
    words = exact_text.split_exactly(TEXTS).to_list()
    assert [b"".join(row).decode() for row in words] == TEXTS


def test_no_token_crosses_from_one_word_into_the_next(tokenizer):
    assert b" the" in tokenizer.vocabulary
    pieces = [token.decode() for token in tokenizer.vocabulary[260:]]
    assert not [piece for piece in pieces if " " in piece[1:]]


def test_a_word_is_cut_into_the_longest_tokens_from_its_left():
    tokenizer = exact_text.ExactTokenizer([b"ab", b"abc", b"cd", b" a"])
    spelled = [tokenizer.vocabulary[i] for i in tokenizer(["abcd a"])[0].numpy()]
    assert spelled == [b"abc", b"d", b" a"]


def test_what_is_in_no_piece_is_spelled_in_bytes():
    tokenizer = exact_text.ExactTokenizer([])
    assert len(tokenizer(["é"])[0]) == 2


def test_a_word_much_longer_than_any_other_comes_back_in_seconds(tokenizer):
    start = time.monotonic()
    for text in ["a" * 100_000, "é" * 50_000, " \n" * 50_000]:
        ids = tokenizer([text])
        assert tokenizer.detokenize(ids.to_tensor()).numpy()[0].decode() == text
    assert time.monotonic() - start < 10


def test_bytes_that_are_not_utf8_are_replaced(tokenizer):
    ids = tokenizer([b"a\xff\xfeb"])
    assert tokenizer.detokenize(ids.to_tensor()).numpy()[0].decode() == "a��b"


def test_special_tokens_say_nothing(tokenizer):
    ids = tf.constant([[2, 4 + ord("a"), 3, 0]])
    assert tokenizer.detokenize(ids).numpy().tolist() == [b"a"]


def test_a_vocabulary_has_the_size_that_was_asked_for(tokenizer):
    assert len(tokenizer.vocabulary) <= 290
    assert len(set(tokenizer.vocabulary)) == len(tokenizer.vocabulary)
    with pytest.raises(ValueError, match="Received: vocabulary_size=259"):
        exact_text.learn_exact_tokenizer(["a"], vocabulary_size=259)


def test_no_texts_have_no_ids(tokenizer):
    assert tokenizer(tf.constant([], tf.string)).shape[0] == 0


@pytest.mark.parametrize("texts", [None, "a b", [], ["a", None], [["a", "b"]]])
def test_what_holds_no_texts_is_refused(texts):
    texts = iter(()) if texts is None else texts
    with pytest.raises(ValueError, match="`texts` .*Received: "):
        exact_text.learn_exact_tokenizer(texts, vocabulary_size=290)


@pytest.mark.parametrize("size", [265.0, None, True])
def test_sizes_are_integers(size):
    with pytest.raises(ValueError, match=f"Received: vocabulary_size={size}"):
        exact_text.learn_exact_tokenizer(["a"], vocabulary_size=size)


@pytest.mark.parametrize("pieces", [[b"ab", "ab"], [b"a"], [b"a" * 17], [b""]])
def test_pieces_that_no_text_is_written_in_are_refused(pieces):
    with pytest.raises(ValueError, match="Received: b'a*b?'"):
        exact_text.ExactTokenizer(pieces)


def test_one_text_is_not_taken_for_a_batch(tokenizer):
    with pytest.raises(ValueError, match="Received: text='a b'"):
        tokenizer("a b")


def test_a_word_of_any_length_is_learned_from():
    learned = exact_text.learn_exact_tokenizer(["ab" * 9999], vocabulary_size=270)
    assert b"abab" in learned.vocabulary
