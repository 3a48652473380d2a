import collections

import numpy as np
import pytest
import tensorflow_datasets as tfds
from corpora import (
    corpus,
    everything,
    in_several_splits,
    letters,
    sizes,
)

from gru_apps.datasets import movie_snippets


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("config", "expected"),
    [("movies", [8033, 1004, 1035]), ("tweets", [2784, 337, 311])],
)
def test_snippets_are_split_by_their_text(config, expected):
    name = f"movie_snippets/{config}"
    assert sizes(name) == expected
    assert not in_several_splits(name, lambda example: letters(example["text"]))


@pytest.mark.corpus
def test_the_label_of_a_snippet_is_the_sign_of_a_rating_that_is_not_neutral():
    examples = everything("movie_snippets/movies")
    ratings = np.array([example["rating"] for example in examples])
    labels = np.array([example["label"] for example in examples])
    np.testing.assert_array_equal(labels, ratings > 0)
    assert np.abs(ratings).min() >= 0.5
    assert np.abs(ratings).max() <= 4


def test_sentences_of_one_document_stay_together_and_repeated_ones_are_kept_once():
    builder = tfds.builder("movie_snippets/products")
    lines = ["1_1\t2\tGood!", "1_2\t-1\tBad.", "2_1\t1\tgood", "2_2\t0.4\tSo so."]
    lines = (line.split("\t") for line in [*lines, "1_3\t1.5\tGOOD"])
    rows = list(builder._rows(lines))
    assert [(source, key) for source, key, _, _ in rows] == [
        ("1", "1_1"),
        ("1", "1_2"),
        ("1", "1_3"),
    ]


def test_rows_of_a_neutral_config_are_those_near_0():
    builder = tfds.builder("movie_snippets/neutral")
    lines = ["1_1\t0.24\tIt is.", "1_2\t-0.25\tBad.", "2\t-0.2\tSo so.", "3\t2\tGood."]
    rows = list(builder._rows(line.split("\t") for line in lines))
    assert [key for _, key, _, _ in rows] == ["1_1", "2"]


@pytest.mark.corpus
def test_neutral_sentences_are_those_of_all_kinds_that_people_rated_near_0():
    examples = everything("movie_snippets/neutral")
    assert max(abs(example["rating"]) for example in examples) < 0.25
    assert {example["label"] for example in examples} == {-1}
    kinds = collections.Counter(example["kind"] for example in examples)
    assert sorted(kinds) == ["editorials", "movies", "products", "tweets"]
    assert kinds["editorials"] > 1000 > kinds["movies"] > 200


@pytest.mark.corpus
def test_a_document_is_in_one_split_whether_rated_or_neutral():
    folded = [
        {
            letters(e["text"]): split
            for split, some in corpus(name).items()
            for e in some
        }
        for name in ("movie_snippets/editorials", "movie_snippets/neutral")
    ]
    both = set(folded[0]) & set(folded[1])
    assert all(folded[0][text] == folded[1][text] for text in both)


@pytest.mark.corpus
def test_rated_words_are_words_and_no_emoticons():
    examples = everything("movie_snippets/words")
    ratings = {example["text"]: example["rating"] for example in examples}
    assert ratings["good"] > 1 and ratings["tragedy"] < -3
    assert not [word for word in ratings if not word[0].isalpha()]


def test_about_a_tenth_of_the_sources_is_for_testing_and_one_for_validation():
    names = collections.Counter(movie_snippets._split(str(n)) for n in range(1000))
    assert abs(names["test"] - 100) < 30
    assert abs(names["validation"] - 100) < 30
