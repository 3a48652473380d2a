import numpy as np
import pytest

from gru_apps.inspection import calibration_error, fit_temperature


def _drawn(temperature, size=20_000):
    """Logits, and labels drawn by their softmax at a temperature."""
    generator = np.random.default_rng(0)
    logits = generator.normal(scale=3, size=(size, 4))
    labels = (logits / temperature + generator.gumbel(size=(size, 4))).argmax(axis=1)
    return logits, labels


def _softmax(logits):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_is_that_by_which_labels_were_drawn(temperature):
    assert fit_temperature(*_drawn(temperature)) == pytest.approx(temperature, rel=0.05)


def test_probabilities_by_which_labels_were_drawn_have_no_error_and_others_have():
    logits, labels = _drawn(1.0)
    for scale, low, high in [(1, 0, 0.01), (3, 0.05, 0.4), (0.3, 0.05, 0.6)]:
        p = _softmax(logits * scale)
        error = calibration_error(p.max(axis=1), p.argmax(axis=1) == labels)
        assert low <= error < high


def test_too_sure_and_too_unsure_within_one_bin_make_up_for_each_other():
    assert calibration_error([0.7, 0.7, 0.7, 0.7], [1, 1, 1, 0]) == pytest.approx(0.05)
    assert calibration_error([1.0, 0.0], [True, False]) == 0
    assert calibration_error([1.0, 0.0], [False, True]) == 1
