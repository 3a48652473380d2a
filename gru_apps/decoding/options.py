"""What the options of decoding may be, where they are numbers and not tensors."""

import math
import numbers

LARGEST = 2**63 - 1  # of an int64


def check_options(*, whole=(), **bounds) -> None:
    """Raises `ValueError` for an option that is outside its bounds.

    `bounds` are `name=(value, low, high)`, both allowed; those named in `whole` are
    integers. Tensors pass: a signature checks its own inputs.

    >>> check_options(whole=["width"], width=(0, 1, 9))
    Traceback (most recent call last):
    ValueError: `width` must be a whole number in 1..9. Received: width=0
    """
    for name, (value, low, high) in bounds.items():
        kind = numbers.Integral if name in whole else numbers.Real
        if not isinstance(value, numbers.Number):
            continue
        if not isinstance(value, kind) or not low <= value <= high:
            noun = "whole number" if name in whole else "number"
            high = "..." if high == math.inf else f"..{high}"
            raise ValueError(
                f"`{name}` must be a {noun} in {low}{high}. Received: {name}={value}"
            )
