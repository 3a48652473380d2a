"""What the arguments of decoding may be."""

import math
import numbers

from keras import ops

LARGEST = 2**63 - 1  # of an int64
INT32 = 2**31 - 1  # the largest number of steps, and of all else that is counted


def check_options(*, whole=(), **bounds) -> None:
    """Raises `ValueError` for an option that is outside its bounds.

    `bounds` are `name=(value, low, high)`, both allowed; those named in `whole` are
    integers. A boolean is no number. Tensors pass: a signature checks its own inputs.

    >>> check_options(whole=["width"], width=(0, 1, 9))
    Traceback (most recent call last):
    ValueError: `width` must be a whole number in 1..9. Received: width=0
    """
    for name, (value, low, high) in bounds.items():
        kind = numbers.Integral if name in whole else numbers.Real
        if not isinstance(value, numbers.Number):
            continue
        is_number = isinstance(value, kind) and not isinstance(value, bool)
        if not is_number or not low <= value <= high:
            noun = "whole number" if name in whole else "number"
            high = "..." if high == math.inf else f"..{high}"
            raise ValueError(
                f"`{name}` must be a {noun} in {low}{high}. Received: {name}={value}"
            )


def shape_of(x):
    """Returns the shape as a tuple, or None where a graph of TensorFlow knows none."""
    known = getattr(x.shape, "dims", x.shape) is not None
    return tuple(x.shape) if known else None


def as_start(start_ids):
    """Returns ids as int32 `(batch,)`; `ValueError` for another shape."""
    ids = ops.cast(start_ids, "int32")
    shape = shape_of(ids)
    if shape is not None and len(shape) != 1:
        raise ValueError(
            f"`start_ids` must have shape `(batch,)`. Received: shape={shape}"
        )
    return ids
