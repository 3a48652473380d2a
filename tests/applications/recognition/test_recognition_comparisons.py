import numpy as np

from gru_apps.applications.recognition import comparisons
from gru_apps.applications.recognition.connected_digits import Number, join


def _number(digits, generator):
    """Digits that are tones of different colours, with pauses between them."""
    clips = []
    for digit in digits:
        clip = generator.normal(scale=3, size=(8, 13))
        clip[:, 1 + digit] += 100
        clips.append(clip)
    pauses = [6] * (len(digits) + 1)
    starts = 6 + 14 * np.arange(len(digits))
    mfcc = join(clips, gains=[0.0] * len(digits), pauses=pauses)
    bounds = np.stack([starts, starts + 8], axis=1)
    return Number(mfcc, np.array(digits), bounds)


def test_a_cutter_reads_digits_that_pauses_part():
    generator = np.random.default_rng(0)
    rows = [[0, 1, 2], [2, 1, 0], [1, 1, 2, 0], [0, 2, 2], [2, 0, 1, 1]]
    numbers = [_number(digits, generator) for digits in rows]
    cutter = comparisons.fit_pause_cutter(numbers[:3], numbers[3:4])
    assert cutter.error_rate == 0
    assert cutter.read(numbers[4:]) == ["2 0 1 1"]


def test_an_interval_holds_the_rate_and_narrows_with_the_number_of_texts():
    truths, answers = ["1 2 3", "4 5 6 7"], ["1 2 3", "4 4 6"]
    few = comparisons.error_interval(truths * 5, answers * 5)
    many = comparisons.error_interval(truths * 50, answers * 50)
    for rate, low, high in [few, many]:
        assert rate == 2 / 7
        assert low < rate < high
    assert many[2] - many[1] < few[2] - few[1]


def test_an_interval_is_that_of_the_rates_of_drawn_texts():
    truths, answers = ["1"] * 100, ["1", "2"] * 50  # each is right or wrong
    found = comparisons.error_interval(truths, answers)
    # of a binomial share: 1.96 * (0.5 * 0.5 / 100) ** 0.5 on either side
    np.testing.assert_allclose(found, (0.5, 0.402, 0.598), atol=0.015)


def test_a_difference_on_the_same_texts_is_known_better_than_a_rate():
    truths, answers = ["1 2 3", "4 5 6"] * 9, ["1 2 3 3", "4 5 6"] * 9
    others = [answer + " 0" for answer in answers]  # one error more in each
    difference, low, high = comparisons.difference_interval(truths, others, answers)
    assert difference == low == high == 1 / 3
    assert comparisons.difference_interval(truths, answers, answers) == (0, 0, 0)


def test_errors_are_counted_by_alignment():
    truths, answers = ["6 1 6", "4", "2 2"], ["3 1 3", "4 0", "2"]
    assert comparisons.count_errors(truths, answers).tolist() == [2, 1, 1]


def test_a_convolution_sees_ten_frames_and_no_padding():
    model = comparisons.build_convolution(3, filters=4)
    generator = np.random.default_rng(0)
    clip = generator.normal(size=(1, 40, 13)).astype("float32")
    model.get_layer("normalization").adapt(clip)
    padded = np.pad(clip, [(0, 0), (0, 5), (0, 0)])
    logits = np.asarray(model(padded))
    np.testing.assert_allclose(logits[:, :40], model(clip), atol=1e-5)
    assert np.all(logits[:, 40:].argmax(axis=2) == 0)
    other = clip.copy()
    other[:, 0] += 1
    moved = np.abs(np.asarray(model(other)) - logits[:, :40]).max(axis=(0, 2))
    assert moved[10] > 1e-6 > moved[11:].max()
