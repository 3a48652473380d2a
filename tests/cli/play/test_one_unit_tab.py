"""One unit: what its presets promise."""

import numpy as np
import pytest

from gru_apps.cli.play import editors

pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")


@pytest.fixture(scope="module")
def read():
    from gru_apps.cli.play import one_unit

    return {
        name: one_unit.read_unit(*preset) | {"input": preset[0]}
        for name, preset in one_unit.PRESETS.items()
    }


def test_hold_keeps_its_state(read):
    state = read["hold"]["state"]
    assert np.abs(np.diff(state)).max() < 0.01


def test_forget_follows_the_candidate(read):
    unit = read["forget"]
    np.testing.assert_allclose(unit["state"], unit["candidate"], atol=0.01)
    assert np.ptp(unit["state"]) > 1


def test_count_rises_at_each_pulse_and_stays_between(read):
    unit = read["count"]
    steps = np.diff(unit["state"], prepend=0)
    pulses = np.array(unit["input"]) > 0
    assert (steps[pulses] > 0.1).all() and (np.abs(steps[~pulses]) < 0.03).all()


def test_when_to_write_writes_at_the_marks_alone(read):
    unit = read["when to write"]
    marks = np.array(unit["input"]) > 0.5
    assert (unit["update"][marks] < 0.2).all() and (unit["update"][~marks] > 0.9).all()


def test_the_unit_is_that_of_the_equations():
    from gru_apps.cli.play import one_unit

    bias_z, input_z, bias_r, input_r, input_c, state_c = sliders = (1, -2, 0, 1, 2, 0.7)
    sequence = np.sin(np.arange(24.0))
    read = one_unit.read_unit(sequence, sliders)
    state = 0.0
    for x, got in zip(sequence, read["state"], strict=True):
        z = 1 / (1 + np.exp(-(input_z * x + bias_z)))
        r = 1 / (1 + np.exp(-(input_r * x + bias_r)))
        candidate = np.tanh(input_c * x + r * state_c * state)
        state = z * state + (1 - z) * candidate
        assert got == pytest.approx(state, abs=1e-5)


def test_the_picture_says_where_the_state_ends(functions):
    from gru_apps.cli.play import one_unit

    for values, sliders in one_unit.PRESETS.values():
        said = functions["one_unit.answer"](editors.as_value(values), *sliders)
        end = one_unit.read_unit(values, sliders)["state"][-1]
        assert f"The state ends at {end:.2f}" in said
