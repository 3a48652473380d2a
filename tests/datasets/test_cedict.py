import pytest

from gru_apps.datasets import cedict


@pytest.mark.corpus
def test_the_dictionary_is_whole_and_in_its_order():
    entries = cedict.read_entries()
    assert len(entries) == 121_158
    (london,) = [entry for entry in entries if entry["simplified"] == "伦敦"]
    assert london == {
        "traditional": "倫敦",
        "simplified": "伦敦",
        "pinyin": "Lun2 dun1",
        "glosses": ["London, capital of United Kingdom"],
    }
    written = [entry["simplified"] for entry in entries if entry["traditional"] == "著"]
    assert written == ["着", "着", "着", "着", "著"]
