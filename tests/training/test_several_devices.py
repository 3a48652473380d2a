"""Trainings on two devices, and in two processes, as on one."""

import contextlib
import importlib.util
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

SCRIPT = pathlib.Path(__file__).with_name("train_on_devices.py")
needs_jax = pytest.mark.skipif(
    importlib.util.find_spec("jax") is None, reason="jax is not installed"
)


def start(backend, *arguments, **variables):
    variables = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"} | variables
    return subprocess.Popen(
        [sys.executable, SCRIPT, *map(str, arguments)],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def result(process):
    """What a process printed last, and all that it printed."""
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]), printed


def free_port():
    """A port of those that JAX takes under Slurm."""
    for port in range(61440, 65535):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def start_two(folder, **killed):
    """Starts two processes, of which the second may be told when to be killed."""
    port = free_port()
    return [
        start("jax", "join", folder, place, 2, port, 120, **(killed if place else {}))
        for place in (0, 1)
    ]


def start_two_by_slurm(folder):
    """Starts two processes with the variables that `srun` sets."""
    job = {
        "SLURM_JOB_ID": str(free_port() - 61440),  # whence JAX takes the port
        "SLURM_STEP_NODELIST": "127.0.0.1",
        "SLURM_NTASKS": "2",
    }
    places = [
        {"SLURM_PROCID": place, "SLURM_LOCALID": place, "JAX_PLATFORMS": "cpu"}
        for place in "01"
    ]
    return [start("jax", "slurm", folder, **job, **place) for place in places]


def assert_alike(some, others, *measures):
    for name in measures:
        one, other = some["history"][name], others["history"][name]
        np.testing.assert_allclose(one, other, atol=1e-5)
    np.testing.assert_allclose(some["weights"], others["weights"], rtol=1e-5)


def go_on_with_two(backend, folder):
    """What two devices come to, if all is killed after the first epoch."""
    killed = start(backend, "two", folder, KILL_AFTER="1")
    printed, _ = killed.communicate(timeout=300)
    assert killed.returncode == -signal.SIGKILL, printed
    ended, printed = result(start(backend, "two", folder))
    assert "Going on after epoch 1" in printed
    return ended


def test_two_mirrored_devices_train_as_one_though_killed(tmp_path):
    one = start("tensorflow", "one", tmp_path / "one")
    two = go_on_with_two("tensorflow", tmp_path / "two")
    assert_alike(result(one)[0], two, "loss", "val_loss")


@pytest.fixture(scope="module")
def on_one(tmp_path_factory):
    """What JAX's first device alone comes to, with dropout."""
    return result(start("jax", "one", tmp_path_factory.mktemp("one")))[0]


@needs_jax
def test_two_devices_of_jax_train_as_one_though_killed_and_a_batch_is_uneven(
    tmp_path, on_one
):
    assert_alike(go_on_with_two("jax", tmp_path), on_one, "val_loss")


@needs_jax
def test_two_processes_train_as_one_and_go_on_after_one_was_killed(tmp_path, on_one):
    first, second = start_two(tmp_path, KILL_AFTER="2")
    printed, _ = second.communicate(timeout=300)
    assert second.returncode == -signal.SIGKILL, printed
    printed, _ = first.communicate(timeout=300)
    assert first.returncode, printed  # it has noticed
    again = [result(process) for process in start_two_by_slurm(tmp_path)]
    assert "Going on after epoch" in again[0][1]
    for ended, _ in again:
        assert_alike(ended, on_one, "val_loss")
    assert not list(tmp_path.iterdir())


@needs_jax
def test_a_process_that_never_comes_is_an_error_in_a_set_time(tmp_path):
    begun = time.monotonic()
    alone = start("jax", "join", tmp_path, 0, 2, free_port(), 5)
    printed, _ = alone.communicate(timeout=200)
    assert alone.returncode and "DEADLINE_EXCEEDED" in printed
    assert time.monotonic() - begun < 120
