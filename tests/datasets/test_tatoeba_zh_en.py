import pytest
from corpora import SPLITS, corpus, everything, in_several_splits, letters, sizes

from gru_apps.datasets import tatoeba_zh_en


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
