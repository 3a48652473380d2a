import numpy as np
import pytest
import scipy.io
import tensorflow_datasets as tfds

from gru_apps import datasets


def _pieces(builder):
    return {
        split: [e["keys"] for e in tfds.as_numpy(builder.as_dataset(split=split))]
        for split in ("train", "validation", "test")
    }


def test_pieces_of_a_file_keep_their_keys_and_their_splits(tmp_path, monkeypatch):
    rolls = {}
    for name, length in [("traindata", 3), ("validdata", 2), ("testdata", 4)]:
        rolls[name] = np.empty((1, 1), object)
        rolls[name][0, 0] = np.eye(88, dtype=np.uint8)[:length]
    file = tmp_path / "some.mat"
    scipy.io.savemat(file, rolls)
    monkeypatch.setattr(
        tfds.download.DownloadManager, "download", lambda self, url: file
    )
    builder = datasets.JsbChorales(data_dir=tmp_path)
    builder.download_and_prepare()
    for (roll,), length in zip(_pieces(builder).values(), [3, 2, 4], strict=True):
        assert roll.shape == (length, 88)
        assert roll.argmax(axis=1).tolist() == list(range(length))


@pytest.mark.full_size("JSB_Chorales.mat", "Nottingham.mat")
@pytest.mark.parametrize(
    "name, pieces, most", [("jsb_chorales", 382, 4), ("nottingham", 1037, 10)]
)
def test_the_published_files_have_so_many_pieces_and_keys_at_once(name, pieces, most):
    builder = tfds.builder(name)
    builder.download_and_prepare()
    rolls = sum(_pieces(builder).values(), [])
    assert len(rolls) == pieces
    assert max(roll.sum(axis=1).max() for roll in rolls) <= most
