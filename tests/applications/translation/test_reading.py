import pytest
import tensorflow as tf

from gru_apps.applications.translation import reading
from gru_apps.applications.translation.names import Name
from gru_apps.applications.translation.placeholders import SIGNS, Placeholders

NAMES = {
    "伦敦": Name("London", is_person=False),
    "汤姆": Name("Tom", is_person=True),
    "玛丽": Name("Mary", is_person=True),
    "日本": Name("Japan", is_person=False),
}
SIMPLIFIED = {"倫": "伦", "湯": "汤", "歲": "岁", "說": "说"}


@pytest.fixture(scope="module")
def reader():
    reader = reading.ChineseReader(SIMPLIFIED, Placeholders(NAMES, ["日本人"]))
    return tf.function(reader, input_signature=[tf.TensorSpec([None], tf.string)])


def read(reader, *texts):
    said = reader(tf.constant(texts))
    sentences = [[s.decode() for s in row] for row in said.sentences.to_list()]
    values = [[v.decode() for v in row if v] for row in said.values.numpy()]
    return sentences, values, [r.decode() for r in said.reasons.numpy()]


def test_texts_are_cut_behind_marks_and_quotes_and_newlines_in_order(reader):
    sentences, _, _ = read(reader, "“好！”他說。走？！是；不\n去", "好")
    assert sentences == [['"好！"', "他说。", "走？！", "是；", "不", "去"], ["好"]]


def test_both_writings_of_a_sentence_are_read_alike(reader):
    traditional, simplified = read(reader, "湯姆25歲去倫敦。", "汤姆25岁去伦敦。")[0]
    assert traditional == simplified


def test_full_width_letters_and_plain_marks_are_read_alike(reader):
    assert len({tuple(s) for s in read(reader, "Ｔｏｍ，好！", "Tom,好!")[0]}) == 1


def test_numbers_and_names_get_signs_and_equal_ones_the_same(reader):
    sentences, values, _ = read(reader, "汤姆和玛丽和汤姆在伦敦有三十五或25本书")
    assert sentences == [["♔和♕和♔在☿有⚀或⚁本书"]]
    assert values == [["thirty-five", "25", "Tom", "Mary", "London"]]


def test_a_word_that_holds_a_name_is_none(reader):
    assert read(reader, "日本人在日本")[0] == [["日本人在☿"]]


def test_a_character_is_simplified_by_the_first_entry_that_differs():
    pairs = [("乾", "乾"), ("乾", "干"), ("乾", "千"), ("好", "好"), ("乾杯", "干杯")]
    entries = [{"traditional": old, "simplified": new} for old, new in pairs]
    assert reading.simplified_characters(entries) == {"乾": "干"}


def test_signs_in_the_text_are_left_out(reader):
    assert read(reader, f"好{SIGNS}")[:2] == ([["好"]], [[]])


def test_a_seventh_name_is_left_as_it_is():
    names = {f"名{c}": Name(c, is_person=True) for c in "甲乙丙丁戊己庚"}
    reader = reading.ChineseReader({}, Placeholders(names))
    (sentence,), *_ = read(reader, "，".join(names))
    assert sentence == ["♔，♕，♖，♗，♘，♙，名庚"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", reading.EMPTY),
        (" \n", reading.EMPTY),
        ("Hello there.", reading.NO_CHINESE),
        ("12345", reading.NO_CHINESE),
        ("ภาษาไทย", reading.NO_CHINESE),
        ("これは日本語です", reading.NOT_CHINESE),
        ("I went to 北京 with all my friends", reading.NOT_CHINESE),
        ("Tom喜欢YouTube", ""),
        ("好", ""),
    ],
)
def test_what_is_not_chinese_has_a_reason_and_no_sentence(reader, text, reason):
    sentences, _, reasons = read(reader, text)
    assert reasons == [reason]
    assert bool(sentences[0]) == (reason == "")


def test_bytes_that_are_no_utf8_are_no_chinese(reader):
    assert read(reader, b"\xff\xfe")[2] == [reading.NO_CHINESE]


def test_a_long_text_is_read_in_part_and_says_so(reader):
    said = reader(tf.constant(["好" * 5000, "好"]))
    assert said.remarks.numpy().tolist() == [reading.TOO_LONG.encode(), b""]
    assert max(map(len, said.sentences.to_list()[0])) <= 3 * 100
    assert sum(map(len, said.sentences.to_list()[0])) == 3 * reading.MOST
