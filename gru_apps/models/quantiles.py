"""Quantiles as forecasters answer them: rising, about one in the middle."""

import numpy as np
from keras import ops


def check_quantiles(quantiles):
    """Raises `ValueError` for quantiles that do not rise in 0..1 or have no middle."""
    if not len(quantiles) or not np.all(np.diff([0, *quantiles, 1]) > 0):
        raise ValueError(
            f"`quantiles` must rise from 0 to 1. Received: quantiles={quantiles}"
        )
    if len(quantiles) % 2 == 0:
        raise ValueError(
            "`quantiles` must have a middle one, as (0.1, 0.5, 0.9) do. "
            f"Received: quantiles={quantiles}"
        )


def rising(x):
    """Returns what rises: the first of the last axis is the middle, others are steps.

    >>> rising(ops.convert_to_tensor([[[7.0, -99.0, -99.0]]])).numpy().tolist()
    [[[7.0, 7.0, 7.0]]]
    """
    middle = x.shape[-1] // 2
    steps = ops.softplus(x[:, :, 1:]) / 8  # an error is a fraction of the deviation
    steps = ops.pad(ops.cumsum(steps, axis=-1), [(0, 0), (0, 0), (1, 0)])
    return x[:, :, :1] + steps - steps[:, :, middle : middle + 1]
