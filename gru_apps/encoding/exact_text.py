"""Raw text to token ids and back, byte for byte, in the TensorFlow graph."""

import collections
from collections.abc import Iterable

import tensorflow as tf

from gru_apps.encoding.arguments import check_unique, text_tensor, whole_number
from gru_apps.encoding.pieces import BREAK, cut_words, learn_pieces, table
from gru_apps.encoding.text import END, SPECIAL_TOKENS, valid

_FIRST_BYTE = len(SPECIAL_TOKENS)
_FIRST_PIECE = _FIRST_BYTE + 256
_LONGEST = 16  # bytes
_PARAGRAPH = b"\n\n"
# a word, a number or other signs, with the space before it; or white space
_WORD = r"( ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\n\n|\s)"


class ExactTokenizer(tf.Module):
    """Maps raw text to token ids from which the very same text comes back.

    Nothing is unknown, for each byte is a token. Ids are 0 for padding, 1 for nothing,
    2 for the start and 3 for the end, then the 256 bytes, then the `pieces`, byte
    strings of 2 to 16 bytes. A text is cut into words, each with the space before it,
    and a word from its left into the longest tokens that there are. Bytes that are not
    UTF-8 are first replaced by U+FFFD, and are all that is not kept.

    >>> tokenizer = ExactTokenizer([b" he", b"ll"])
    >>> ids = tokenizer([" hello"])
    >>> [len(row) for row in ids], tokenizer.detokenize(ids.to_tensor()).numpy()[0]
    ([3], b' hello')
    """

    def __init__(self, pieces: Iterable[bytes]):
        super().__init__()
        byte_tokens = [bytes([value]) for value in range(256)]
        specials = [token.encode() for token in SPECIAL_TOKENS]
        pieces = [p.encode() if isinstance(p, str) else p for p in pieces]
        if wrong := [piece for piece in pieces if not 2 <= len(piece) <= _LONGEST]:
            raise ValueError(
                f"`pieces` must have 2 to {_LONGEST} bytes. Received: {wrong[0]!r}"
            )
        self.vocabulary = specials + byte_tokens + pieces
        check_unique(self.vocabulary)
        self.tokens = tf.constant(self.vocabulary)
        known = self.vocabulary[_FIRST_BYTE:]
        ids = range(_FIRST_BYTE, len(self.vocabulary))
        self.ids = table(known, ids, tf.int32, 0)

    def __call__(self, text: tf.Tensor) -> tf.RaggedTensor:
        """Returns the int32 ids of texts `(batch,)`, without start and end."""
        words = split_exactly(text_tensor(text, "text"))
        different, places = tf.unique(words.flat_values)
        parts = cut_words(different, self.ids, _LONGEST, "BYTE")
        ids = parts.with_values(self.ids[parts.flat_values])
        return words.with_values(tf.gather(ids, places)).merge_dims(1, 2)

    def detokenize(self, ids: tf.Tensor) -> tf.Tensor:
        """Joins ids `(batch, length)` to valid UTF-8; special tokens say nothing."""
        ids = ids if tf.is_tensor(ids) else tf.convert_to_tensor(ids)
        said = tf.where(ids > END, ids, 0)
        text = tf.strings.reduce_join(tf.gather(self.tokens, said), axis=1)
        return valid(text)


def split_exactly(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits text `(batch,)` into words with the space before them, and white space.

    Joined again, they are the text.

    >>> split_exactly(["In 1790,  he.\\n\\nI"]).to_list()
    [[b'In', b' 1790', b',', b' ', b' he', b'.', b'\\n\\n', b'I']]
    """
    marked = tf.strings.regex_replace(valid(text), _WORD, rb"\1" + BREAK)
    words = tf.strings.split(marked, BREAK)
    return tf.ragged.boolean_mask(words, words != "")


def learn_exact_tokenizer(
    texts: Iterable[str], *, vocabulary_size: int
) -> ExactTokenizer:
    """Learns the commonest subwords of the training texts by byte-pair encoding.

    `vocabulary_size` counts the special tokens and the bytes, too, 260 together.
    """
    number = whole_number(vocabulary_size, "vocabulary_size", _FIRST_PIECE)
    number -= _FIRST_PIECE
    texts = text_tensor(texts)
    if not len(texts):
        raise ValueError("`texts` must hold something to learn. Received: no texts")
    words = split_exactly(texts).flat_values.numpy().tolist()
    words = collections.Counter(word.decode() for word in words if word.strip())
    pieces = [_PARAGRAPH]
    if number > 1 and words:
        characters = len(set("".join(words)))
        learned = learn_pieces(words, number + characters)
        ids = range(3, learned.get_piece_size())
        pieces += [learned.id_to_piece(i).replace("▁", " ").encode() for i in ids]
    pieces = [piece for piece in pieces if 2 <= len(piece) <= _LONGEST]
    return ExactTokenizer(list(dict.fromkeys(pieces))[:number])
