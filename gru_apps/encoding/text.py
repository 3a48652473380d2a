"""Raw text to token ids and back, in the TensorFlow graph."""

import collections
from collections.abc import Iterable

import tensorflow as tf

from gru_apps.encoding.arguments import check_unique, text_tensor, whole_number
from gru_apps.encoding.pieces import LONGEST_WORD, cut_words, learn_pieces, table

SPECIAL_TOKENS = ["", "[UNK]", "[START]", "[END]"]
PADDING, UNKNOWN, START, END = range(4)
SPLITS = ("characters", "words", "subwords")

# a word with the space before it, what follows an apostrophe, or one other character
_WORD = r"('\p{L}+| ?[\p{L}\p{M}\p{N}]+| ?[^\s\p{L}\p{M}\p{N}])"
_BREAK = "\x1f"
# typographers' quotes and dashes, which writers use at will, as a keyboard has them
_PLAIN = {"[‘’‛`´]": "'", "[“”„]": '"', "[‐‑‒–]": "-", "…": "..."}


def valid(text: tf.Tensor) -> tf.Tensor:
    """Replaces bytes that are not UTF-8 by U+FFFD."""
    return tf.strings.unicode_transcode(text, "UTF-8", "UTF-8", errors="replace")


def normalize(text: tf.Tensor) -> tf.Tensor:
    """Makes valid UTF-8 of any bytes, one space of white space, plain quotes of curly.

    Dashes and dots become plain, too; characters that control, or cannot be seen, such
    as soft hyphens, become spaces, and there is none at either end.

    >>> normalize(["  It’s\\n fine "]).numpy().tolist()
    [b"It's fine"]
    """
    text = valid(text)
    for pattern, plain in _PLAIN.items():
        text = tf.strings.regex_replace(text, pattern, plain)
    # control characters, too: the tokenizer uses one of them
    text = tf.strings.regex_replace(text, r"[\s\p{Z}\p{C}]+", " ")
    return tf.strings.strip(text)


