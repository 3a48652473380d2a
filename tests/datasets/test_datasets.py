"""What the default corpora promise; each is prepared once per machine."""

import collections
import functools
import itertools
import re

import numpy as np
import pytest
import tensorflow_datasets as tfds

from gru_apps.applications.traffic import series
from gru_apps.datasets import (
    BUILDERS,
    bach_chorales,
    movie_snippets,
    packages,
    tatoeba_zh_en,
)

SPLITS = ["train", "validation", "test"]


@functools.cache
def corpus(name: str) -> dict[str, list[dict]]:
    """All examples of all splits, as NumPy values and strings."""
    builder = tfds.builder(name)
    builder.download_and_prepare()
    return {split: list(examples(builder, split)) for split in SPLITS}


def examples(builder, split: str):
    dataset = builder.as_dataset(split=split)
    # in one batch: one by one, tens of thousands of sentences would take a minute
    columns = dataset.ragged_batch(len(dataset)).get_single_element()
    for row in zip(*[column.numpy() for column in columns.values()], strict=True):
        yield {
            key: value.decode() if isinstance(value, bytes) else value
            for key, value in zip(columns, row, strict=True)
        }


def sizes(name: str) -> list[int]:
    return [len(corpus(name)[split]) for split in SPLITS]


def everything(name: str) -> list[dict]:
    return [example for split in SPLITS for example in corpus(name)[split]]


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def in_several_splits(name: str, what) -> set:
    """Values of `what(example)` that stand in more than one split."""
    seen = [{what(example) for example in corpus(name)[split]} for split in SPLITS]
    return (seen[0] & seen[1]) | (seen[0] & seen[2]) | (seen[1] & seen[2])


def test_every_corpus_is_registered_under_the_name_it_is_listed_by():
    assert set(BUILDERS) <= set(tfds.list_builders())


def test_every_corpus_may_be_prepared_by_several_processes_at_once():
    for builder in BUILDERS.values():
        assert issubclass(builder, packages.CorpusBuilder)


# movie_snippets


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


# tatoeba_zh_en


@pytest.mark.corpus
def test_no_sentence_of_either_language_stands_in_two_splits():
    assert sizes("tatoeba_zh_en") == [52908, 1161, 2177]
    assert not in_several_splits("tatoeba_zh_en", lambda pair: letters(pair["zh"]))
    assert not in_several_splits("tatoeba_zh_en", lambda pair: letters(pair["en"]))


@pytest.mark.corpus
def test_both_writings_of_a_chinese_sentence_are_on_one_side():
    splits = {p["zh"]: name for name in SPLITS for p in corpus("tatoeba_zh_en")[name]}
    pairs = ["謝謝！谢谢！", "錢夠嗎？钱够吗？", "這是誰的書？这是谁的书？"]
    for pair in pairs:
        half = len(pair) // 2
        assert splits[pair[:half]] == splits[pair[half:]] == "test"


@pytest.mark.corpus
def test_no_pair_stands_twice():
    examples = everything("tatoeba_zh_en")
    assert len({(pair["zh"], pair["en"]) for pair in examples}) == len(examples)


def test_the_most_common_simplification_comes_first_in_the_dictionary_and_is_taken():
    entries = (
        "# 乾 x [y]\n乾 干 [gan1] /dry/\n乾 乾 [qian2] /one/\n乾杯 干杯 [z] /cheers/"
    )
    assert "乾杯".translate(tatoeba_zh_en._simplified_characters(entries)) == "干杯"


# spoken_digits


@pytest.mark.corpus
def test_every_speaker_says_every_digit_in_fifty_takes():
    examples = everything("spoken_digits/takes")
    found = {(e["digit"], e["speaker"], e["take"]) for e in examples}
    assert found == set(itertools.product(range(10), range(6), range(50)))
    assert len(examples) == 3000
    assert sum(len(example["mfcc"]) for example in examples) == 53999


@pytest.mark.corpus
def test_recordings_are_split_by_take():
    takes = {
        split: {example["take"] for example in examples}
        for split, examples in corpus("spoken_digits/takes").items()
    }
    expected = {"test": range(5), "validation": range(5, 10), "train": range(10, 50)}
    assert takes == {split: set(some) for split, some in expected.items()}


@pytest.mark.corpus
def test_a_held_out_speaker_is_heard_in_the_test_split_alone():
    names = tfds.builder("spoken_digits").info.features["speaker"].names
    parts = corpus("spoken_digits/theo")
    assert {names[example["speaker"]] for example in parts["test"]} == {"theo"}
    assert sizes("spoken_digits/theo") == [2250, 250, 500]
    assert not in_several_splits("spoken_digits/theo", lambda e: e["mfcc"].tobytes())
    assert {example["take"] for example in parts["validation"]} == set(range(5, 10))


