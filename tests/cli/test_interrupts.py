import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from gru_apps.cli import interrupts

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def handled():
    """Lets Python handle Ctrl-C, which a shell makes its background jobs ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="sends a signal of POSIX")
@pytest.mark.parametrize("seconds", [0.5, 7])
def test_ctrl_c_ends_a_long_composition_within_a_second(seconds):
    # amidst the import of TensorFlow, and amidst a loop of its graph
    command = [sys.executable, "-m", "gru_apps", "predict", "music", "--steps=10000"]
    quiet = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=ROOT, env=quiet, **pipes)
    time.sleep(seconds)
    assert process.poll() is None
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    taken = time.monotonic() - start
    assert (process.returncode, out, err) == (130, "", "")
    assert taken < 1.5  # the machine may be busy


def test_handlers_are_as_they_were_afterwards():
    before = signal.getsignal(signal.SIGINT)
    with interrupts.end_the_process():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
    assert signal.set_wakeup_fd(-1) == -1


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts.end_the_process():
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
