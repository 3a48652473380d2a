"""What a GRU that forecasts traffic is held against: rules that are free, and trees."""

import pathlib

import numpy as np
import tensorflow as tf

from gru_apps.applications.traffic import series

DAY, WEEK = 24, 168  # hours
SHIPPED = pathlib.Path("..", "saved_models")  # seen from the notebooks
CHOICES = [(31, 0.3), (63, 1.0), (63, 0.3)]  # leaves of a tree, share of columns tried
_SPANS = (1, 3, 6, 24)  # hours


def fill_missing(traffic) -> np.ndarray:
    """Returns traffic `(hours,)`, each missing hour as it was a week before.

    In the first week, which has none before it, it is the day before. An hour that is
    missing there too stays NaN.

    >>> fill_missing([5.0] * 24 + [float("nan")])[-1].item()
    5.0
    """
    filled = np.array(traffic)
    for hour in np.flatnonzero(np.isnan(filled)):  # in the order of time
        back = WEEK if hour >= WEEK else DAY
        if hour >= back:
            filled[hour] = filled[hour - back]
    return filled


def free_forecasts(traffic) -> dict[str, np.ndarray]:
    """Returns what three rules say of each hour, `(hours,)` by the name of the rule.

    They say what the same hour had a day before, a week before, and the median of the
    four weeks before; missing hours are filled first. Where the series does not reach
    back so far, they say NaN.
    """
    filled = fill_missing(traffic)
    weeks = [_back(filled, WEEK * number) for number in (1, 2, 3, 4)]
    return {
        "same hour, day before": _back(filled, DAY),
        "same hour, week before": weeks[0],
        "same hour, 4 weeks": np.median(weeks, axis=0),
    }


def tree_rows(columns, places) -> np.ndarray:
    """Returns a row `(forecasts * 24, columns)` for each hour of each forecast.

    `columns` are those of the corpus, `(hours,)` by name; `places` `(forecasts,)` are
    the first hours to forecast, eight days from the beginning at least, and a day from
    the end: `ValueError` for any other. A row holds how far ahead the hour is, its hour
    of the day, weekday and holidays, whether the week before had one, the traffic of
    that hour on each of the seven days before, and what was known last: the last 24
    hours of traffic, how far the last 1, 3, 6 and 24 hours were from those a week
    before, and the weather.
    """
    traffic = np.asarray(columns["traffic"])
    places, latest = np.asarray(places), len(traffic) - DAY
    if wrong := [n for n in places.tolist() if not WEEK + DAY <= n <= latest]:
        raise ValueError(
            f"`places` must be {WEEK + DAY} to {latest}. Received: {wrong[0]}"
        )
    target = places[:, np.newaxis] + np.arange(DAY)
    last = places[:, np.newaxis] - np.arange(1, DAY + 1)
    weather = series.features(columns).numpy()[:, 1:]
    now = [traffic[last], _drift(traffic)[places - 1], weather[places - 1]]
    now = np.repeat(np.concatenate(now, axis=1)[:, np.newaxis], DAY, axis=1)
    days_before = traffic[target[..., np.newaxis] - DAY * np.arange(1, 8)]
    hours = series.hours_from_text(tf.constant(columns["timestamp"]))
    calendar = series.calendar(hours).numpy()
    weekday = calendar[:, DAY : DAY + 7].argmax(axis=1)
    holidays = calendar[:, -3:]
    ahead = target - places[:, np.newaxis]
    then = np.stack([ahead, hours.numpy()[target] % DAY, weekday[target]], axis=-1)
    then = [then, holidays[target], holidays[target - WEEK, :1]]
    rows = np.concatenate([*then, days_before, now], axis=-1)
    return rows.reshape(target.size, -1)


