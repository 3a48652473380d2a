"""Sentences composed of rated words, to say what order, negation and numbers do."""

import csv
import pathlib
import random
import string
from collections.abc import Mapping

from gru_apps.applications.sentiment.sentences import Sentences

TURNED = -2 / 3  # the share of a rating that a negation leaves
HELD = 0.8  # that of the clause which decides, beside one of the other sign
_SLOTS = {"a": "adjective", "b": "adjective", "same": "adjective", "n": "quality"}
_SLOTS |= {"m": "thing", "t": "action", "ts": "action", "v": "verb"}
_IN_VAIN = 10_000  # sentences in a row that are there already
_OTHER = "other_"  # before a slot whose sign is the other one
_VERBS = {"like": 1.5, "love": 3.0, "enjoy": 2.2, "admire": 2.4, "adore": 2.9}
_VERBS |= {"recommend": 2.0, "appreciate": 1.8, "cherish": 2.5, "hate": -2.9}
_VERBS |= {"dislike": -1.8, "regret": -2.0, "loathe": -2.9, "resent": -2.0}
_VERBS |= {"detest": -2.8, "despise": -2.7, "suffer from": -2.0}
_ADJECTIVE_ENDS = (
    *("ful", "less", "ive", "ous", "ing", "able", "ible", "ish"),
    *("ic", "ed", "ant", "ent", "some", "ary", "id"),
)
_QUALITY_ENDS = ("ness", "ment", "ion", "ity", "ism", "ship", "dom", "ance", "ence")


