import csv
import pathlib

import numpy as np
import pytest
import tensorflow_datasets as tfds

from gru_apps.datasets import ett

SPLITS = {"train": 8640, "validation": 2880, "test": 2880}
LINE = "2016-07-01 00:00:00,5.8,2.0,1.5,0.4,4.2,1.3,30.5\n"


@pytest.mark.full_size("ETTh1.csv", "ETTh2.csv")
@pytest.mark.parametrize("config", ["h1", "h2"])
def test_hours_of_a_transformer_are_those_of_the_file_in_twelve_four_and_four_months(
    config,
):
    builder = tfds.builder(f"ett/{config}")
    builder.download_and_prepare()
    assert {k: s.num_examples for k, s in builder.info.splits.items()} == SPLITS
    splits = builder.as_dataset(split=list(SPLITS), batch_size=-1)
    splits = tfds.as_numpy(splits)
    columns = {n: np.concatenate([s[n] for s in splits]) for n in splits[0]}
    stamps = columns["timestamp"].astype(str).astype("datetime64[h]")
    assert str(stamps[0]) == "2016-07-01T00"
    assert set(np.diff(stamps).astype(int)) == {1}
    numbers = np.stack([columns[name] for name in ett.CHANNELS], axis=1)
    assert numbers.dtype == "float32" and np.isfinite(numbers).all()
    manual = pathlib.Path(builder.data_path).parents[2] / "downloads" / "manual"
    with open(manual / f"ETT{config}.csv", encoding="utf-8", newline="") as file:
        (last,) = [
            row
            for row in csv.reader(file)
            if row[0].startswith(str(stamps[-1]).replace("T", " "))
        ]
    np.testing.assert_array_equal(numbers[-1], np.float32(last[1:]))


def _builder(folder, content=None):
    builder = ett.Ett(config="h1", data_dir=folder)
    manual = folder / "downloads" / "manual"
    manual.mkdir(parents=True)
    if content:
        (manual / "ETTh1.csv").write_text(content)
    return builder, manual


def test_another_file_in_its_place_is_refused_with_what_to_do(tmp_path):
    builder, manual = _builder(tmp_path, "date,OT\n" + LINE)
    with pytest.raises(ValueError, match=f"ETTh1.csv is not the file.*{manual}"):
        builder.download_and_prepare()


def test_without_a_network_the_error_says_where_to_lay_the_file(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise ConnectionResetError

    builder, manual = _builder(tmp_path)
    monkeypatch.setattr(tfds.download.DownloadManager, "download", fail)
    with pytest.raises(ConnectionError, match=f"check the network, or .*{manual}"):
        builder.download_and_prepare()


def test_splits_are_stretches_of_time_and_what_follows_is_left_out(
    tmp_path, monkeypatch
):
    builder, manual = _builder(tmp_path)
    stamps = np.datetime64("2016-07-01T00") + np.arange(20)
    lines = [
        f"{str(s).replace('T', ' ')}:00:00,1,2,3,4,5,6,{n}"
        for n, s in enumerate(stamps)
    ]
    file = manual / "some.csv"
    file.write_text("\n".join(["date,HUFL,HULL,MUFL,MULL,LUFL,LULL,OT", *lines]))
    monkeypatch.setattr(ett, "_MONTH", 1)
    monkeypatch.setattr(ett, "_MONTHS", {"train": 12, "validation": 4, "test": 3})
    monkeypatch.setattr(
        tfds.download.DownloadManager, "download", lambda self, url: file
    )
    builder.download_and_prepare()
    found = {
        k: [float(h["OT"]) for h in tfds.as_numpy(builder.as_dataset(split=k))]
        for k in SPLITS
    }
    assert found["train"] == list(range(12))
    assert found["validation"] == list(range(12, 16))
    assert found["test"] == list(range(16, 19))
