"""Exercises of `07_time_series`."""

import warnings

import numpy as np

from gru_apps.course.exercises.checking import (
    Wrong,
    as_array,
    as_function,
    as_names,
    as_number,
    exercise,
    expect,
)

_ALWAYS = ("hour of the day", "weekday", "holiday")
_NEVER = ("temperature", "clouds")  # those of the hour that is to come
_BACK = {f"traffic {n} hours before": n for n in (1, 24, 168)}
_HORIZON = 24


@exercise(
    "07.1",
    "It is midnight. For each hour of the coming day, ask whether somebody has written "
    "that number down already. Take the last hour of the day, too.",
)
def known_ahead(answer):
    given = as_names(answer, "The answer is a list of names from `candidates`.")
    names = {*_ALWAYS, *_NEVER, *_BACK}
    chosen = {*given}
    expect(
        len(chosen) and chosen <= names and len(chosen) == len(given),
        "The answer holds names from `candidates`, each of them once.",
    )
    early = [n for n in chosen if n in _NEVER]
    expect(not early, "The weather to come is not known yet, only a forecast of it.")
    soon = [n for n in chosen if _BACK.get(n, _HORIZON) < _HORIZON]
    expect(
        not soon,
        "What was counted an hour before is known for the first hour only: the second "
        "would need the first, which is still to come.",
    )
    right = {*_ALWAYS, *(n for n, back in _BACK.items() if back >= _HORIZON)}
    expect(chosen == right, "All of these are known, and so is something else.")


@exercise(
    "07.2",
    "Take the absolute difference. NumPy has a mean that leaves NaN out: `np.nanmean`.",
)
def mean_error(answer):
    function, rng = as_function(answer), np.random.default_rng()
    truth, forecast = rng.uniform(0, 6000, (2, 30, 24))
    right = np.mean(np.abs(truth - forecast))
    found = as_number(function(forecast.copy(), truth.copy()))
    expect(
        np.isclose(found, right),
        f"For a table without gaps the mean is {right:.1f}. Yours is {found:.1f}.",
    )
    truth[rng.random(truth.shape) < 0.2] = np.nan
    found = _number(function, forecast.copy(), truth.copy())
    filled = np.mean(np.abs(np.nan_to_num(truth) - forecast))
    expect(
        not np.isclose(found, filled),
        "A missing hour is not an hour without vehicles: leave it out of the mean.",
    )
    summed = np.nansum(np.abs(truth - forecast)) / truth.size
    expect(
        not np.isclose(found, summed),
        "The sum is over the hours that are known. Divide by their number, too.",
    )
    right = np.nanmean(np.abs(truth - forecast))
    expect(
        np.isclose(found, right),
        f"With missing hours the mean is {right:.1f}. Yours is {found:.1f}.",
    )


@exercise(
    "07.3",
    "The last season is `history[-season:]`. A horizon that is longer than it goes "
    "through it again from its start: see `np.resize`.",
)
def seasonal_naive(answer):
    function, rng = as_function(answer), np.random.default_rng()
    for season, horizon in [(24, 24), (168, 24), (24, 60), (168, 400)]:
        history = rng.uniform(0, 6000, 500)
        right = np.resize(history[-season:], horizon)
        found = as_array(function(history.copy(), season, horizon), (horizon,))
        first = right[: min(season, horizon)]
        wrong = np.flatnonzero(~np.isclose(found[: len(first)], first))
        place = wrong[0] if len(wrong) else 0
        expect(
            not len(wrong),
            f"With a season of {season} hours, hour {place + 1} is {first[place]:.0f}, "
            f"which was {season} hours before it. Yours is {found[place]:.0f}.",
        )
        expect(
            np.allclose(found, right),
            f"A season of {season} hours repeats itself until hour {horizon}.",
        )


def _without_first(values, number):
    """Puts 0 for the first values, which do not count: pandas has NaN there."""
    is_row = np.ndim(values) == 1
    return np.where(np.arange(len(values)) < number, 0, values) if is_row else values


@exercise(
    "07.4",
    'Change the last value, and look which means change with it. `mode="same"` centres '
    'the window. `mode="full"` begins with windows that end at each value.',
)
def rolling_mean(answer):
    function, rng = as_function(answer), np.random.default_rng()
    for hours in (3, 6, 24):
        traffic = rng.uniform(0, 6000, 200)
        later = traffic.copy()
        later[100:] += 1000
        found, again = (
            as_array(
                _without_first(function(series.copy(), hours), hours - 1),
                traffic.shape,
                "The mean",
            )
            for series in (traffic, later)
        )
        changed = np.flatnonzero(~np.isclose(again, found))
        expect(
            not len(changed) or changed[0] >= 100,
            f"With a window of {hours} hours, the mean at hour 98 or 99 changes when "
            "traffic after hour 100 does. It still looks ahead.",
        )
        right = np.convolve(traffic, np.ones(hours) / hours)[: len(traffic)]
        expect(
            np.allclose(found[hours - 1 :], right[hours - 1 :]),
            f"The mean of the {hours} hours up to hour 150 is {right[150]:.0f}. Yours "
            f"is {found[150]:.0f}.",
        )


