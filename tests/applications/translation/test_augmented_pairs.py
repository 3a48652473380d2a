from gru_apps.applications.translation import augmentation
from gru_apps.applications.translation.names import Name
from gru_apps.applications.translation.placeholders import Placeholders, masked_pairs

ENTRIES = [
    {"simplified": "银行", "pinyin": "yin2 hang2", "glosses": ["bank", "(old) bank"]},
    {"simplified": "行", "pinyin": "hang2", "glosses": ["to go"]},
    {"simplified": "北京", "pinyin": "Bei3 jing1", "glosses": ["Beijing"]},
]
CHINESE, ENGLISH = ["我去银行。", "行！北京"], ["I go to the bank.", "Go! Beijing"]


def test_words_are_paired_with_short_meanings_and_names_are_not():
    words = augmentation.word_pairs(ENTRIES, CHINESE, ENGLISH, min_count=1)
    assert list(zip(*words, strict=True)) == [("银行", "bank"), ("行", "go")]


def test_what_is_all_of_a_held_out_text_is_left_out():
    for text in ["行！", "Go!"]:
        words = augmentation.word_pairs(
            ENTRIES, CHINESE, ENGLISH, held_out=[text], min_count=1
        )
        assert words == (["银行"], ["bank"])


def test_lists_hold_each_word_once_and_its_meaning_at_the_same_place():
    words = [str(n) for n in range(50)]
    chinese, english = augmentation.word_lists(words, words, seed=1)
    parts = [part for line in chinese for part in line.split("，")]
    assert sorted(parts) == sorted(words)
    assert [line.replace("，", ", ") for line in chinese] == english
    assert 1 < max(line.count("，") + 1 for line in chinese) <= 6


def test_values_get_signs_where_both_sentences_have_them():
    placeholders = Placeholders({"汤姆": Name("Tom", is_person=True)})
    chinese = ["汤姆有25本书", "汤姆走", "三十五岁", "五百米"]
    english = ["Tom has 25 books.", "He goes.", "35 years old", "Five hundred metres"]
    *pairs, counts = masked_pairs(placeholders, chinese, english)
    assert pairs[0] == ["♔有⚀本书", "汤姆走", "⚀岁", "⚀米"]
    assert pairs[1] == ["♔ has ⚀ books.", "He goes.", "⚀ years old", "⚀ metres"]
    assert counts["汤姆"] == [1, 2]
