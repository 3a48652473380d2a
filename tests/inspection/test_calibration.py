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


@pytest.mark.parametrize(
    "labels, change, message",
    [
        ([[0], [1]], 1, r"shapes \(2, 4\) and \(2, 1\)"),
        ([0, 1, 1], 1, r"shapes \(2, 4\) and \(3,\)"),
        ([0, 1], np.nan, "must be finite"),
        ([0, -1], 1, "must be 0 to 3. Received: -1 to 0"),
        ([0, 4], 1, "must be 0 to 3. Received: 0 to 4"),
    ],
)
def test_labels_that_no_logit_is_of_are_refused(labels, change, message):
    logits = np.ones((2, 4))
    logits[0, 0] = change
    with pytest.raises(ValueError, match=message):
        fit_temperature(logits, labels)


@pytest.mark.parametrize(
    "probabilities, right, message",
    [
        ([75.0, 75.0], [1, 0], "in 0..1. Received: 75 to 75"),
        ([0.5, np.nan], [1, 0], "in 0..1"),
        ([0.5, 0.5], [[1], [0]], r"shapes \(2,\) and \(2, 1\)"),
        ([0.5, 0.5], [1], r"shapes \(2,\) and \(1,\)"),
    ],
)
def test_what_is_no_probability_is_refused(probabilities, right, message):
    with pytest.raises(ValueError, match=message):
        calibration_error(probabilities, right)


def test_errors_of_two_bins_do_not_cancel():
    probabilities, right = [0.6, 0.6, 0.99, 0.99], [1, 1, 0, 1]
    error = calibration_error(probabilities, right)
    assert error == pytest.approx((0.4 + 0.49) / 2)
    assert calibration_error(probabilities, right, bins=1) == pytest.approx(0.045)
    narrow = calibration_error([0.61, 0.66], [1, 0], bins=20)
    assert narrow == pytest.approx((0.39 + 0.66) / 2)


def test_too_sure_and_too_unsure_within_one_bin_make_up_for_each_other():
    assert calibration_error([0.7, 0.7, 0.7, 0.7], [1, 1, 1, 0]) == pytest.approx(0.05)
    assert calibration_error([1.0, 0.0], [True, False]) == 0
    assert calibration_error([1.0, 0.0], [False, True]) == 1
