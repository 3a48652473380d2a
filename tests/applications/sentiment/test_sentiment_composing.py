import collections
import re

import numpy as np
import pytest
import tensorflow_datasets as tfds

from gru_apps.applications.sentiment import comparisons, composing, sentences

WORDS = {
    **{"wonderful": 2.7, "awful": -2.0, "sadness": -1.9, "happiness": 2.6},
    **{"treasure": 1.2, "treasures": 1.4, "problem": -1.7, "problems": -1.7},
    **{"inspire": 2.7, "inspires": 2.3, "inspiring": 1.8},
    **{"offend": -1.2, "offends": -2.0, "offending": -2.3, "mild": 0.3},
}

TURNS = (
    "anything but|nothing but|far from|opposite|by no means|by any|yet to|than|better|"
    "worse|outweigh|went from|once|then|could have|easy|hard to|impossible|too|stayed|"
    "expected|if only|wish|supposed|whoever|sorry|glad|do not let|believe|fails to|"
    "refuse|stops|short of|hide|cured|lost|only a|proves|enough|wait|the last film"
)


@pytest.fixture
def composer():
    return composing.Composer(WORDS, seed=0)


def letters(text):
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def words_of(text):
    return set(letters(text).split())


def is_good(text):
    good = {"wonderful", "inspire", "inspires", "treasure", "inspiring"}
    good |= {verb for verb, rating in composing._VERBS.items() if rating > 0}
    return bool(words_of(text) & good)


def test_a_clause_has_the_sign_of_its_word(composer):
    for _ in range(200):
        text, rating = composer.clause()
        assert (rating > 0) == is_good(text), text


def test_a_negation_turns_the_sign_unless_it_is_a_confirmation(composer):
    for _ in range(300):
        text, rating = composer.negation()
        negative = r"\bno(t|r|ne|body|thing|body)?\b|n't\b|never|neither|hardly|without"
        is_negated = bool(re.search(negative, text))
        assert (rating > 0) == (is_good(text) != is_negated), text


def test_of_two_clauses_the_one_behind_but_decides(composer):
    for _ in range(300):
        text, rating = composer.contrast()
        last = re.split(r"\b(?:but|yet|still|however)\b", text)[-1]
        assert (rating > 0) == is_good(last), text


def test_stars_and_points_are_rated_by_their_share(composer):
    rated = {}
    for _ in range(2000):
        text, rating = composer.verdict()
        if found := re.search(r"(\d+)(?:/10\b| out of 10\b)", text):
            rated.setdefault(int(found[1]), set()).add(rating)
    assert sorted(rated) == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]
    means = [rated[points] for points in sorted(rated)]
    assert all(len(ratings) == 1 for ratings in means)
    assert np.all(np.diff([ratings.pop() for ratings in means]) > 0)


def test_a_report_is_rated_0_and_has_no_rated_word(composer):
    for _ in range(200):
        text, rating = composer.report()
        assert rating == 0 and not words_of(text) & set(WORDS)


def test_as_many_different_sentences_are_composed_as_are_asked_for(composer):
    made = composer.compose(300)
    assert len({text for text, _ in made}) == 300
    signs = collections.Counter(np.sign([rating for _, rating in made]))
    assert min(signs[1], signs[-1]) > 80
    assert made == composing.Composer(WORDS, seed=0).compose(300)
    assert made != composing.Composer(WORDS, seed=1).compose(300)


def test_more_sentences_than_the_words_make_are_refused(composer, monkeypatch):
    monkeypatch.setattr(composing, "_IN_VAIN", 100)
    with pytest.raises(ValueError, match="number=10000, of which there are [1-9]"):
        composer.compose(10_000)


def test_words_of_one_sign_alone_are_refused():
    words = {word: rating for word, rating in WORDS.items() if rating > 0}
    with pytest.raises(ValueError, match="of both signs"):
        composing.Composer(words, seed=0)


def test_short_sentences_of_people_are_clauses():
    people = [("Inspiring!", 2.0), ("It gave us a headache.", -1.75)]
    people += [("One. Two", 3.0), ("weak", -1), ("so " * 10, 2.0)]
    people += [(" ".join(WORDS), 0.0)]
    composer = composing.Composer.of_people(sentences.untold(people), WORDS, seed=0)
    assert composer.clauses[True] == [("Inspiring", 2.0)]
    assert composer.clauses[False] == [("It gave us a headache", -1.75)]
    found = [composer.contrast() for _ in range(300)]
    ours = [rating for text, rating in found if text.endswith("but Inspiring")]
    assert ours and min(ours) > 0
    few = {word: r for word, r in WORDS.items()} | {"unheard": 3.0, "unheards": 2.0}
    assert "unheard" not in str(
        composing.Composer.of_people(sentences.untold(people), few, seed=0).words
    )


def test_each_slot_of_each_frame_can_be_filled(composer):
    for kind, frames in composer.frames.items():
        given = {"n": "3", "w": "three"} if "verdict" in kind else {}
        for frame in frames:
            composer.frames = composer.frames | {"one": [frame]}
            text, _ = composer._filled("one", True, **given)
            assert "{" not in text


@pytest.mark.corpus
def test_no_composed_sentence_stands_in_the_contrast_set():
    rows = tfds.as_numpy(tfds.load("movie_snippets/words", split="all"))
    words = {row["text"].decode(): float(row["rating"]) for row in rows}
    pairs = comparisons.read_pairs()
    asked = {letters(text) for pair in pairs for text in pair[2:]}
    assert len(asked) == 200
    made = composing.Composer(words, seed=0).compose(20_000)
    assert not asked & {letters(text) for text, _ in made}


def test_patterns_that_are_new_stand_in_no_frame():
    frames = " | ".join(
        letters(frame) for some in composing.read_frames().values() for frame in some
    )
    turns = TURNS.split("|")
    found = {turn for turn in turns if re.search(rf"\b{turn}\b", frames)}
    assert not found
    new = [pair for pair in comparisons.read_pairs() if pair.frames == "new"]
    for pair in new:
        text = letters(f"{pair.positive} {pair.negative}")
        assert any(turn in text for turn in turns), text
