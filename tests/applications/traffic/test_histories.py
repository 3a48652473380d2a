import numpy as np
import pytest

from gru_apps.applications.traffic import histories, series


def _file(tmp_path, text):
    path = tmp_path / "history.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_history_is_read_whatever_the_order_of_its_columns(tmp_path):
    text = "\ufeffclouds,traffic,timestamp,lane\n40, 12 ,2018-06-01 07:00,3\n,,x,3\n"
    columns = histories.read_csv(_file(tmp_path, text))
    assert sorted(columns) == sorted(histories.COLUMNS)
    assert columns["timestamp"].tolist() == ["2018-06-01 07:00", "x"]
    np.testing.assert_array_equal(columns["traffic"], [12, np.nan])
    np.testing.assert_array_equal(columns["clouds"], [40, np.nan])
    assert np.isnan(columns["temperature"]).all()
    assert columns["weather"].tolist() == ["", ""]


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "a column 'timestamp'"),
        ("timestamp,volume\n2018-06-01 07:00,5\n", "a column 'traffic'"),
        ("timestamp,traffic\n", "rows"),
        ("timestamp,traffic\n2018-06-01 07:00,many\n", "Received: 'many'"),
    ],
)
def test_a_file_that_is_no_history_is_refused(text, message, tmp_path):
    with pytest.raises(ValueError, match=message) as error:
        histories.read_csv(_file(tmp_path, text))
    assert "history.csv" in str(error.value)


def test_numbers_that_python_alone_would_read_are_refused(tmp_path):
    for text in ["1_000", "inf", "-Infinity", "1e400", "1e39", "0x1F", "\u0661\u0662"]:
        file = _file(tmp_path, f"timestamp,traffic\n2018-06-01 07:00,{text}\n")
        with pytest.raises(ValueError, match="`traffic` must be numbers") as error:
            histories.read_csv(file)
        assert f"Received: {text!r}" in str(error.value)


@pytest.mark.parametrize("text", ["12", "+12", "12.", "1.2e1", "1200E-2", " 12 "])
def test_numbers_may_be_written_in_the_usual_ways(text, tmp_path):
    file = _file(tmp_path, f"timestamp,traffic\n2018-06-01 07:00,{text}\n")
    assert histories.read_csv(file)["traffic"].tolist() == [12]


@pytest.mark.parametrize("text", ["", " ", "NA", "N/A", "NaN", "nan", "null", "NULL"])
def test_what_is_written_as_unknown_is_unknown(text, tmp_path):
    row = f"2018-06-01 07:00,{text},{text},{text},{text}\n"
    columns = histories.read_csv(
        _file(tmp_path, f"timestamp,traffic,temperature,clouds,weather\n{row}")
    )
    for name in ["traffic", "temperature", "clouds"]:
        assert np.isnan(columns[name]).all()
    assert columns["weather"].tolist() == [""]


PUBLIC = """\
holiday,temp,rain_1h,snow_1h,clouds_all,weather_main,weather_description,\
date_time,traffic_volume
None,287.6,0.0,0.0,90,Clouds,overcast clouds,2012-11-04 01:00:00,730
None,287.77,0.0,0.0,90,Mist,mist,2012-11-04 01:00:00,730
None,0.0,0.0,0.0,0,Squall,SQUALLS,2012-11-04 02:00:00,0
"""


def test_the_public_file_is_read_with_its_flaws_repaired(tmp_path):
    columns = histories.read_csv(_file(tmp_path, PUBLIC))
    stamps = ["2012-11-04 01:00:00", "2012-11-04 02:00:00"]
    assert columns["timestamp"].tolist() == stamps
    assert columns["traffic"].tolist() == [730, 0]
    np.testing.assert_allclose(columns["temperature"], [287.6, np.nan], rtol=1e-6)
    assert columns["clouds"].tolist() == [90, 0]
    assert columns["weather"].tolist() == ["Clouds", ""]
    assert columns["traffic"].dtype == columns["temperature"].dtype == "float32"
    assert [*columns] == [*series.COLUMNS]


def test_of_an_hour_that_is_there_twice_what_one_row_knows_is_known(tmp_path):
    rows = ["2018-06-01 07:00,,3,", "2018-06-01T07:00:00,5,4,Rain"]
    text = "\n".join(["timestamp,traffic,clouds,weather", *rows])
    columns = histories.read_csv(_file(tmp_path, text))
    assert columns["timestamp"].tolist() == ["2018-06-01 07:00"]
    assert columns["traffic"].tolist() == [5] and columns["clouds"].tolist() == [3]
    assert columns["weather"].tolist() == ["Rain"]


LARGE = "x" * 200_000
REFUSED = {
    "misspelled": (b"timestamp,traffic,wether\na,5,Rain\n", "'weather'.*: 'wether'"),
    "capital": (b"timestamp,traffic,Clouds\na,5,40\n", "'clouds'.*: 'Clouds'"),
    "plural": (b"timestamp,traffic,temps\na,5,280\n", "'temp'.*: 'temps'"),
    "twice": (b"timestamp,traffic,traffic\na,1,2\n", "Received: traffic, traffic"),
    "two names": (b"timestamp,traffic,date_time\na,1,b\n", "timestamp, date_time"),
    "two counts": (
        b"timestamp,traffic\n2018-06-01 07:00,5\n2018-06-01 07:00,6\n",
        "of 2018-06-01 07:00 must be there once. Received: 5 and 6",
    ),
    "comma": (b"timestamp,traffic\na,12,5\n", "2 values a row. Received: 'a,12,5'"),
    "no time": (b"timestamp,traffic\n,5\n", "each row must have a `timestamp`"),
    "latin": ("timestamp,traffic\nf\u00fcnf,5\n".encode("latin-1"), "byte 0xfc"),
    "utf-16": ("timestamp,traffic\na,5\n".encode("utf-16"), "must be UTF-8"),
    "zero bytes": (b"timestamp,traffic\na,5\0\n", "a byte of 0"),
    "field": (f"timestamp,traffic\n{LARGE},5\n".encode(), "field limit"),
    "number": (f"timestamp,traffic\na,{LARGE[:999]}\n".encode(), "numbers"),
    "quote": (b'timestamp,traffic\n"a,5\nb,6\n', "unexpected end of data"),
}


@pytest.mark.parametrize("content, message", REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_repaired_is_refused_in_one_line(
    content, message, tmp_path
):
    path = tmp_path / "history.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as error:
        histories.read_csv(path)
    assert str(error.value).startswith(str(path))
    assert len(str(error.value)) < 300 and "\n" not in str(error.value)
