"""What tokenizers are given: texts, sizes, vocabularies, or a sentence about them."""

import collections
import numbers

import tensorflow as tf


def text_tensor(texts, name: str = "texts") -> tf.Tensor:
    """Makes strings `(batch,)` of a tensor, an array or any iterable of texts.

    Raises ValueError, which says `name`, if there is but one text, or a table of them,
    or something that is no text: None or NaN, where a table has a gap.
    """
    if tf.is_tensor(texts):
        if texts.dtype != tf.string or texts.shape.rank not in (1, None):
            raise ValueError(
                f"`{name}` must be strings of shape (batch,). Received: "
                f"{name}={texts.dtype.name} of shape {texts.shape}"
            )
        return texts
    if isinstance(texts, str | bytes):
        raise ValueError(
            f"`{name}` must be several texts, in a list. Received: {name}={texts!r:.60}"
        )
    texts = [text.numpy() if tf.is_tensor(text) else text for text in texts]
    for number, text in enumerate(texts):
        if not isinstance(text, str | bytes):
            raise ValueError(
                f"`{name}` must hold texts alone. Received: "
                f"{name}[{number}]={text!r:.60}"
            )
    return tf.constant(texts, tf.string, [len(texts)])


def whole_number(value, name: str, least: int) -> int:
    """Returns an integer, NumPy's too, that is not below `least`, or a ValueError."""
    is_whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not is_whole or value < least:
        raise ValueError(
            f"`{name}` must be an integer of at least {least}. Received: {name}={value}"
        )
    return int(value)


def check_unique(tokens: list) -> None:
    """Raises ValueError if a token, a special one included, is there twice."""
    twice = [token for token, n in collections.Counter(tokens).items() if n > 1]
    if twice:
        raise ValueError(
            "A token must be there once, those of `SPECIAL_TOKENS` and single bytes "
            f"included. Received: {twice[0]!r} twice"
        )
