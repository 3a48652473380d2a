"""A checkpoint is whole, or it is not used; a disk that is full is named."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from gru_apps import batches, fit
from gru_apps.training.locks import locked
from gru_apps.training.snapshots import DamagedError, read_snapshot, write_snapshot

ARRAYS = {"model": [np.arange(6.0).reshape(2, 3), np.int64(7)], "best": []}
DATA = batches((np.ones([4, 1]), np.ones([4, 1])), 2)


def train(directory, **options):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    options = {"epochs": 2, "loss": "mse", "verbose": 0} | options
    return fit(model, DATA, DATA, directory=directory, **options)


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "new" / "a.weights.h5"
    write_snapshot(path, {"epoch": 3}, ARRAYS)
    story, arrays = read_snapshot(path)
    assert story == {"epoch": 3} and arrays["best"] == []
    for one, other in zip(arrays["model"], ARRAYS["model"], strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    assert [p.name for p in path.parent.iterdir()] == ["a.weights.h5"]


def test_any_flipped_bit_is_damage(tmp_path):
    path = tmp_path / "a.weights.h5"
    write_snapshot(path, {"epoch": 3}, ARRAYS)
    content = path.read_bytes()
    for place in range(0, len(content), len(content) // 40):
        flipped = bytearray(content)
        flipped[place] ^= 4
        path.write_bytes(flipped)
        with pytest.raises(DamagedError, match="checksum"):
            read_snapshot(path)


def test_a_checkpoint_of_before_is_not_used_with_a_warning(tmp_path, recwarn):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.save_weights(tmp_path / "checkpoint.weights.h5")
    assert len(train(tmp_path)["loss"]) == 2
    messages = [str(w.message) for w in recwarn]
    assert [m for m in messages if "starts anew" in m and "older version" in m]


def test_a_checkpoint_whose_weights_are_nan_is_not_used(tmp_path, recwarn, monkeypatch):
    from gru_apps.training import checkpoints

    def spoiled(path, story, arrays):
        arrays["model"][0] = arrays["model"][0] * np.nan
        write_snapshot(path, story, arrays)
        raise InterruptedError

    with monkeypatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(checkpoints, "write_snapshot", spoiled)
        train(tmp_path)
    assert len(train(tmp_path)["loss"]) == 2
    assert [w for w in recwarn if "holds weights that are NaN" in str(w.message)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file's size")
def test_a_disk_that_fills_is_named_and_the_last_checkpoint_kept(tmp_path):
    import resource

    path = tmp_path / "a.weights.h5"
    write_snapshot(path, {"epoch": 1}, ARRAYS)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OSError) as caught:
            write_snapshot(path, {"epoch": 2}, {"model": [np.zeros(9999)]})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.errno == errno.EFBIG
    assert str(tmp_path) in str(caught.value) and "is kept" in str(caught.value)
    assert read_snapshot(path)[0] == {"epoch": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.weights.h5"]


def test_a_training_stops_where_its_disk_is_full(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        train(tmp_path)
    assert str(tmp_path) in str(caught.value) and not list(tmp_path.iterdir())


def test_a_directory_in_a_checkpoints_place_is_refused(tmp_path):
    (tmp_path / "checkpoint.weights.h5").mkdir()
    with pytest.raises(ValueError, match="Received: directory="):
        train(tmp_path)


def test_a_file_in_the_directorys_place_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="Received: directory="):
        train(tmp_path / "file")


def test_a_second_training_in_a_directory_is_refused(tmp_path):
    with locked(tmp_path), pytest.raises(ValueError, match="Another training"):
        train(tmp_path)
    assert len(train(tmp_path)["loss"]) == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_lock_ends_with_the_process_that_held_it(tmp_path):
    code = (
        "import importlib.util, pathlib, sys, time\n"
        "spec = importlib.util.spec_from_file_location('locks', sys.argv[1])\n"
        "locks = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(locks)\n"
        "with locks.locked(pathlib.Path(sys.argv[2])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    module = Path(sys.modules[locked.__module__].__file__)
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(module), str(tmp_path)],
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(ValueError, match="Another training"), locked(tmp_path):
            pass
        child.kill()
    assert list(tmp_path.iterdir())
    with locked(tmp_path):
        pass
    assert not list(tmp_path.iterdir())
