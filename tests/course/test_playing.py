"""Sliders are there for readers, and never hold up a run."""

import sys

from gru_apps.course import play


def test_a_run_draws_nothing_and_waits_for_nothing(monkeypatch):
    monkeypatch.setenv("GRU_APPS_FINISHED", "somewhere")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it would fail
    play(lambda x: 1 / 0, x=(0, 1))


def test_a_reader_gets_the_function_called(monkeypatch):
    monkeypatch.delenv("GRU_APPS_FINISHED", raising=False)
    called = []
    play(lambda x: called.append(x), x=(0, 10, 1))
    assert called and 0 <= called[0] <= 10
