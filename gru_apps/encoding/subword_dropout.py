"""Words of training cut into other subwords each time that they are read."""

import random

import tensorflow as tf

from gru_apps.encoding.arguments import text_tensor, whole_number
from gru_apps.encoding.pieces import table
from gru_apps.encoding.text import Tokenizer, split_words


class SubwordDropout(tf.Module):
    """Cuts the same words in other ways, so that a model learns how they are built.

    Byte-pair encoding joins neighbours until no token is left to be made. Here each
    join is passed over with probability `rate`, every time it is possible: at 0 words
    are cut as `tokenizer` cuts those that it was learned from, at 1 into characters.
    `ways` cuts of each word of `texts` are drawn once, from `seed`; a call takes one of
    them for each place. It is for training alone: `tokenizer` reads all other texts.

    Source: Provilkov et al., 2020, "BPE-Dropout", arXiv:1910.13267, which takes 0.1.

    Raises `ValueError` for a tokenizer that is not of subwords, a `rate` that is not
    within 0..1, `ways` below 1, and texts without a word.

    >>> from gru_apps.encoding import learn_tokenizer
    >>> texts = ["low lower", "lower slow"]
    >>> tokenizer = learn_tokenizer(texts, split="subwords", vocabulary_size=20)
    >>> drawn = SubwordDropout(tokenizer, texts, rate=0.5)
    >>> words = drawn.words(texts).to_tensor()  # what `batches` keeps in memory
    >>> tokenizer.detokenize(drawn(words, seed=[0, 1]).to_tensor()).numpy().tolist()
    [b'low lower', b'lower slow']
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        texts,
        *,
        rate: float = 0.1,
        ways: int = 64,
        seed: int = 0,
    ):
        super().__init__()
        if getattr(tokenizer, "split", None) != "subwords":
            raise ValueError(
                f"`tokenizer` must be of subwords. Received: tokenizer={tokenizer}"
            )
        if not 0 <= rate <= 1:
            raise ValueError(f"`rate` must be within 0..1. Received: rate={rate}")
        self.ways = whole_number(ways, "ways", 1)
        words = split_words(text_tensor(texts)).flat_values
        if not len(words):
            raise ValueError("`texts` must hold a word. Received: none")
        words = sorted({word.decode() for word in words.numpy()})
        ids = {token: number for number, token in enumerate(tokenizer.vocabulary)}
        generator = random.Random(seed)
        self._cuts = tf.ragged.constant(
            [
                [
                    ids.get(piece, ids["[UNK]"])
                    for piece in _cut(word, ids, rate, generator)
                ]
                for word in words
                for _ in range(self.ways)
            ],
            dtype="int32",
            inner_shape=(),
        )
        self._numbers = table(words, range(1, len(words) + 1), tf.int32, 0)

    def words(self, texts) -> tf.RaggedTensor:
        """Returns the number of each word of texts `(batch,)`, int32, from 1.

        Raises `ValueError` for a word that the texts of training do not hold.
        """
        words = split_words(text_tensor(texts))
        numbers = self._numbers[words.flat_values]
        unknown = words.flat_values[numbers == 0]
        if len(unknown):
            word = unknown[0].numpy().decode()
            raise ValueError(
                "`texts` must be of the words that cuts were drawn of. "
                f"Received: the word {word!r}"
            )
        return words.with_values(numbers)

    def __call__(self, words, seed) -> tf.RaggedTensor:
        """Returns token ids, int32 `(batch, tokens)`.

        `words` are numbers `(batch, words)`, ragged or padded with 0 on the right. From
        one `seed`, two integers, come the same cuts.
        """
        if not isinstance(words, tf.RaggedTensor):
            words = tf.RaggedTensor.from_tensor(words, padding=0)
        numbers = words.flat_values
        way = tf.random.stateless_uniform(
            tf.shape(numbers), seed, maxval=self.ways, dtype=tf.int32
        )
        cuts = tf.gather(self._cuts, (numbers - 1) * self.ways + way)
        return words.with_values(cuts).merge_dims(1, 2)


def _cut(word, ranks, rate, generator):
    """Cuts a word by the joins that are not passed over, the oldest of them first."""
    pieces = list(word)
    while True:
        joins = [
            (ranks[left + right], place)
            for place, (left, right) in enumerate(zip(pieces, pieces[1:], strict=False))
            if left + right in ranks and generator.random() >= rate
        ]
        if not joins:
            return pieces
        _, place = min(joins)
        pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
