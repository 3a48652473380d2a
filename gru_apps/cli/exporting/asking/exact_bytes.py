"""Texts to the ids of tokens, byte for byte, and back."""

import re
import unicodedata

LONGEST, LONG = 16, 32  # bytes of a token, characters of what is spelled at once


class Tokenizer:
    """Maps texts to ids; `vocabulary` has the tokens, each byte as a character."""

    def __init__(self, vocabulary):
        self.tokens = [token.encode("latin-1") for token in vocabulary]
        self.ids = {token: number for number, token in enumerate(self.tokens) if token}

    def __call__(self, text):
        ids = []
        for word in split_words(text):
            for start in range(0, len(word), LONG):
                rest = word[start : start + LONG].encode()
                while rest:
                    sizes = range(min(LONGEST, len(rest)), 0, -1)
                    size = next(n for n in sizes if rest[:n] in self.ids)
                    ids.append(self.ids[rest[:size]])
                    rest = rest[size:]
        return ids

    def text(self, ids):
        """Joins the tokens of ids to a text."""
        return b"".join(self.tokens[number] for number in ids).decode(errors="replace")


def split_words(text):
    """Splits a text into words with the space before them, and white space.

    >>> split_words("In 1790,  he.")
    ['In', ' 1790', ',', ' ', ' he', '.']
    """
    kinds = "".join(map(_kind, text))
    found = re.finditer(r" ?L+| ?N+| ?[^ wnLN]+|nn|[ wn]", kinds)
    return [text[match.start() : match.end()] for match in found]


def _kind(character):
    if character in " \n\t\f\r":
        return {" ": " ", "\n": "n"}.get(character, "w")
    kind = unicodedata.category(character)[0]
    return kind if kind in "LN" else "."