def split_words(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits text `(batch,)` into words, each with the space that stood before it.

    Joined again, they are the text as `normalize` leaves it, behind a space.

    >>> split_words(["Tom, don't!"]).to_list()
    [[b' Tom', b',', b' don', b"'t", b'!']]
    """
    text = tf.strings.join([" ", normalize(text)])
    marked = tf.strings.regex_replace(text, _WORD, _BREAK + r"\1")
    words = tf.strings.split(marked, _BREAK)
    return tf.ragged.boolean_mask(words, tf.strings.strip(words) != "")


def split_characters(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits text `(batch,)` into its characters, white space left out.

    >>> [c.decode() for c in split_characters(["你好 吗"])[0].numpy()]
    ['你', '好', '吗']
    """
    text = tf.strings.regex_replace(normalize(text), " ", "")
    return tf.strings.unicode_split(text, "UTF-8")


class Tokenizer(tf.Module):
    """Maps raw text to token ids and ids to text, with tables that a SavedModel keeps.

    `split` names what a token is: of "characters", "words" in lower case, or "subwords"
    with case. Ids are 0 for padding, 1 for what is unknown, 2 for the start, 3 for the
    end, then the tokens of `vocabulary`. `pieces` gives the subwords, in order, of what
    training has read and is no token. Any other word is cut, from its left, into the
    longest tokens, a word of more than 32 characters after each 32 of them first; a
    character in no token is unknown.
    """

    def __init__(self, vocabulary, *, split, pieces=None):
        super().__init__()
        if split not in SPLITS:
            raise ValueError(
                f"`split` must be one of {SPLITS}. Received: split={split}"
            )
        if pieces and split != "subwords":
            raise ValueError(
                f"`pieces` are for subwords. Received: split={split} and pieces"
            )
        self.split = split
        tokens = [t.decode() if isinstance(t, bytes) else t for t in vocabulary]
        self.vocabulary = SPECIAL_TOKENS + tokens
        check_unique(self.vocabulary)
        ids = range(len(self.vocabulary))
        self.ids = table(self.vocabulary, ids, tf.int32, UNKNOWN)
        self.tokens = tf.constant(self.vocabulary)
        self._longest = max(map(len, tokens), default=1)
        pieces = pieces or {"": []}
        joined = [_BREAK.join(parts) for parts in pieces.values()]
        self.pieces = table(pieces, joined, tf.string, "")

    @property
    def spellings(self) -> list[str]:
        """The vocabulary, with "" for special tokens, which no text is written in."""
        special = len(SPECIAL_TOKENS)
        return [""] * special + self.vocabulary[special:]

    def tokens_of(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Splits text `(batch,)` into tokens, those unknown included."""
        text = text_tensor(text, "text")
        if self.split == "characters":
            return split_characters(text)
        words = split_words(text)
        if self.split == "words":
            return tf.strings.lower(tf.strings.strip(words), encoding="utf-8")
        different, places = tf.unique(words.flat_values)
        parts = self.pieces[different]
        parts = tf.where(self.ids[different] == UNKNOWN, parts, different)
        unseen = tf.where(parts == "")
        cut = cut_words(tf.gather_nd(different, unseen), self.ids, self._longest)
        cut = tf.strings.reduce_join(cut, axis=1, separator=_BREAK)
        parts = tf.tensor_scatter_nd_update(parts, unseen, cut)
        parts = tf.strings.split(parts, _BREAK)
        parts = tf.gather(tf.ragged.boolean_mask(parts, parts != ""), places)
        return words.with_values(parts).merge_dims(1, 2)

    def __call__(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Returns the int32 ids of texts `(batch,)`, without start and end."""
        tokens = self.tokens_of(text)
        return tokens.with_values(self.ids[tokens.flat_values])

    def detokenize(self, ids: tf.Tensor) -> tf.Tensor:
        """Joins ids `(batch, length)` to texts; special tokens say nothing."""
        ids = ids if tf.is_tensor(ids) else tf.convert_to_tensor(ids)
        said = tf.where(ids > END, ids, 0)
        space = " " if self.split == "words" else ""
        text = tf.strings.reduce_join(tf.gather(self.tokens, said), 1, separator=space)
        return tf.strings.strip(text)


def learn_tokenizer(
    texts: Iterable[str],
    *,
    split: str,
    vocabulary_size: int,
    min_count: int | None = None,
) -> Tokenizer:
    """Learns the commonest tokens of the training texts, behind the four special ones.

    `vocabulary_size` counts these, too; where texts have fewer tokens, there are fewer.
    Subwords are those of byte-pair encoding (Sennrich et al., 2016, arXiv:1508.07909),
    learned by SentencePiece. Of the other splits, tokens that stand `min_count` times
    are learned, by default all. Raises ValueError if there is nothing to learn, nothing
    as often as that, or no room for it, and for a `min_count` of subwords.

    >>> tokenizer = learn_tokenizer(["a b", "b"], split="words", vocabulary_size=5)
    >>> tokenizer(["B a"]).to_list()
    [[4, 1]]
    """
    room = whole_number(vocabulary_size, "vocabulary_size", len(SPECIAL_TOKENS) + 1)
    room -= len(SPECIAL_TOKENS)
    untaught, texts = Tokenizer([], split=split), text_tensor(texts)
    if split == "subwords" and min_count is not None:
        raise ValueError(
            f"`min_count` is not for subwords. Received: min_count={min_count}"
        )
    tokens = split_words(texts) if split == "subwords" else untaught.tokens_of(texts)
    counts = collections.Counter(tokens.flat_values.numpy().tolist())
    if not counts:
        raise ValueError(
            f"`texts` must hold something to learn. Received: {len(texts)} empty texts"
        )
    if split == "subwords":
        return _learn_subwords({word.decode(): n for word, n in counts.items()}, room)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    least = min_count or 1
    kept = [token.decode() for token, count in ordered[:room] if count >= least]
    if not kept:
        raise ValueError(
            "Some token must stand `min_count` times. "
            f"Received: min_count={min_count}, where one stands {ordered[0][1]} times"
        )
    return Tokenizer(kept, split=split)


def _learn_subwords(words, room):
    characters = len(set("".join(words)))
    if room < characters:
        raise ValueError(
            "`vocabulary_size` must leave room for each character of the texts: "
            f"{characters + len(SPECIAL_TOKENS)} at least. "
            f"Received: vocabulary_size={room + len(SPECIAL_TOKENS)}"
        )
    learned = learn_pieces(words, room)
    tokens = [learned.id_to_piece(i) for i in range(3, learned.get_piece_size())]
    pieces = {
        word: [piece.replace("▁", " ") for piece in learned.encode(word, out_type=str)]
        for word in words
        if len(word) <= LONGEST_WORD
    }
    vocabulary = [token.replace("▁", " ") for token in tokens]
    known = set(vocabulary)
    pieces = {word: parts for word, parts in pieces.items() if word not in known}
    return Tokenizer(vocabulary, split="subwords", pieces=pieces)
