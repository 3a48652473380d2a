import numpy as np
import pytest
from corpora import SPLITS, corpus, everything, sizes

from gru_apps.applications.traffic import series


@pytest.mark.corpus
def test_hours_of_traffic_follow_each_other_without_a_break_through_all_splits():
    assert sizes("metro_traffic") == [12384, 2208, 2928]
    stamps = [example["timestamp"] for example in everything("metro_traffic")]
    hours = np.array(stamps, "datetime64[h]")
    assert stamps[0] == "2016-10-01 00:00:00" and stamps[-1] == "2018-09-30 23:00:00"
    assert set(np.diff(hours).astype(int)) == {1}


@pytest.mark.corpus
def test_an_hour_of_traffic_is_known_in_full_or_not_at_all():
    hours = everything("metro_traffic")
    names = ["traffic", "temperature", "rain", "clouds"]
    numbers = np.array([[hour[name] for name in names] for hour in hours])
    missing = np.isnan(numbers)
    assert missing[:, 0].sum() == 104
    assert (missing == missing[:, :1]).all()
    np.testing.assert_array_equal(
        missing[:, 0], [not hour["weather"] for hour in hours]
    )
    known = numbers[~missing[:, 0]]
    assert known.min(axis=0).tolist() == pytest.approx([113, 243.39, 0, 0])
    assert known.max(axis=0).tolist() == pytest.approx([7280, 310.07, 10.6, 100])


@pytest.mark.corpus
def test_the_weather_of_the_corpus_is_the_weather_that_features_know():
    found = {hour["weather"] for hour in everything("metro_traffic")}
    assert found - {""} == set(series.WEATHER)


@pytest.mark.corpus
def test_the_clock_of_the_traffic_leaves_out_an_hour_in_spring():
    hours = {hour["timestamp"]: hour for hour in everything("metro_traffic")}
    for day in ["2017-03-12", "2018-03-11"]:
        assert np.isnan(hours[f"{day} 02:00:00"]["traffic"])


@pytest.mark.corpus
def test_rain_was_hardly_measured_before_the_test_months():
    rainy = [sum(h["rain"] > 0 for h in corpus("metro_traffic")[s]) for s in SPLITS]
    assert rainy == [12, 0, 401]
