"""English sentences to the token ids of a tokenizer that looks past typing errors."""

import re
import unicodedata

UNKNOWN = 1
MAX_LENGTH, MAX_PIECE = 4000, 100  # tokens of a text, and of what is read together
SHORTEST, LONGEST, KNOWN = 5, 14, 8000  # characters and number of words mended to
PLAIN = {"‘’‛`´": "'", "“”„": '"', "‐‑‒–": "-", "…": "..."}
PLAIN = str.maketrans({sign: plain for signs, plain in PLAIN.items() for sign in signs})


class Tokenizer:
    """Maps texts to ids; `vocabulary` lists the tokens in the order of their ids."""

    def __init__(self, vocabulary):
        self.ids = {token: number for number, token in enumerate(vocabulary)}
        self.beside = {}  # the commonest word that is this, or this and a letter
        for number, word in enumerate(vocabulary[:KNOWN]):
            if word.isalpha() and SHORTEST <= len(word) <= LONGEST:
                for shorter in [word, *without_a_letter(word)]:
                    self.beside.setdefault(shorter, number)

    def __call__(self, sentence):
        words = [word.strip().lower() for word in split_words(sentence)]
        return [self.ids.get(word) or self.mended(word) for word in words]

    def mended(self, word):
        """Returns the id of the commonest word beside an unknown one."""
        if not SHORTEST - 1 <= len(word) <= LONGEST + 1:
            return UNKNOWN
        near = [self.beside.get(part) for part in [word, *without_a_letter(word)]]
        return min((number for number in near if number is not None), default=UNKNOWN)


def without_a_letter(word):
    """Returns the word without its second letter, its third and so on.

    >>> without_a_letter("good")
    ['god', 'god', 'goo']
    """
    return [word[:place] + word[place + 1 :] for place in range(1, len(word))]


def split_words(text):
    """Splits a text into words, each with the space that stood before it.

    >>> split_words("Tom, don't!")
    [' Tom', ',', ' don', "'t", '!']
    """
    text = " " + normalized(text)
    kinds = "".join(map(_kind, text))  # a letter for each character
    found = re.finditer(r"'L+| ?[LMN]+| ?[^ LMN]", kinds)
    return [text[match.start() : match.end()] for match in found]


def normalized(text):
    """Makes one space of white space and control characters, plain quotes of curly."""
    text = text.translate(PLAIN)
    hidden = ("Z", "Cc", "Cf", "Co", "Cs")
    spaced = (" " if unicodedata.category(c).startswith(hidden) else c for c in text)
    return re.sub(" +", " ", "".join(spaced)).strip(" ")


def _kind(character):
    kind = unicodedata.category(character)[0]
    return kind if kind in "LMN" or character not in " '" else character


def pieces(tokenizer, text):
    """Returns the ids of the sentences of a text, a long one in several pieces."""
    text = re.sub(r"(?:<br ?/?>|[\n\r])+", "\x1f", text)
    text = re.sub(r"""([.!?…]["”’')\]]*)[\t\n\f\r ]+""", "\\1\x1f", text)
    found, left = [], MAX_LENGTH
    for sentence in text.split("\x1f"):
        ids = tokenizer(sentence)[:left]
        left -= len(ids)
        starts = range(0, len(ids), MAX_PIECE)
        found += [ids[start : start + MAX_PIECE] for start in starts]
    return found