@exercise(
    "07.5",
    "Let `error = truth - forecast`. One of `quantile * error` and "
    "`(quantile - 1) * error` is below zero. Which one is the loss?",
)
def pinball(answer):
    function, rng = as_function(answer), np.random.default_rng()
    for quantile in (0.05, 0.5, 0.9):
        truth, forecast = rng.uniform(0, 6000, (2, 40))
        found = as_array(
            function(truth.copy(), forecast.copy(), quantile), (40,), "The loss"
        )
        error = truth - forecast
        right = np.maximum(quantile * error, (quantile - 1) * error)
        expect((found >= 0).all(), "No loss is below zero: a mistake always costs.")
        for low, words in [(error > 0, "low"), (error <= 0, "high")]:
            if not np.allclose(found[low], right[low]):
                place = np.flatnonzero(low)[0]
                raise Wrong(
                    f"A forecast for {quantile} that is {abs(error[place]):.0f} too "
                    f"{words} costs {right[place]:.0f}. Yours costs {found[place]:.0f}."
                )


@exercise(
    "07.6",
    "Compare the known hours alone: `known = ~np.isnan(truth)`. A comparison with NaN "
    "is False, which counts as a miss.",
)
def coverage(answer):
    function, rng = as_function(answer), np.random.default_rng()
    truth, first, second = rng.uniform(0, 6000, (3, 50, 24))
    low, high = np.minimum(first, second), np.maximum(first, second)
    for gaps in (0.0, 0.3):
        truth[rng.random(truth.shape) < gaps] = np.nan
        inside = (truth > low) & (truth < high)
        right = inside[~np.isnan(truth)].mean()
        found = _number(function, truth.copy(), low.copy(), high.copy())
        expect(
            not gaps or not np.isclose(found, inside.mean()),
            "A missing hour is no miss: count the hours that are known.",
        )
        expect(
            np.isclose(found, right),
            f"Of the known hours {right:.3f} lie inside. Yours is {found:.3f}.",
        )


@exercise(
    "07.7",
    "By which factor must the interval of one hour grow to just reach its truth? Take "
    "the end on the side of the truth. Compute it for all hours; then take a quantile.",
)
def widening(answer):
    function, rng = as_function(answer), np.random.default_rng()
    for share, spread in [(0.9, 900.0), (0.5, 900.0), (0.8, 100.0)]:
        middle = rng.uniform(1000, 5000, (100, 24))
        low = middle - rng.uniform(100, 400, middle.shape)
        high = middle + rng.uniform(300, 900, middle.shape)
        truth = middle + spread * rng.normal(size=middle.shape)
        truth[rng.random(truth.shape) < 0.1] = np.nan
        copies = (table.copy() for table in (truth, low, middle, high))
        factor = _number(function, *copies, share)
        expect(factor > 0, "The factor is above zero: it stretches a distance.")
        wide = [middle + factor * (edge - middle) for edge in (low, high)]
        inside = (truth >= wide[0]) & (truth <= wide[1])
        held = inside[~np.isnan(truth)].mean()
        expect(
            abs(held - share) < 0.005,
            f"With your factor {factor:.2f} the intervals hold {held:.3f} of the known "
            f"hours. They should hold {share}.",
        )


@exercise(
    "07.8",
    "After two hours 0.8 times 0.8 of it is left. Go on until it is one half or less.",
)
def hours_until_half(answer):
    left, hours = 1.0, 0
    while left > 0.5:
        left, hours = 0.8 * left, hours + 1
    found = as_number(answer)
    expect(found == int(found), "The answer is a whole number of hours.")
    expect(found >= 0, "The answer counts hours: it is not below zero.")
    expect(
        found == hours,
        f"After {_hours(found)} {0.8 ** min(found, 999):.2f} of it is left. The answer "
        "is the first hour with one half or less.",
    )


def _number(function, *arguments):
    """What a reader's function returns as a number; NaN is told what it comes from."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = function(*arguments)
    if isinstance(found, float | np.floating) and np.isnan(found):
        raise Wrong("One missing hour makes the whole answer NaN. Leave it out.")
    return as_number(found)


def _hours(number):
    return f"{number:.0f} hour" + ("s" if number != 1 else "")
