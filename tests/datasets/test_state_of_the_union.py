import re

import pytest
from corpora import SPLITS, corpus, everything, in_several_splits, letters, sizes


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
