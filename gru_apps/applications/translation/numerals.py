"""Numbers in Chinese sentences, and how English writes them, in the graph."""

import tensorflow as tf

from gru_apps.encoding.pieces import table

_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_LARGE = 10**4  # what stands before such a unit is multiplied as a whole
# longer numerals, and more digits in a row, would leave the 64 bits
_UNREAD = r"(?s).*[〇零一二两三四五六七八九]{9}.*|.{41,}"
# more digits would not be exact as a product
_LARGE_FIGURES = r"(?:[0-9]{1,7}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.[0-9]{1,9})?[万亿]"
_YEAR = "[〇零一二三四五六七八九]{4}"

# figures, with what may stand inside of them, and a large unit
FIGURES = r"[0-9]+(?:[.,:/][0-9]+)*[万亿]?"
# from eleven on; "三四" is three or four, and "千万" has no digit before its unit
NUMERALS = (
    r"(?:十[一二三四五六七八九万亿]|[一二两三四五六七八九][十百千万亿])"
    r"[〇零一二两三四五六七八九十百千万亿]*"
    rf"|{_YEAR}"
)
_SMALL = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"),
    *("seventeen", "eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number: int) -> str:
    """Writes a whole number from 0 to 100 in English words.

    >>> in_words(35)
    'thirty-five'
    """
    if number == 100:
        return "one hundred"
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")


class Numerals(tf.Module):
    """Writes numbers in English: numerals up to a hundred in words, figures as such."""

    def __init__(self):
        super().__init__()
        signs = _DIGITS | {str(digit): digit for digit in range(10)} | _UNITS
        self.values = table(signs, signs.values(), tf.int64, -1)
        words = {str(number): in_words(number) for number in range(101)}
        self.words = table(words, words.values(), tf.string, "")

    def __call__(self, numbers: tf.Tensor) -> tf.Tensor:
        """Returns English for matches of `FIGURES` and `NUMERALS`, strings `(batch,)`.

        What is too long to be a number stays as it is.

        >>> Numerals()(["三十五", "一千二百", "3:30", "一九六〇"]).numpy().tolist()
        [b'thirty-five', b'1,200', b'3:30', b'1960']
        """
        read = tf.strings.as_string(self.value(numbers))
        words = self.words[read]
        is_year = tf.strings.regex_full_match(numbers, _YEAR)
        read = tf.where(is_year, read, _in_threes(read))
        read = tf.where(words != "", words, read)
        stays = tf.strings.regex_full_match(numbers, f"{FIGURES}|{_UNREAD}")
        read = tf.where(stays, numbers, read)
        is_large = tf.strings.regex_full_match(numbers, _LARGE_FIGURES)
        return tf.where(is_large, _multiplied(numbers, is_large), read)

    def value(self, numerals: tf.Tensor) -> tf.Tensor:
        """Returns what numerals `(batch,)` stand for, as int64; other signs count 0.

        >>> Numerals().value(["两万三千零五", "一亿三千万"]).numpy().tolist()
        [23005, 130000000]
        """

        def add(sums, sign):
            total, section, digit = sums  # of 两万三千零五: 20000, 3000, 5
            is_large = sign >= _LARGE
            is_unit = (sign >= 10) & ~is_large
            inside = tf.where(total < sign, total, none)  # 万 before 亿, and not after
            large = total - inside + tf.maximum(inside + section + digit, 1) * sign
            unit = section + tf.maximum(digit, 1) * sign  # 十 alone is ten
            figure = tf.where(sign < 0, digit, digit * 10 + sign)
            total = tf.where(is_large, large, total)
            section = tf.where(is_unit, unit, tf.where(is_large, none, section))
            return total, section, tf.where(is_large | is_unit, none, figure)

        signs = tf.strings.unicode_split(numerals, "UTF-8").to_tensor("")
        none = tf.zeros(tf.shape(numerals), tf.int64)
        signs = tf.transpose(self.values[signs])
        return tf.add_n(tf.foldl(add, signs, (none, none, none)))


def _multiplied(numbers, is_large):
    """Writes figures with a large unit out: 2.5万 is 25,000."""
    figures = tf.strings.regex_replace(numbers, "[万亿,]", "")
    figures = tf.strings.to_number(tf.where(is_large, figures, "0"), tf.float64)
    unit = tf.where(tf.strings.regex_full_match(numbers, ".*万"), 1e4, 1e8)
    product = tf.round(figures * tf.cast(unit, tf.float64))
    return _in_threes(tf.strings.as_string(product, precision=0))


def _in_threes(figures):
    for _ in range(6):  # up to 10^20
        figures = tf.strings.regex_replace(
            figures, r"([0-9])([0-9]{3})(,|$)", r"\1,\2\3"
        )
    return figures
