import numpy as np
import pytest
import tensorflow_datasets as tfds
from asking import ask, metrics

from gru_apps.applications.traffic import series

PERSISTENCE = ("day_before", "week_before", "four_weeks")


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(tmp_path):
    figures = metrics("traffic")
    split = tfds.load("metro_traffic", split="validation[-168:]+test")
    hours = list(tfds.as_numpy(split))
    columns = {name: np.array([row[name] for row in hours]) for name in series.COLUMNS}
    origins = np.arange(168, len(hours) - 23)
    truth = columns["traffic"][origins[:, None] + np.arange(24)]
    week = [part[:, None] + np.arange(-168, 0) for part in np.array_split(origins, 6)]
    asked = [{name: columns[name][places] for name in columns} for places in week]
    bounds = ask("traffic", asked, "serving_default", "lower median upper", tmp_path)
    lower, median, upper = np.split(np.concatenate(bounds), 3)
    error = np.nanmean(np.abs(median - truth))
    assert error == pytest.approx(figures["test_mean_absolute_error"], rel=0.005)
    inside = ((lower < truth) & (truth < upper))[~np.isnan(truth)]
    expected = figures["test_coverage_of_90_percent"]
    assert inside.mean() == pytest.approx(expected, abs=0.005)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("traffic")
    bounds = [
        (
            m["test_mean_absolute_error"],
            0.85 * min(m[f"test_error_baseline_{naive}"] for naive in PERSISTENCE),
        ),
        (m["test_mean_absolute_error"], m["test_error_baseline_boosted_trees"]),
    ]
    assert not [(less, more) for less, more in bounds if less > more]
