from gru_apps.applications.translation import names
from gru_apps.applications.translation.names import Name, names_of


def entry(word, pinyin, *glosses):
    return {"simplified": word, "pinyin": pinyin, "glosses": list(glosses)}


def test_a_place_goes_by_what_stands_before_its_description():
    entries = [
        entry("伦敦", "Lun2 dun1", "London, capital of United Kingdom"),
        entry("深圳", "Shen1 zhen4", "Shenzhen subprovincial city in Guangdong"),
        entry("大阪", "Da4 ban3", "Ōsaka, a city in Japan"),
        entry("铁东", "Tie3 dong1", "Tiedong district of Siping city"),
    ]
    found = {word: name.english for word, name in names_of(entries).items()}
    assert found == {"伦敦": "London", "深圳": "Shenzhen", "大阪": "Osaka"}


def test_people_abroad_go_by_their_last_name_and_chinese_by_both():
    entries = [
        entry("贝多芬", "Bei4 duo1 fen1", "Ludwig van Beethoven (1770-1827), composer"),
        entry("李白", "Li3 Bai2", "Li Bai (701-762), famous Tang Dynasty poet"),
        entry("丘吉尔", "Qiu1 ji2 er3", "variant of 邱吉爾|邱吉尔[Qiu1 ji2 er3]"),
        entry("邱吉尔", "Qiu1 ji2 er3", "Winston Churchill (1874-1965), UK politician"),
    ]
    assert names_of(entries) == {
        "贝多芬": Name("Beethoven", is_person=True),
        "李白": Name("Li Bai", is_person=True),
        "丘吉尔": Name("Churchill", is_person=True),
        "邱吉尔": Name("Churchill", is_person=True),
    }


def test_a_name_that_is_a_word_as_well_is_left_out():
    entries = [
        entry("京都", "Jing1 du1", "Kyoto, Japan"),
        entry("京都", "jing1 du1", "capital (of a country)"),
    ]
    assert names_of(entries) == {}


def test_a_name_that_training_pairs_contradict_is_left_out():
    found = {word: Name(word, is_person=False) for word in "甲乙丙"}
    counts = {"甲": [1, 3], "乙": [2, 3], "丙": [0, 2]}
    assert set(names.reliable(found, counts)) == {"乙", "丙"}


def test_words_around_a_name_are_found():
    entries = [entry("日本人", "Ri4 ben3 ren2", "Japanese"), entry("日本", "", "")]
    assert names.words_with_names(entries, ["日本"]) == ["日本人"]