# state_of_the_union


@pytest.mark.corpus
def test_addresses_are_split_by_year():
    assert sizes("state_of_the_union") == [193, 22, 22]
    assert not in_several_splits("state_of_the_union", lambda e: int(e["year"]))
    assert not in_several_splits("state_of_the_union", lambda e: letters(e["text"]))
    for split, some in corpus("state_of_the_union").items():
        years = {int(example["year"]) for example in some}
        assert min(years) < 1800 and max(years) > 2006
        # election years, the years after them, and so on, all in each split
        assert {year % 4 for year in years} == {0, 1, 2, 3}, split


@pytest.mark.corpus
def test_no_address_is_lost_or_changed():
    examples = everything("state_of_the_union")
    assert sum(len(example["text"]) for example in examples) == 11_942_696
    first = min(examples, key=lambda example: example["date"])
    assert first["president"] == "George Washington"
    assert first["text"].startswith("Fellow-Citizens of the Senate")
    assert {example["date"][:4] for example in examples} == {
        str(example["year"]) for example in examples
    }


@pytest.mark.corpus
def test_hardly_a_passage_of_forty_words_stands_in_two_splits():
    def passages(example):
        words = re.findall(r"\w+", example["text"].casefold())
        return {hash(tuple(words[i : i + 40])) for i in range(len(words) - 39)}

    train, *held_out = (
        set().union(*map(passages, corpus("state_of_the_union")[s])) for s in SPLITS
    )
    for other in held_out:
        assert len(train & other) < 0.002 * len(other)
    assert len(held_out[0] & held_out[1]) < 0.002 * len(held_out[0])


# bach_chorales


@pytest.mark.corpus
def test_each_chorale_has_four_voices_of_one_length_in_their_ranges():
    assert sizes("bach_chorales") == [290, 36, 36]
    for chorale in everything("bach_chorales"):
        steps = len(chorale["position"])
        assert chorale["pitches"].shape == chorale["starts"].shape == (steps, 4)
        assert chorale["bar"].shape == chorale["fermata"].shape == (steps,)
        sounding = chorale["pitches"][chorale["pitches"] > 0]
        assert 36 <= sounding.min() <= sounding.max() <= 81
        assert -4 <= chorale["key_sharps"] <= 5


@pytest.mark.corpus
@pytest.mark.parametrize("piece", ["bwv26.6", "bwv66.6", "bwv304"])
def test_no_note_is_lost_or_moved_against_what_music21_reads(piece):
    from music21 import converter
    from music21.corpus import getWork

    path = getWork(f"bach/{piece}")
    score = converter.parse(path, forceSource=True, storePickle=False)
    (chorale,) = [
        chorale for chorale in everything("bach_chorales") if chorale["piece"] == piece
    ]
    for voice, part in enumerate(score.parts):
        notes = part.stripTies().flatten().notes
        onsets = np.flatnonzero(chorale["starts"][:, voice])
        pitches = chorale["pitches"][onsets, voice]
        found = [(o / 4, p) for o, p in zip(onsets, pitches, strict=True) if p]
        assert found == [(note.offset, note.pitch.midi) for note in notes]


@pytest.mark.corpus
def test_pitches_change_only_where_a_note_or_rest_starts():
    for chorale in everything("bach_chorales"):
        starts, pitches = chorale["starts"], chorale["pitches"]
        assert starts[0].all()
        assert starts[1:][pitches[1:] != pitches[:-1]].all()
        # two rests in a row are one
        assert not starts[1:][(pitches[1:] == 0) & (pitches[:-1] == 0)].any()


@pytest.mark.corpus
def test_starts_tell_repeated_notes_from_held_ones():
    repeated = held = 0
    for chorale in everything("bach_chorales"):
        same = chorale["pitches"][1:] == chorale["pitches"][:-1]
        repeated += (same & chorale["starts"][1:]).sum()
        held += (same & ~chorale["starts"][1:]).sum()
    assert repeated > 5000
    assert held > 100000


@pytest.mark.corpus
def test_positions_count_through_the_bar_and_an_upbeat_counts_to_its_end():
    upbeats = 0
    for chorale in everything("bach_chorales"):
        position, bar = chorale["position"], chorale["bar"]
        assert ((position >= 0) & (position < bar)).all()
        jumps = position[1:][position[1:] != position[:-1] + 1]
        assert np.count_nonzero(jumps) <= 1  # a bar cut short and then made up for
        upbeats += position[0] > 0
        if position[0]:
            assert position[bar[0] - position[0]] == 0
    assert upbeats > 150


@pytest.mark.corpus
def test_a_fermata_lasts_as_long_as_the_note_of_the_soprano():
    for chorale in everything("bach_chorales"):
        fermata, starts = chorale["fermata"], chorale["starts"][:, 0]
        assert starts[1:][fermata[1:] != fermata[:-1]].all()
    assert (
        np.mean([chorale["fermata"].any() for chorale in everything("bach_chorales")])
        > 0.99
    )


