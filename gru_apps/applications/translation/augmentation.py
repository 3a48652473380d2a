"""More pairs to train a translator on: words, and sentences in a row."""

import collections
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

# what is no translation: references, notes on grammar, things told at length
_NO_GLOSS = re.compile(
    r"[\u4e00-\u9fff(\[]|\b(variant|abbr|see|lit|fig|idiom|used|classifier|surname|CL|"
    r"Tw|sb|sth|e\.g|i\.e|particle|prefix|suffix|radical|interj)\b"
)
_MOST_WORDS = 6  # of a list
_WORD = re.compile(r"[\u4e00-\u9fff]{1,4}")
_STATEMENT = re.compile("[^，。]{3,13}。")


def word_pairs(
    entries: Iterable[Mapping],
    chinese: Sequence[str],
    english: Sequence[str],
    *,
    held_out: Sequence[str] = (),
    min_count: int = 5,
) -> tuple[list[str], list[str]]:
    """Returns Chinese words and what they mean, of those that sentences are made of.

    `entries` are those of the corpus `cedict`, `chinese` (simplified) and `english` the
    sentences of the training split. Each character of a word and each English word of
    its meaning stand `min_count` times in those at least; words of the dictionary that
    mean a longer explanation are left out. A verb goes without its "to". What is all of
    one of the texts `held_out`, of either language, is left out as well.

    >>> entry = {"simplified": "银行", "pinyin": "yin2 hang2", "glosses": ["bank"]}
    >>> word_pairs([entry], ["去银行"], ["Go to the bank."], min_count=1)
    (['银行'], ['bank'])
    """
    characters = _counts(chinese, ".")
    words = _counts(english, "[a-z']+")
    held_out = set(map(_letters, held_out))
    pairs = {}
    for entry in entries:
        word = entry["simplified"]
        fits = _WORD.fullmatch(word) and entry["pinyin"][:1].islower()
        if fits and min(characters.get(c, 0) for c in word) >= min_count:
            for gloss in entry["glosses"][:2]:
                meaning = gloss.split(";")[0].removeprefix("to ").strip()
                parts = re.findall("[a-z']+", meaning.lower())
                known = parts and min(words.get(p, 0) for p in parts) >= min_count
                free = held_out.isdisjoint({word, _letters(meaning)})
                if known and free and len(parts) <= 3 and not _NO_GLOSS.search(meaning):
                    pairs.setdefault((word, meaning))
    return [zh for zh, _ in pairs], [en for _, en in pairs]


def word_lists(
    chinese: Sequence[str], english: Sequence[str], *, seed: int
) -> tuple[list[str], list[str]]:
    """Sets pairs of words side by side, one to six in a list, in a random order.

    So a word stands among others, and an epoch over many words has few examples.

    >>> word_lists(["银行"], ["bank"], seed=0)
    (['银行'], ['bank'])
    """
    rng = np.random.default_rng(seed)
    order, lists = rng.permutation(len(chinese)), ([], [])
    ends = np.cumsum(rng.integers(1, _MOST_WORDS + 1, size=len(order)))
    for places in np.split(order, ends[ends < len(order)]):
        lists[0].append("，".join(chinese[place] for place in places))
        lists[1].append(", ".join(english[place] for place in places))
    return lists


def joined_pairs(
    chinese: Sequence[str], english: Sequence[str], *, number: int, seed: int
) -> tuple[list[str], list[str]]:
    """Joins `number` pairs of sentences, drawn at random, to pairs twice as long.

    >>> joined_pairs(["好。"], ["Good."], number=1, seed=0)
    (['好。好。'], ['Good. Good.'])
    """
    drawn = np.random.default_rng(seed).integers(len(chinese), size=(number, 2))
    longer = [chinese[first] + chinese[second] for first, second in drawn]
    return longer, [f"{english[first]} {english[second]}" for first, second in drawn]


def clause_pairs(
    chinese: Sequence[str], english: Sequence[str], *, number: int, seed: int
) -> tuple[list[str], list[str]]:
    """Joins `number` pairs of short statements, drawn at random, by a comma.

    So a sentence of two clauses is learnt, of which a corpus of short sentences has
    few. A statement has 4 to 14 Chinese characters. The second one goes without its
    capital, unless its first word has one within sentences, too, as "I" has.

    >>> pairs = ["他走了。", "我不能去。"], ["He left.", "We can't; he can."]
    >>> clause_pairs(*pairs, number=1, seed=1)
    (['他走了，我不能去。'], ["He left, we can't; he can."])
    """
    pairs = zip(chinese, english, strict=True)
    pairs = [p for p in pairs if _STATEMENT.fullmatch(p[0]) and p[1].endswith(".")]
    if not pairs:
        return [], []
    inside = collections.Counter(word for e in english for word in e.split(" ")[1:])
    longer = [], []
    for first, second in np.random.default_rng(seed).choice(pairs, size=(number, 2)):
        word, space, rest = second[1].partition(" ")
        small = word[:1].lower() + word[1:]
        word = small if inside[small] >= inside[word] else word
        longer[0].append(f"{first[0][:-1]}，{second[0]}")
        longer[1].append(f"{first[1][:-1]}, {word}{space}{rest}")
    return longer


def pairs_of_length(
    chinese: Sequence[str],
    english: Sequence[str],
    *,
    shortest: int = 1,
    longest: int | None = None,
    times: int = 1,
) -> tuple[list[str], list[str]]:
    """Returns pairs of so many Chinese characters, each as many `times`.

    What people say every day is short, and a corpus has it once; of long sentences it
    has few.

    >>> pairs_of_length(["好。", "他走了。"], ["Good.", "He left."], longest=2, times=2)
    (['好。', '好。'], ['Good.', 'Good.'])
    """
    longest = longest or max(map(len, chinese), default=0)
    pairs = zip(chinese, english, strict=True)
    pairs = [pair for pair in pairs if shortest <= len(pair[0]) <= longest] * times
    return [zh for zh, _ in pairs], [en for _, en in pairs]


def without_last_mark(chinese: Sequence[str], *, share: float, seed: int) -> list[str]:
    """Takes the full stop off a share of sentences, as one types in a hurry.

    >>> without_last_mark(["好。"], share=1.0, seed=0)
    ['好']
    """
    drawn = np.random.default_rng(seed).random(len(chinese)) < share
    pairs = zip(chinese, drawn, strict=True)
    return [line.rstrip("。！") or line if bare else line for line, bare in pairs]


def _letters(text):
    return re.sub(r"[\W_]+", "", text.casefold())


def _counts(lines, pattern):
    counts = {}
    for line in lines:
        for part in re.findall(pattern, line.lower()):
            counts[part] = counts.get(part, 0) + 1
    return counts
