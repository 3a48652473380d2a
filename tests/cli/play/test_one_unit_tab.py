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


def test_the_unit_is_what_keras_computes():
    import keras

    from gru_apps.cli.play import one_unit
    from gru_apps.inspection import gates

    bias_z, input_z, bias_r, input_r, input_c, state_c = sliders = (1, -2, 0, 1, 2, 0.7)
    sequence = np.sin(np.arange(24.0)).astype("float32")
    model = keras.Sequential([keras.Input((None, 1)), keras.layers.GRU(1)])
    kernel, recurrent = [[input_z, input_r, input_c]], [[0, 0, state_c]]
    model.set_weights(
        [
            np.array(kernel),
            np.array(recurrent),
            np.array([[bias_z, bias_r, 0], [0] * 3]),
        ]
    )
    expected = gates.read_gates(model, sequence[None, :, None])
    got = one_unit.read_unit(sequence, sliders)
    for name, values in got.items():
        np.testing.assert_allclose(values, getattr(expected, name)[0, :, 0], atol=1e-5)


def test_the_picture_says_where_the_state_ends(functions):
    from gru_apps.cli.play import one_unit

    for values, sliders in one_unit.PRESETS.values():
        said = functions["one_unit.answer"](editors.as_value(values), *sliders)
        end = one_unit.read_unit(values, sliders)["state"][-1]
        assert f"The state ends at {end:.2f}" in said
