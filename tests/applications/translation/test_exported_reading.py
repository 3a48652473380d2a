"""What an export reads and writes by code of its own is what the SavedModel does."""

import re

import pytest
import tensorflow as tf

from gru_apps.applications.translation import numerals
from gru_apps.cli.exporting.asking import chinese


@pytest.mark.parametrize("script", ["Han", "Latin"])
def test_an_export_knows_the_letters_that_the_saved_model_knows(script):
    every = [chr(n) for n in range(0x110000) if not 0xD800 <= n <= 0xDFFF]
    told = tf.strings.regex_full_match(tf.constant(every), rf"\p{{{script}}}").numpy()
    known = re.compile(f"[{getattr(chinese, script.upper())}]")
    assert [bool(known.match(character)) for character in every] == told.tolist()


@pytest.mark.parametrize(
    "number, expected",
    [
        ("2.5万", "25,000"),
        ("1,300万", "13,000,000"),
        ("13亿", "1,300,000,000"),
        ("9999999亿", "999,999,900,000,000"),
        # no number, or more than is counted exactly
        ("1.2.3万", "1.2.3万"),
        ("123456789012亿", "123456789012亿"),
        ("99999999999999999999万", "99999999999999999999万"),
        ("一十" + 17 * "九", "一十" + 17 * "九"),
        ("九百" * 21, "九百" * 21),
        ("九千九百九十九亿九千九百九十九万九千九百九十九", "999,999,999,999"),
    ],
)
def test_large_numbers_are_written_alike_and_rightly(number, expected):
    assert numerals.Numerals()([number]).numpy()[0].decode() == expected
    digits = numerals._DIGITS | numerals._UNITS
    settings = {"numerals": digits, "numbers_in_words": {}}
    assert chinese.in_english(number, settings) == expected
