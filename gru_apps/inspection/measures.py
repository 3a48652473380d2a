"""What the update gates of a GRU say in numbers: how long it keeps, when it writes."""

from typing import NamedTuple

import numpy as np

from gru_apps.inspection.gates import as_mask


class Survival(NamedTuple):
    """For how many steps each unit keeps half of what it holds, floats `(units,)`.

    `median` is that of all steps of all sequences, `percentile_90` what a tenth of them
    reaches or outlives. Infinity stands for more steps than the sequences have.
    """

    median: np.ndarray
    percentile_90: np.ndarray


def survival(
    update: np.ndarray, mask: np.ndarray | None = None, *, backwards: bool = False
) -> Survival:
    """Returns for how many steps each unit keeps half of what it holds.

    `update` is that of `Gates`, `(batch, steps, units)`: over `k` steps a unit keeps
    the product of their updates. From each step, the first `k` is counted whose product
    is at most one half. Only the steps of a boolean `mask` `(batch, steps)` count, or
    all. What still is there at the end of a sequence outlives it: such a step tells how
    long at least, and enters the estimate of Kaplan and Meier as far as it goes. Of a
    layer that reads `backwards` the sequence ends with its first step. Raises
    `ValueError` if no sequence has two steps.

    Reference: Kaplan and Meier, 1958, doi:10.1080/01621459.1958.10501452.

    >>> kept = np.array([[[0.99]] * 11 + [[0.0]]] * 9).reshape(1, 108, 1)
    >>> survival(kept).median.tolist(), survival(kept).percentile_90.tolist()
    ([6.0], [11.0])
    """
    update, mask = _checked(update, mask)
    steps, observed = [], []
    for row, counts in zip(update, mask, strict=True):
        row = row[counts][::-1] if backwards else row[counts]
        lasting, seen = _lasting(row)
        steps.append(lasting)
        observed.append(seen)
    steps, observed = np.concatenate(steps), np.concatenate(observed)
    if not len(steps):
        raise ValueError("Some sequence must have two steps. Received: none that has")
    pairs = list(zip(steps.T, observed.T, strict=True))
    return Survival(
        *(np.array([_quantile(*pair, share) for pair in pairs]) for share in (0.5, 0.1))
    )


def writing(update: np.ndarray, where: np.ndarray, mask=None) -> np.ndarray:
    """Returns how much more each unit writes at some steps than at others, `(units,)`.

    It is the mean of `1 - update` at the steps of a boolean `where` `(batch, steps)`
    less that at the others, in standard deviations of the unit over all the steps of
    `mask`; 0 for a unit that never changes. Raises `ValueError` if all the steps are of
    one kind.

    >>> writing(np.array([[[0.9], [0.1], [0.9]]]), np.array([[False, True, False]]))
    array([2.12132034])
    """
    update, mask = _checked(update, mask)
    chosen = as_mask(where, update)[mask]
    written = 1 - update[mask]
    if chosen.all() or not chosen.any():
        raise ValueError(
            "`where` must hold at some of the steps. "
            f"Received: {chosen.sum()} of {len(chosen)}"
        )
    spread = written.std(axis=0)
    # what rounding leaves of a spread is none
    changes = np.ptp(written, axis=0) > 1e-6
    scaled = np.where(changes, written / np.where(changes, spread, 1), 0)
    return scaled[chosen].mean(axis=0) - scaled[~chosen].mean(axis=0)


def writing_by_chance(
    update: np.ndarray, where: np.ndarray, mask=None, *, seed: int = 0, draws: int = 100
) -> float:
    """Returns what the `writing` of one unit in twenty goes beyond by chance.

    The labels `where` of each sequence are moved along it in a circle, by as many steps
    as are drawn, `draws` times: gates and labels stay as smooth in time as they are,
    and have nothing to do with each other. The answer is the 95th percentile of the
    absolute `writing` of all units. It takes several sequences: one alone with labels
    at equal distances falls on itself again. Raises `ValueError` as `writing` does.

    >>> update = np.random.default_rng(0).uniform(size=(50, 20, 30))
    >>> where = np.arange(1000).reshape(50, 20) % 4 == 0
    >>> round(writing_by_chance(update, where), 1)
    0.1
    """
    update, mask = _checked(update, mask)
    where, rng = as_mask(where, update), np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        moved = where.copy()
        for row, counts in zip(moved, mask, strict=True):
            number = counts.sum()
            row[counts] = np.roll(row[counts], rng.integers(max(number, 1)))
        found.append(np.abs(writing(update, moved, mask)))
    return float(np.quantile(found, 0.95))


def _checked(update, mask):
    update = np.asarray(update, "float64")
    mask = as_mask(mask, update)
    if not np.isfinite(update[mask]).all():
        raise ValueError("What is counted must be finite. Received: NaN or infinity")
    return update, mask


def _lasting(update):
    """From each step but the last of one sequence: for how many, and was it seen?"""
    length = len(update)
    # how often it was halved so far; 0 counts as very often, and yet a number
    halved = np.cumsum(-np.log2(np.clip(update, 1e-30, 1)), axis=0)
    starts = np.arange(length - 1)
    ends = [np.searchsorted(unit, unit[:-1] + 1 - 1e-9) for unit in halved.T]
    ends = np.reshape(ends, (update.shape[1], max(length - 1, 0))).T
    seen = ends < length
    return np.minimum(ends, length - 1) - starts[:, np.newaxis], seen


def _quantile(steps, seen, share):
    """The first number of steps that a share at most outlives, after Kaplan, Meier."""
    most = steps.max()
    ended = np.bincount(steps[seen], minlength=most + 1)
    at_risk = len(steps) - np.cumsum(np.bincount(steps, minlength=most + 1))
    at_risk = np.concatenate([[len(steps)], at_risk[:-1]])
    outlived = np.cumprod(1 - ended / np.maximum(at_risk, 1))
    reached = np.flatnonzero(outlived <= share + 1e-9)
    return float(reached[0]) if len(reached) else np.inf
