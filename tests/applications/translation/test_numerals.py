import re

import pytest

from gru_apps.applications.translation.numerals import (
    FIGURES,
    NUMERALS,
    Numerals,
    in_words,
)
from gru_apps.applications.translation.trials import in_numerals

NUMBERS = {
    "十五": "fifteen",
    "一百": "one hundred",
    "三百零五": "305",
    "两万": "20,000",
    "十万": "100,000",
    "一百二十万": "1,200,000",
    "一亿三千万": "130,000,000",
    "一九六〇": "1960",
    "2010": "2010",
    "1,500": "1,500",
    "3.5": "3.5",
    "3.5万": "35,000",
    "20亿": "2,000,000,000",
    "9" * 50: "9" * 50,
}


@pytest.fixture(scope="module")
def numerals():
    return Numerals()


@pytest.mark.parametrize(("chinese", "english"), NUMBERS.items())
def test_a_number_is_written_as_english_writes_it(numerals, chinese, english):
    assert re.fullmatch(f"{FIGURES}|{NUMERALS}", chinese)
    assert numerals([chinese]).numpy()[0].decode() == english


def test_all_numerals_to_99_are_read(numerals):
    written = [in_numerals(number) for number in range(11, 100)]
    expected = [in_words(number) for number in range(11, 100)]
    assert [word.decode() for word in numerals(written).numpy()] == expected


@pytest.mark.parametrize("word", ["三", "三四", "千万", "万一", "百", "一一"])
def test_words_that_only_look_like_numbers_are_none(word):
    assert not re.fullmatch(f"{FIGURES}|{NUMERALS}", word)


def test_tens_and_teens_are_spelled_as_english_spells_them():
    tens = "twenty thirty forty fifty sixty seventy eighty ninety"
    teens = (
        "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    )
    assert [in_words(number) for number in range(20, 100, 10)] == tens.split()
    assert [in_words(number) for number in range(11, 20)] == teens.split()