class Composer:
    """Composes sentences, each with a rating from -4 to 4, of words that people rated.

    `ratings` are those of single words; the frames around them are those of
    `frames.csv`. A negation turns the sign of a rating and leaves two thirds of it; of
    two clauses the one behind "but", or the main one beside "although", decides; where
    `clauses` are given, with their ratings, they stand for two clauses in five. A
    report states a fact and is rated 0. The same `seed` composes the same sentences.
    Raises `ValueError` if `ratings` lack adjectives or nouns of either sign.

    The rules are a part of those of Hutto and Gilbert, 2014, ICWSM, "VADER".

    >>> words = {"good": 1.9, "bad": -2.5, "happiness": 2.6, "sadness": -1.9}
    >>> words |= {"treasure": 1.2, "treasures": 1.4, "problem": -1.7, "problems": -1.7}
    >>> words |= {"inspire": 2.7, "inspires": 2.3, "inspiring": 1.8}
    >>> words |= {"offend": -1.2, "offends": -2.0, "offending": -2.3}
    >>> Composer(words, seed=2).negation()
    ('the finale is never offending', 1.5333333333333332)
    """

    def __init__(
        self,
        ratings: Mapping[str, float],
        *,
        clauses: Mapping[str, float] | None = None,
        seed: int,
    ):
        self.random = random.Random(seed)
        self.frames = read_frames()
        words = {w.lower(): r for w, r in ratings.items() if abs(r) >= 1}
        self.words = {
            "adjective": _by_sign(words, self._is_adjective),
            "quality": _by_sign(words, lambda word: word.endswith(_QUALITY_ENDS)),
            "thing": _by_sign(words, lambda word: self._is_thing(word, words)),
            "action": _by_sign(words, lambda word: _is_action(word, words)),
            "verb": _by_sign(_VERBS, bool),
        }
        self.clauses = _by_sign(clauses, bool) if clauses else None

    @classmethod
    def of_people(cls, people: Sentences, words: Mapping[str, float], *, seed: int):
        """Makes a composer of what people wrote and rated.

        Of the rated `words` it takes those that stand in their sentences. Sentences of
        nine words at most that say clearly what they mean are clauses, too.
        """
        used, clauses = set(), {}
        for text, rating in zip(people.texts, people.ratings, strict=True):
            used.update(text.lower().split())
            text = text.rstrip(" .!")
            if len(text.split()) <= 9 and "." not in text and abs(rating) >= 1.2:
                clauses[text] = float(rating)
        common = {word: r for word, r in words.items() if word.lower() in used}
        return cls(common, clauses=clauses, seed=seed)

    def compose(self, number: int) -> list[tuple[str, float]]:
        """Returns `number` different sentences with their ratings, of all kinds.

        Raises `ValueError` where so few words do not make so many.
        """
        kinds = [self.clause, self.phrase, self.negation, self.negation, self.contrast]
        kinds += [self.concession, self.lack, self.verdict, self.report]
        made, in_vain = {}, 0
        while len(made) < number:
            text, rating = kinds[len(made) % len(kinds)]()
            end = "" if text[-1] in ".?!" else self.random.choice(("", ".", ".", "!"))
            text = text[0].upper() + text[1:] + end
            in_vain = in_vain + 1 if text in made else 0
            made[text] = rating
            if in_vain > _IN_VAIN:
                raise ValueError(
                    "`number` must be less where words are so few. "
                    f"Received: number={number}, of which there are {len(made)}"
                )
        return list(made.items())

    def clause(self, positive: bool | None = None) -> tuple[str, float]:
        """A word in a plain sentence, "{s} {is} {a}", or one of the given clauses."""
        positive = self._sign(positive)
        if self.clauses and self.random.random() < 0.4:
            return self.random.choice(self.clauses[positive])
        return self._filled("clause", positive)

    def phrase(self) -> tuple[str, float]:
        """A word alone, or beside a noun: "a {a} {k}"."""
        return self._filled("phrase", self._sign())

    def negation(self) -> tuple[str, float]:
        """A clause negated, near the word or far from it; one in four is confirmed."""
        if self.random.random() < 0.25:
            return self._filled("confirmed", self._sign())
        text, rating = self._filled("negated", self._sign())
        return text, rating * TURNED

    def contrast(self) -> tuple[str, float]:
        """Two clauses joined by "but" or its like: the last one decides."""
        text, rating = self._filled("contrast", self._sign())
        return text, rating * HELD

    def concession(self) -> tuple[str, float]:
        """Two clauses joined by "although" or its like: the main one decides."""
        text, rating = self._filled("concession", self._sign())
        return text, rating * HELD

    def lack(self) -> tuple[str, float]:
        """Something that is there, or that is absent."""
        if self.random.random() < 0.4:
            return self._filled("present", self._sign())
        text, rating = self._filled("absent", self._sign())
        return text, rating * TURNED

    def verdict(self) -> tuple[str, float]:
        """Stars, points, marks and thumbs; none that is half of all."""
        kind = self.random.choice(("praise", "blame", 5, 5, 10, 10, 100))
        if isinstance(kind, str):
            return self._filled(kind, True)[0], 3.2 if kind == "praise" else -3.2
        points = self.random.randint(0, kind)
        if kind == 5 and 0 < points < 5 and self.random.random() < 0.3:
            points += 0.5
        rating = 7 * (points / kind - 0.5)
        if abs(rating) < 0.6:
            return self.verdict()
        words = str(points) if points > 10 else self._spelled(points)
        text, _ = self._filled(f"verdict of {kind}", True, n=str(points), w=words)
        return text, rating

    def report(self) -> tuple[str, float]:
        """A fact, of which nobody thinks well or badly."""
        return self._filled("report", True)[0], 0.0

    def _sign(self, positive=None):
        return self.random.random() < 0.5 if positive is None else positive

    def _filled(self, kind, positive, **given):
        """Fills a frame whose own words have the sign `positive`, and rates them."""
        frame = self.random.choice(self.frames[kind])
        rating, values = 0.0, {}
        for _, slot, _, _ in string.Formatter().parse(frame):
            if slot is None or slot in values:
                continue
            values[slot], own = self._slot(slot, positive, given)
            rating = own or rating
        return frame.format(**values), rating

    def _slot(self, slot, positive, given):
        """A slot's text, and its rating, None where the slot doesn't decide."""
        if slot in given:
            return given[slot], None
        if slot in self.frames:
            return self.random.choice(self.frames[slot]), None
        plain = slot.removeprefix(_OTHER)
        positive = positive == (slot == plain)
        if plain == "c":
            text, rating = self.clause(positive)
        else:
            text, rating = self.random.choice(self.words[_SLOTS[plain]][positive])
        if plain == "a":
            text = self.random.choice(self.frames["degree"]) + text
        decides = slot == plain != "same"
        text = _third_person(text) if plain == "ts" else text
        return text, rating if decides else None

    def _is_adjective(self, word):
        ends = word.endswith(_ADJECTIVE_ENDS) and not word.endswith(_QUALITY_ENDS)
        return ends or word in self.frames["adjective"]

    def _is_thing(self, word, words):
        """Whether a word is a noun that can be counted, as its plural is rated, too."""
        plural = word + "s" in words or word.removesuffix("y") + "ies" in words
        return plural and not (_is_action(word, words) or self._is_adjective(word))

    def _spelled(self, points):
        whole = self.frames["number"][int(points)]
        return whole if points == int(points) else f"{whole} and a half"


def read_frames() -> dict[str, list[str]]:
    """Returns the frames of `frames.csv` by their kind."""
    path = pathlib.Path(__file__).with_name("frames.csv")
    frames = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            frames.setdefault(row["kind"], []).append(row["frame"])
    return frames


def _by_sign(ratings, belongs):
    found = {True: [], False: []}
    for word, rating in sorted(ratings.items()):
        if belongs(word):
            found[rating > 0].append((word, rating))
    if not (found[True] and found[False]):
        raise ValueError(
            "`ratings` must have adjectives, nouns and verbs of both signs. "
            f"Received: {len(ratings)} words rated beyond 1"
        )
    return found


def _is_action(word, words):
    """Whether a word is a verb: its forms are rated, too."""
    stems = (word, word.removesuffix("e"), word + word[-1])
    return _third_person(word) in words and any(s + "ing" in words for s in stems)


def _third_person(verb):
    return verb + ("es" if verb.endswith(("s", "sh", "ch", "x")) else "s")
