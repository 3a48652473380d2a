import pytest
import tensorflow_datasets as tfds

from gru_apps import datasets
from gru_apps.datasets import addresses, packages


def test_full_size_corpora_are_registered_and_prepared_by_several_processes_at_once():
    for name, builder in datasets.FULL_SIZE.items():
        assert name in tfds.list_builders()
        assert issubclass(builder, packages.CorpusBuilder)


@pytest.mark.parametrize(
    "builder, name",
    [
        (datasets.JsbChorales, "JSB_Chorales.mat"),
        (datasets.Nottingham, "Nottingham.mat"),
        (datasets.SpokenArabicDigits, "Train_Arabic_Digit.txt"),
    ],
)
def test_another_file_in_its_place_is_refused_with_what_to_do(builder, name, tmp_path):
    manual = tmp_path / "downloads" / "manual"
    manual.mkdir(parents=True)
    (manual / name).write_text("something else")
    with pytest.raises(ValueError, match=f"{name} is not the file.*{manual}"):
        builder(data_dir=tmp_path).download_and_prepare()


def test_without_a_network_the_error_says_where_to_lay_the_file(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise ConnectionResetError

    monkeypatch.setattr(tfds.download.DownloadManager, "download", fail)
    manual = tmp_path / "downloads" / "manual"
    with pytest.raises(ConnectionError, match=f"check the network, or .*{manual}"):
        datasets.JsbChorales(data_dir=tmp_path).download_and_prepare()


def test_a_registered_file_has_its_folder_size_and_checksum():
    (address, info), *_ = addresses.url_infos("https://a/", {"b": (3, "c")}).items()
    assert (address, info.size, info.checksum) == ("https://a/b", 3, "c")
