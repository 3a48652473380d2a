"""Chinese texts as a translator takes them: simplified, cut into sentences, masked."""

from collections.abc import Iterable, Mapping, Sequence

import tensorflow as tf

from gru_apps.applications.translation.names import (
    names_of,
    reliable,
    words_with_names,
)
from gru_apps.applications.translation.placeholders import (
    SIGNS,
    Placeholders,
    masked_pairs,
)
from gru_apps.encoding import text
from gru_apps.encoding.pieces import table
from gru_apps.serving.sentences import Reading

MOST = 4000  # characters of a text that are read: some pages
AT_ONCE = 1000  # texts that are folded at once
_LONGEST = 100  # characters of a sentence; a longer one is cut
_BREAK = "\x1f"
_END = r"([。！？；!?;\n\r]+[\"'”’」』）)》]*)"
EMPTY = "the text is empty"
NO_CHINESE = "there are no Chinese characters"
NOT_CHINESE = "most of the text is not Chinese"
TOO_LONG = f"only the first {MOST} characters are read"
# punctuation as Chinese writers set it, and three pronouns that have a common form
_COMMON = {"!": "！", "?": "？", ";": "；", "妳": "你", "祢": "你", "牠": "它"}
_WIDE = {chr(n + 0xFEE0): chr(n) for n in range(0x30, 0x7B) if chr(n).isalnum()}


def learn_reader(
    entries: Sequence[Mapping], chinese: Sequence[str], english: Sequence[str]
) -> "ChineseReader":
    """Makes a reader that knows the names of a dictionary.

    `entries` are those of the corpus `cedict`. Left out are names that the pairs of the
    training split, `chinese` and `english`, show to be no names, or to be called
    otherwise.
    """
    simplified, names = simplified_characters(entries), names_of(entries)

    def reader():
        others = words_with_names(entries, names)
        return ChineseReader(simplified, Placeholders(names, others))

    *_, counts = reader().masked_pairs(chinese, english)
    names = reliable(names, counts)
    return reader()


def simplified_characters(entries: Iterable[Mapping]) -> dict[str, str]:
    """Returns which traditional character is written how, by the first that differs.

    `entries` are those of the corpus `cedict`.

    >>> simplified_characters([{"traditional": "體", "simplified": "体"}])
    {'體': '体'}
    """
    simple = {}
    for entry in entries:
        old, new = entry["traditional"], entry["simplified"]
        if len(old) == 1 and old != new:  # 乾 is a word of its own as well
            simple.setdefault(old, new)
    return simple


class ChineseReader(tf.Module):
    """Makes sentences of texts, and says what is not to be translated, and why.

    `simplified` maps traditional characters to simplified ones.
    """

    marks = SIGNS

    def __init__(self, simplified: Mapping[str, str], placeholders: Placeholders):
        super().__init__()
        pairs = dict(simplified) | _COMMON | _WIDE
        self.characters = table(pairs, pairs.values(), tf.string, "")
        self.placeholders = placeholders

    def folded(self, texts: tf.Tensor) -> tf.Tensor:
        """Writes texts `(batch,)` in simplified characters and plain punctuation.

        >>> reader = ChineseReader({"體": "体"}, Placeholders({}))
        >>> [t.decode() for t in reader.folded(["身體好, Ｔom?"]).numpy()]
        ['身体好，Tom？']
        """
        characters = tf.strings.unicode_split(text.normalize(texts), "UTF-8")
        folded = self.characters[characters.flat_values]
        folded = tf.where(folded == "", characters.flat_values, folded)
        folded = tf.strings.reduce_join(characters.with_values(folded), axis=1)
        folded = tf.strings.regex_replace(folded, r",\s*([^0-9]|$)", r"，\1")
        folded = tf.strings.regex_replace(folded, r"([^.])\.$", r"\1。")
        return tf.strings.regex_replace(folded, r"([^\p{Latin}0-9]) ", r"\1")

    def sentences(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """Cuts texts `(batch,)` behind the marks that end sentences, and their quotes.

        >>> reader = ChineseReader({}, Placeholders({}))
        >>> [s.decode() for s in reader.sentences(["“好！”我說。走"])[0].numpy()]
        ['“好！”', '我說。', '走']
        """
        texts = tf.strings.regex_replace(texts, _END, r"\1" + _BREAK)
        long = f"([^{_BREAK}]{{{_LONGEST}}})"
        texts = tf.strings.regex_replace(texts, long, r"\1" + _BREAK)
        sentences = tf.strings.split(texts, _BREAK)
        said = tf.strings.regex_full_match(
            sentences.flat_values, r"(?s).*[\p{L}\p{N}].*"
        )
        return tf.ragged.boolean_mask(sentences, sentences.with_values(said))

    def all_folded(self, texts: Sequence[str]) -> list[str]:
        """Writes a list of texts in simplified characters and plain punctuation."""
        folded = []
        for start in range(0, len(texts), AT_ONCE):
            lines = self.folded(tf.constant(texts[start : start + AT_ONCE]))
            folded += [line.decode() for line in lines.numpy()]
        return folded

    def masked_pairs(self, chinese: Sequence[str], english: Sequence[str]):
        """Folds training pairs and masks them, as `placeholders.masked_pairs` does."""
        return masked_pairs(self.placeholders, self.all_folded(chinese), english)

    def reasons(self, texts: tf.Tensor) -> tf.Tensor:
        """Says why texts `(batch,)` are not to be translated, or "".

        >>> reader = ChineseReader({}, Placeholders({}))
        >>> reader.reasons(["", "Hello.", "你好"]).numpy().tolist()
        [b'the text is empty', b'there are no Chinese characters', b'']
        """
        chinese = _count(texts, r"\p{Han}")
        latin = _count(texts, r"\p{Latin}+")
        others = _count(texts, r"\p{L}") - chinese - _count(texts, r"\p{Latin}")
        reasons = tf.where(latin + others > chinese, NOT_CHINESE, "")
        reasons = tf.where(chinese == 0, NO_CHINESE, reasons)
        return tf.where(tf.strings.regex_full_match(texts, r"\s*"), EMPTY, reasons)

    def __call__(self, texts: tf.Tensor) -> Reading:
        """Reads texts `(batch,)`, at most 4,000 characters of each."""
        texts = text.valid(texts)
        read = tf.strings.substr(texts, 0, MOST, unit="UTF8_CHAR")
        reasons = self.reasons(read)
        sentences = self.sentences(tf.where(reasons == "", read, ""))
        masked = self.placeholders(self.folded(sentences.flat_values))
        cut = (reasons == "") & (read != texts)
        return Reading(
            sentences.with_values(masked.sentences),
            masked.values,
            masked.originals,
            reasons,
            tf.where(cut, TOO_LONG, ""),
        )


def _count(texts, pattern):
    """How often a pattern is found in each text."""
    found = tf.strings.regex_replace(texts, "\x00", "")  # which marks what is found
    found = tf.strings.regex_replace(found, pattern, "\x00")
    found = tf.strings.regex_replace(found, "[^\x00]+", "")
    return tf.strings.length(found)