def tunes(chorale):
    onbeat = chorale["pitches"][chorale["position"] % 4 == 0, 0]
    tune = [pitch for pitch, _ in itertools.groupby(onbeat[onbeat > 0])]
    steps = " ".join(map(str, np.diff(tune))).split()
    return {" ".join(steps[i : i + 12]) for i in range(len(steps) - 11)}


def passages(chorale):
    # rests stay rests in any key
    sounding = np.where(chorale["pitches"] > 0, chorale["pitches"], np.nan)
    cuts = (sounding[i : i + 32] for i in range(len(sounding) - 31))
    return {np.nan_to_num(cut - np.nanmin(cut), nan=99.0).tobytes() for cut in cuts}


@pytest.mark.corpus
@pytest.mark.parametrize("runs", [tunes, passages])
def test_no_long_run_of_music_stands_in_two_splits(runs):
    seen = [set().union(*map(runs, corpus("bach_chorales")[s])) for s in SPLITS]
    assert not seen[0] & seen[1]
    assert not seen[0] & seen[2]
    assert not seen[1] & seen[2]


@pytest.mark.corpus
def test_no_hymn_stands_in_two_splits():
    assert not in_several_splits("bach_chorales", lambda c: letters(c["title"]))


@pytest.mark.corpus
def test_no_chorale_is_another_in_a_different_key():
    shapes = set()
    for chorale in everything("bach_chorales"):
        sounding = chorale["pitches"] > 0
        first = chorale["pitches"][sounding][0]
        shapes.add(np.where(sounding, chorale["pitches"] - first, 99).tobytes())
    assert len(shapes) == len(everything("bach_chorales"))


@pytest.mark.corpus
def test_the_split_of_a_chorale_does_not_depend_on_the_order_of_the_files():
    again = bach_chorales._splits(
        sorted(everything("bach_chorales"), key=lambda c: c["piece"][::-1])
    )
    for split, expected in corpus("bach_chorales").items():
        assert {c["piece"] for c in again[split]} == {c["piece"] for c in expected}


@pytest.mark.corpus
def test_every_chorale_has_a_title():
    assert not [c for c in everything("bach_chorales") if re.match("bwv|$", c["title"])]


def test_a_bar_that_a_repeat_divides_goes_on_behind_it_and_a_long_one_starts_anew():
    position, bar = bach_chorales._meter([(3, 4), (1, 4), (6, 4)])
    assert position.tolist() == [1, 2, 3, 0, 0, 1, 2, 3, 0, 1]
    assert set(bar) == {4}


# metro_traffic


@pytest.mark.corpus
def test_hours_of_traffic_follow_each_other_without_a_break_through_all_splits():
    assert sizes("metro_traffic") == [12384, 2208, 2928]
    stamps = [example["timestamp"] for example in everything("metro_traffic")]
    hours = np.array(stamps, "datetime64[h]")
    assert stamps[0] == "2016-10-01 00:00:00" and stamps[-1] == "2018-09-30 23:00:00"
    assert set(np.diff(hours).astype(int)) == {1}


@pytest.mark.corpus
def test_an_hour_of_traffic_is_known_in_full_or_not_at_all():
    hours = everything("metro_traffic")
    names = ["traffic", "temperature", "rain", "clouds"]
    numbers = np.array([[hour[name] for name in names] for hour in hours])
    missing = np.isnan(numbers)
    assert missing[:, 0].sum() == 104
    assert (missing == missing[:, :1]).all()
    np.testing.assert_array_equal(
        missing[:, 0], [not hour["weather"] for hour in hours]
    )
    known = numbers[~missing[:, 0]]
    assert known.min(axis=0).tolist() == pytest.approx([113, 243.39, 0, 0])
    assert known.max(axis=0).tolist() == pytest.approx([7280, 310.07, 10.6, 100])


@pytest.mark.corpus
def test_the_weather_of_the_corpus_is_the_weather_that_features_know():
    found = {hour["weather"] for hour in everything("metro_traffic")}
    assert found - {""} == set(series.WEATHER)


@pytest.mark.corpus
def test_the_clock_of_the_traffic_leaves_out_an_hour_in_spring():
    hours = {hour["timestamp"]: hour for hour in everything("metro_traffic")}
    for day in ["2017-03-12", "2018-03-11"]:
        assert np.isnan(hours[f"{day} 02:00:00"]["traffic"])


@pytest.mark.corpus
def test_rain_was_hardly_measured_before_the_test_months():
    rainy = [sum(h["rain"] > 0 for h in corpus("metro_traffic")[s]) for s in SPLITS]
    assert rainy == [12, 0, 401]
