"""Names of people, places and things, from the entries of a dictionary."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

_HAN = re.compile(r"[\u4e00-\u9fff·]{2,8}")
_SMALL_WORDS = {"of", "and", "the", "van", "von", "de", "da", "du", "la", "al"}
# what a gloss says of people: their years, mostly
_PERSON = re.compile(
    r"\((?:c\. ?|born )?[-–]?\d{2,4}|\bBC\b|\bname\)|actor|actress|singer|writer|poet"
    r"|novelist|politician|president|emperor|general"
)
# what may follow a name within its gloss; smaller places are no names but words
_SETTLEMENTS = {"city", "municipality", "province", "subprovincial"}
_SETTLEMENTS |= {"prefecture-level", "county-level", "metropolitan"}
_SEE = re.compile(r"(?:variant of|see|also written) (?:\S+\|)?(\S+?)\[")
_END = re.compile(r" \(| or | aka |[,;:\[]|$")


class Name(NamedTuple):
    """What a name is called in English, and whether it is a person's."""

    english: str
    is_person: bool


def names_of(entries: Iterable[Mapping]) -> dict[str, Name]:
    """Returns the names of a dictionary by their simplified characters.

    `entries` are those of the corpus `cedict`. A name has a capital in its reading, and
    in each word that its first gloss begins with; one that refers to another is called
    like it, and a word that is no name as well is left out. People abroad, whose
    reading is one word, go by their last name.

    >>> entry = {"simplified": "贝多芬", "pinyin": "Bei4 duo1 fen1"}
    >>> names_of([entry | {"glosses": ["Ludwig van Beethoven (1770-1827)"]}])
    {'贝多芬': Name(english='Beethoven', is_person=True)}
    """
    names, words, see = {}, set(), {}
    for entry in entries:
        word, pinyin = entry["simplified"], entry["pinyin"]
        if not pinyin[:1].isupper():
            words.add(word)
        elif match := _SEE.match(entry["glosses"][0]):
            see[word] = match[1]
        elif _HAN.fullmatch(word) and (english := _called(entry["glosses"][0])):
            is_person = bool(_PERSON.search(entry["glosses"][0]))
            if is_person and "·" not in word and len(re.findall("[A-Z]", pinyin)) == 1:
                english = english.split()[-1]
            names.setdefault(word, Name(english, is_person))
    names |= {word: names[other] for word, other in see.items() if other in names}
    return {word: name for word, name in names.items() if word not in words}


def reliable(
    names: Mapping[str, Name], counts: Mapping[str, Sequence[int]]
) -> dict[str, Name]:
    """Leaves out names that English sentences mostly do not have where Chinese do.

    `counts` are those of `placeholders.masked_pairs` over training pairs. A name is
    left out that fails in more than four of ten, of at least three.

    >>> reliable({"上都": Name("Shangdu", is_person=False)}, {"上都": [0, 23]})
    {}
    """
    return {
        word: name
        for word, name in names.items()
        if (c := counts.get(word, (0, 0)))[1] < 3 or c[0] >= 0.6 * c[1]
    }


def words_with_names(entries: Iterable[Mapping], names: Iterable[str]) -> list[str]:
    """Returns words of a dictionary that hold a name and are none.

    Without 日本人, Japanese, a reader would find 日本, Japan.
    """
    names = set(names)
    sizes = sorted({len(name) for name in names})
    found = set()
    for entry in entries:
        word = entry["simplified"]
        parts = (
            word[start : start + size]
            for size in sizes
            if size < len(word) <= 6
            for start in range(len(word) - size + 1)
        )
        if word not in names and _HAN.fullmatch(word) and not names.isdisjoint(parts):
            found.add(word)
    return sorted(found)


def _called(gloss):
    """Takes the name out of its gloss: `London, capital of United Kingdom`."""
    gloss = re.sub(r"^\([^)]*\) ", "", gloss)
    words = gloss[: _END.search(gloss).start()].removeprefix("the ").split()
    fits = [word[0].isupper() or word in _SMALL_WORDS for word in words]
    size = fits.index(False) if False in fits else len(fits)
    if not 1 <= size <= 4 or not words[0][0].isupper():
        return ""
    if words[size:] and words[size] not in _SETTLEMENTS:
        return ""
    name = "the " * gloss.startswith("the ") + " ".join(words[:size])
    # Ōsaka is Osaka where English is spoken, and Zürich keeps its dots
    name = unicodedata.normalize("NFD", name).replace("\u0304", "")
    return unicodedata.normalize("NFC", name)