def grow_trees(
    columns, origins, *, most: int, seed: int = 0, choices=CHOICES
) -> np.ndarray:
    """Forecasts the test by boosted trees: `(forecasts, 24)`, whole vehicles an hour.

    `columns` are as in `tree_rows`; `origins` gives the places of the forecasts of
    "train", "validation" and "test". Of the `choices` the best on validation is taken,
    tried with `most // 2` trees on every fourth forecast; the best of these grow on to
    `most` trees, and how many of them are best is read off on validation. So many are
    then grown on all rows. The loss is the absolute error.
    """
    rows, came = _known(columns, origins["train"][::4])
    later_rows = tree_rows(columns, origins["validation"])
    later = _targets(columns, origins["validation"])

    def error(forecast):
        return np.nanmean(np.abs(forecast - later))

    tried = [_trees(c, most // 2, seed).fit(rows, came) for c in choices]
    errors = [error(trees.predict(later_rows)) for trees in tried]
    best = int(np.argmin(errors))
    grown = tried[best].set_params(max_iter=most, warm_start=True).fit(rows, came)
    curve = {
        number: error(forecast)
        for number, forecast in enumerate(grown.staged_predict(later_rows), start=1)
        if number % max(most // 8, 1) == 0
    }
    number = min(curve, key=curve.get)
    grown = _trees(choices[best], number, seed).fit(*_known(columns, origins["train"]))
    test = tree_rows(columns, origins["test"])
    return np.rint(grown.predict(test)).reshape(-1, DAY).astype("float32")


def forecast_by_trees(lesson, columns, origins, *, most: int) -> np.ndarray:
    """Returns what `grow_trees` says of the test, or what ships of it.

    `lesson` is a `course.Lesson`. Where it trains, trees are grown, which takes three
    minutes with `most=1200`, and their forecasts are kept beside the weights of its
    models; else, and in a quick run, those that ship are read. Raises
    `FileNotFoundError` if there are none.
    """
    file = pathlib.Path(lesson.name, "weights", "trees.npz")
    if lesson.train is not True:
        with np.load(SHIPPED / file) as kept:
            return kept["forecast"].astype("float32")
    forecast = grow_trees(columns, origins, most=most, seed=lesson.seed)
    path = lesson.folder / "saved_models" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, forecast=forecast.astype("int16"))
    return forecast


def interval(errors, *, blocks: int = 17, seed: int = 0) -> tuple[float, float]:
    """Returns between which numbers the mean of `errors` lies, 95 times in 100.

    `errors` are `(forecasts, horizon)` in the order of time, NaN where nothing is
    known. Neighbours are much alike, so stretches of time are drawn anew (with
    replacement, 1,000 times): 17 of them are weeks in four months.

    >>> interval(np.ones((34, 24)))
    (1.0, 1.0)
    """
    parts = np.array_split(np.asarray(errors, "float64"), blocks)
    sums = np.array([np.nansum(part) for part in parts])
    counts = np.array([np.isfinite(part).sum() for part in parts])
    drawn = np.random.default_rng(seed).integers(blocks, size=(1000, blocks))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _back(values, hours):
    """What stood so many hours before each hour; NaN where there is nothing."""
    return np.concatenate([np.full(hours, np.nan), values])[: len(values)]


def _drift(traffic):
    """How far the last hours were from those a week before, `(hours, 4)`."""
    filled = fill_missing(traffic)
    drift = np.full([len(filled), len(_SPANS)], np.nan)
    changes = np.cumsum(filled[WEEK:] - filled[:-WEEK])
    for column, span in enumerate(_SPANS):
        drift[WEEK + span :, column] = (changes[span:] - changes[:-span]) / span
    return drift


def _targets(columns, places):
    hours = np.asarray(places)[:, np.newaxis] + np.arange(DAY)
    return np.asarray(columns["traffic"])[hours].ravel()


def _known(columns, places):
    """Rows and what came, of the hours of which that is known."""
    rows, came = tree_rows(columns, places), _targets(columns, places)
    return rows[~np.isnan(came)], came[~np.isnan(came)]


def _trees(choice, number, seed):
    from sklearn.ensemble import HistGradientBoostingRegressor

    leaves, share = choice
    return HistGradientBoostingRegressor(
        loss="absolute_error",
        learning_rate=0.05,
        early_stopping=False,
        random_state=seed,
        max_iter=number,
        max_leaf_nodes=leaves,
        max_features=share,
    )
