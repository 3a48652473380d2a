from gru_apps.applications.translation import glosses


def test_words_join_to_the_sentence_and_the_longest_is_taken():
    sentence = "我们去了Tokyo，不好！"
    words = glosses.split_words(sentence)
    assert words == ["我们", "去", "了", "Tokyo", "，", "不好", "！"]
    assert "".join(words) == sentence


def test_each_character_has_a_gloss_of_its_own_place():
    assert glosses.by_character("林") == ["林"]
    assert len(glosses.by_character("我们去Tokyo。")) == len("我们去Tokyo。")


def test_no_gloss_is_empty():
    assert all(word and gloss for word, gloss in glosses.GLOSSES.items())
