"""BPE-dropout: the words stay, their cuts are drawn."""

import numpy as np
import pytest
import tensorflow as tf

from gru_apps.encoding import SubwordDropout, Tokenizer, learn_tokenizer

TEXTS = ["the lower the slower", "a slow show, lower", "low and slow"] * 3


@pytest.fixture(scope="module")
def tokenizer():
    return learn_tokenizer(TEXTS, split="subwords", vocabulary_size=34)


def _drawn(tokenizer, seed=(0, 0), **options):
    cuts = SubwordDropout(tokenizer, TEXTS, **options)
    return cuts(cuts.words(TEXTS), seed)


def test_without_dropout_words_are_cut_as_the_tokenizer_cuts_them(tokenizer):
    drawn = _drawn(tokenizer, rate=0)
    assert drawn.to_list() == tokenizer(TEXTS).to_list()
    assert drawn.dtype == tf.int32


def test_with_all_joins_passed_over_words_are_characters(tokenizer):
    drawn = _drawn(tokenizer, rate=1)
    spelled = [[tokenizer.vocabulary[i] for i in row] for row in drawn.to_list()]
    assert spelled == [[*f" {text}".replace(" ", " ")] for text in TEXTS]


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_any_cut_says_the_same_and_the_higher_the_rate_the_more_pieces(tokenizer, rate):
    drawn = _drawn(tokenizer, rate=rate)
    said = tokenizer.detokenize(drawn.to_tensor()).numpy().tolist()
    assert said == [text.encode() for text in TEXTS]
    lengths = [_drawn(tokenizer, rate=r).flat_values.shape[0] for r in (0, rate, 1)]
    assert lengths == sorted(set(lengths))


def test_cuts_are_drawn_anew_by_seed_in_a_dataset_and_are_the_same_for_one(tokenizer):
    cuts = SubwordDropout(tokenizer, TEXTS, rate=0.5)
    words = tf.data.Dataset.from_tensors(cuts.words(TEXTS).to_tensor())
    seeds = tf.data.Dataset.from_tensor_slices([[0, 1], [0, 2], [0, 1]])
    drawn = tf.data.Dataset.zip(words.repeat(), seeds).map(cuts)
    first, second, third = (ids.to_list() for ids in drawn)
    assert first == third != second
    # places of one word differ, too
    slow = [row[-3:] for row in first[2::3]]
    assert len({*map(tuple, slow)}) > 1


def test_of_one_way_all_places_of_a_word_are_cut_alike(tokenizer):
    cuts = SubwordDropout(tokenizer, TEXTS, rate=0.5, ways=1)
    words = cuts.words(["slow slow slow"])
    ids = cuts(words, [3, 4]).to_list()[0]
    assert ids == ids[: len(ids) // 3] * 3


def test_an_empty_text_has_no_words(tokenizer):
    cuts = SubwordDropout(tokenizer, TEXTS)
    words = cuts.words(["", "slow", " "])
    assert words.row_lengths().numpy().tolist() == [0, 1, 0]
    assert np.diff(cuts(words, [0, 0]).row_splits)[[0, 2]].tolist() == [0, 0]


def test_a_character_that_is_no_token_is_unknown():
    cuts = SubwordDropout(Tokenizer([" ", "a"], split="subwords"), ["ab"])
    assert cuts(cuts.words(["ab"]), [0, 0]).to_list() == [[4, 5, 1]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": -0.1}, "rate=-0.1"),
        ({"rate": float("nan")}, "rate=nan"),
        ({"ways": 0}, "ways=0"),
        ({"texts": ["", " "]}, "hold a word"),
        ({"texts": "slow"}, "several texts"),
        ({"tokenizer": Tokenizer(["a"], split="words")}, "of subwords"),
    ],
)
def test_what_cannot_be_cut_is_refused(tokenizer, options, message):
    with pytest.raises(ValueError, match=message):
        SubwordDropout(**{"tokenizer": tokenizer, "texts": TEXTS} | options)


def test_a_word_that_was_not_there_is_refused(tokenizer):
    with pytest.raises(ValueError, match="' fast'"):
        SubwordDropout(tokenizer, TEXTS).words(["slow, fast"])
