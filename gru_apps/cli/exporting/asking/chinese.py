"""Chinese texts as a translator reads them: simplified, cut, with signs for names."""

import re
import unicodedata

from gru_apps.cli.exporting.asking import words

MOST = 4000  # characters of a text that are read
LATIN = (  # those of RE2's \p{Latin}
    "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02b8\u02e0-\u02e4"
    "\u1d00-\u1d25\u1d2c-\u1d5c\u1d62-\u1d65\u1d6b-\u1d77\u1d79-\u1dbe"
    "\u1e00-\u1eff\u2071\u207f\u2090-\u209c\u212a-\u212b\u2132\u214e\u2160-\u2188"
    "\u2c60-\u2c7f\ua722-\ua787\ua78b-\ua7ca\ua7d0-\ua7d1\ua7d3\ua7d5-\ua7d9"
    "\ua7f2-\ua7ff\uab30-\uab5a\uab5c-\uab64\uab66-\uab69\ufb00-\ufb06"
    "\uff21-\uff3a\uff41-\uff5a\U00010780-\U00010785\U00010787-\U000107b0"
    "\U000107b2-\U000107ba\U0001df00-\U0001df1e\U0001df25-\U0001df2a"
)
HAN = (  # those of RE2's \p{Han}
    "\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029"
    "\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufa6d\ufa70-\ufad9"
    "\U00016fe2-\U00016fe3\U00016ff0-\U00016ff1\U00020000-\U0002a6df"
    "\U0002a700-\U0002b739\U0002b740-\U0002b81d\U0002b820-\U0002cea1"
    "\U0002ceb0-\U0002ebe0\U0002f800-\U0002fa1d\U00030000-\U0003134a"
    "\U00031350-\U000323af"
)
NUMBERS, PEOPLE, OTHERS = "⚀⚁⚂⚃⚄⚅", "♔♕♖♗♘♙", "☿♀♁♃♄♅"
SIGNS = NUMBERS + PEOPLE + OTHERS
EACH, LONGEST = len(NUMBERS), 8  # signs of a kind, characters of a name
NUMBER, PERSON, NO_WORD = 0, 1, -1
FIGURES = r"[0-9]+(?:[.,:/][0-9]+)*[万亿]?"
YEAR = "[〇零一二三四五六七八九]{4}"
NUMERALS = (
    r"(?:十[一二三四五六七八九万亿]|[一二两三四五六七八九][十百千万亿])"
    rf"[〇零一二两三四五六七八九十百千万亿]*|{YEAR}"
)
_WORD = rf"[{LATIN}](?:[{LATIN}0-9'&@._/+-]*[{LATIN}0-9+])?"
_LARGE = re.compile(
    r"(?:[0-9]{1,7}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.[0-9]{1,9})?[万亿]"
)
_UNREAD = re.compile("(?s).*[〇零一二两三四五六七八九]{9}.*|.{41,}")
UNIT = re.compile(rf"{FIGURES}|{NUMERALS}|{_WORD}(?: {_WORD})*|.")
IS_NUMBER = re.compile(f"{FIGURES}|{NUMERALS}")
IS_LATIN = re.compile(rf"{_WORD}(?: {_WORD})*")


def reason_against(text):
    """Says why a text is not to be translated, or ""."""
    chinese = len(re.findall(f"[{HAN}]", text))
    latin = len(re.findall(f"[{LATIN}]+", text))
    letters = sum(unicodedata.category(c)[0] == "L" for c in text)
    others = letters - chinese - len(re.findall(f"[{LATIN}]", text))
    if not text.strip(" \t\n\f\r"):
        return "the text is empty"
    if not chinese:
        return "there are no Chinese characters"
    return "most of the text is not Chinese" if latin + others > chinese else ""


def sentences(text):
    """Cuts a text behind the marks that end sentences, and their quotes."""
    ends = r"([。！？；!?;\n\r]+[\"'”’」』）)》]*)"
    text = re.sub(ends, "\\1\x1f", text[:MOST])
    text = re.sub("([^\x1f]{100})", "\\1\x1f", text)
    return [part for part in text.split("\x1f") if any(map(_is_said, part))]


def _is_said(character):
    return unicodedata.category(character)[0] in "LN"


def folded(sentence, characters):
    """Writes a sentence in simplified characters and plain punctuation."""
    text = "".join(characters.get(c, c) for c in words.normalized(sentence))
    text = re.sub(r",\s*([^0-9]|$)", r"，\1", text)
    text = re.sub(r"([^.])\.$", r"\1。", text)
    return re.sub(rf"([^{LATIN}0-9]) ", r"\1", text)


def masked(sentence, settings):
    """Puts signs in place of numbers and names; returns them with their English."""
    units = UNIT.findall(re.sub(f"[{SIGNS}]", "", sentence))
    written, values, place = "", {}, 0
    known = {}  # the sign of an English name of a kind
    while place < len(units):
        word, english, kind, length = _word(units[place:], settings)
        place += length
        if kind >= 0 and (english, kind) not in known:
            rank = sum(other == kind for _, other in known)
            known[english, kind] = SIGNS[kind * EACH + rank] if rank < EACH else ""
        sign = known.get((english, kind), "")
        written += sign or word
        if sign:
            values[sign] = english
    return written, values


def _word(units, settings):
    """The longest word that units begin with, its English, kind and number of units."""
    word, english, kind, length = units[0], "", NO_WORD, 1
    if IS_NUMBER.fullmatch(word):
        english, kind = in_english(word, settings), NUMBER
    elif IS_LATIN.fullmatch(word):
        english, kind = word, PERSON
    for number in range(2, min(LONGEST, len(units)) + 1):
        joined = "".join(units[:number])
        if joined in settings["names"]:
            word, length = joined, number
            english, kind = settings["names"][joined]
    return word, english, kind, length


def in_english(number, settings):
    """Writes a number in English: up to a hundred in words, others in figures."""
    if _LARGE.fullmatch(number):
        unit = 1e4 if number.endswith("万") else 1e8
        return f"{round(float(re.sub('[万亿,]', '', number)) * unit):,}"
    if re.fullmatch(FIGURES, number) or _UNREAD.fullmatch(number):
        return number
    value = _value(number, settings["numerals"])
    as_figures = str(value) if re.fullmatch(YEAR, number) else f"{value:,}"
    return settings["numbers_in_words"].get(str(value), as_figures)


def _value(number, numerals):
    total = section = digit = 0  # of 两万三千零五: 20000, 3000, 5
    for sign in (numerals.get(character, -1) for character in number):
        if sign >= 10**4:
            inside = total if total < sign else 0
            total += max(inside + section + digit, 1) * sign - inside
            section = digit = 0
        elif sign >= 10:
            section, digit = section + max(digit, 1) * sign, 0
        elif sign >= 0:
            digit = digit * 10 + sign
    return total + section + digit
