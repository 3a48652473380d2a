import numpy as np
import pytest
import tensorflow as tf

from gru_apps.applications.recognition import connected_digits
from gru_apps.applications.recognition.connected_digits import (
    draw_number,
    draw_numbers,
    fresh_batches,
    join,
)
from gru_apps.encoding import audio

RANDOM = np.random.default_rng(0)


def sound(samples, pitch):
    """A hum with a smooth spectrum that swells and fades, over a little noise."""
    time = np.arange(samples) / 8000
    harmonics = np.arange(1, int(3900 / pitch))
    phases = RANDOM.uniform(0, 6, len(harmonics))
    waves = np.sin(2 * np.pi * pitch * harmonics * time[:, None] + phases)
    swell = np.sin(np.pi * np.arange(samples) / samples) ** 0.5
    hum = swell * (waves * 0.8**harmonics).sum(axis=1) / 4
    return (hum + 3e-3 * RANDOM.normal(size=samples)).astype("float32")


SOUNDS = [sound(200 * steps, pitch) for steps, pitch in [(9, 110), (7, 180), (8, 140)]]
CLIPS = [audio.mfcc(waveform).numpy() for waveform in SOUNDS]
PAUSES = [3, 1, 5, 2]
DIGITS = range(10)


def played(gains):
    """The features of the sounds, one after another, with zeros between."""
    parts = [np.zeros(200 * PAUSES[0])]
    for index, (waveform, gain) in enumerate(zip(SOUNDS, gains, strict=True)):
        last = index == len(SOUNDS) - 1
        silence = np.zeros(200 * (PAUSES[index + 1] + (not last)))
        parts += [waveform * 10 ** (gain / 20), silence]
    return audio.mfcc(np.concatenate(parts).astype("float32")).numpy()


def places():
    """Frames inside of clips, at their ends, and of silence."""
    ends = np.cumsum([len(clip) for clip in CLIPS]) + np.cumsum(PAUSES[:3])
    starts = ends - [len(clip) for clip in CLIPS]
    inside = np.concatenate(
        [np.arange(s + 1, e - 1) for s, e in zip(starts, ends, strict=True)]
    )
    edges = np.concatenate([starts, ends - 1])
    silent = np.setdiff1d(np.arange(ends[-1] + PAUSES[-1]), [*inside, *edges])
    return inside, edges, silent[:-1]  # the last is half outside and reflected


def voices():
    """Recordings of two speakers, of as many frames as tell who speaks."""
    return {
        speaker: [(np.full((frames, 13), digit, "float32"), digit) for digit in DIGITS]
        for speaker, frames in enumerate([6, 7])
    }


@pytest.mark.parametrize("gains", [[0, 0, 0], [9, 9, 9]])
def test_inside_of_clips_of_one_level_joined_frames_are_those_of_joined_sounds(gains):
    inside, _, _ = places()
    expected, joined = played(gains), join(CLIPS, gains=gains, pauses=PAUSES, floor=99)
    assert joined.shape == expected.shape
    np.testing.assert_allclose(joined[inside], expected[inside], atol=0.05)


def test_a_change_of_level_moves_the_first_coefficient_alone():
    one, other = (
        join(CLIPS[:1], gains=[gain], pauses=[0, 0], floor=99) for gain in (0, -7)
    )
    np.testing.assert_allclose(one[:, 0] - other[:, 0], 7 * np.sqrt(128), rtol=1e-4)
    np.testing.assert_allclose(one[:, 1:], other[:, 1:], atol=1e-3)


def test_at_the_ends_of_clips_half_of_the_frame_is_missing():
    _, edges, _ = places()
    expected = played([0, 0, 0])[edges, 0]
    joined = join(CLIPS, gains=[0, 0, 0], pauses=PAUSES)[edges, 0]
    whole = np.concatenate([[clip[0, 0] for clip in CLIPS], [c[-1, 0] for c in CLIPS]])
    error = np.abs(joined - expected).mean() / np.sqrt(128)
    assert error < 1.5  # dB
    assert error < np.abs(whole - expected).mean() / np.sqrt(128)


def test_silence_lies_at_the_floor_of_the_joint_clip():
    _, _, silent = places()
    gains = [0, 6, -12]
    expected, joined = played(gains), join(CLIPS, gains=gains, pauses=PAUSES)
    for frames in (expected, joined):
        assert np.ptp(frames[silent, 0]) < 0.01
        np.testing.assert_allclose(frames[silent, 1:], 0, atol=0.01)
    # the smooth spectrum of thirteen coefficients does not tell the peak exactly
    assert np.abs(joined - expected)[silent, 0].max() / np.sqrt(128) < 12


def test_a_hiss_fills_the_pauses_and_hides_nothing_louder():
    quiet = join(CLIPS, gains=[0, 0, 0], pauses=PAUSES)
    peak = quiet[:, 0].max() / np.sqrt(128)
    hiss = np.full(128, peak - 40)
    hissing = join(CLIPS, gains=[0, 0, 0], pauses=PAUSES, hiss=hiss)
    inside, _, silent = places()
    np.testing.assert_allclose(hissing[silent, 0] / np.sqrt(128), peak - 40, atol=0.1)
    loudest = quiet[:, 0].argmax()
    assert np.abs(hissing - quiet)[loudest].max() < 60
    assert (hissing[inside, 0] > quiet[inside, 0] - 1e-3).all()


def test_a_number_is_said_by_one_speaker_in_the_order_of_its_digits():
    generator, heard = np.random.default_rng(0), set()
    for _ in range(9):
        number = draw_number(voices(), 4, generator)
        assert len(number.digits) == len(number.bounds) == 4
        (frames,) = set(number.bounds[:, 1] - number.bounds[:, 0])
        heard.add(int(frames))
        assert (number.bounds[1:, 0] >= number.bounds[:-1, 1]).all()
        assert number.bounds[-1, 1] <= len(number.mfcc)
    assert heard == {6, 7}


def test_bounds_are_where_the_digits_are_loud():
    loud = {0: [(np.eye(13)[[0] * 6] * 900, 3)]}  # 80 dB above silence and hiss
    number = draw_number(loud, 4, np.random.default_rng(0))
    expected = np.zeros(len(number.mfcc), bool)
    for start, end in number.bounds:
        expected[start:end] = True
    level = number.mfcc[:, 0] / np.sqrt(128)
    np.testing.assert_array_equal(level > level.max() - 25, expected)


def test_a_fixed_set_is_the_same_each_time_and_holds_three_to_eight_digits():
    one, same, other = (draw_numbers(voices(), 30, seed=seed) for seed in (1, 1, 2))
    assert {len(number.digits) for number in one} == {3, 4, 5, 6, 7, 8}
    for first, second in zip(one, same, strict=True):
        np.testing.assert_array_equal(first.mfcc, second.mfcc)
    assert any(len(a.mfcc) != len(b.mfcc) for a, b in zip(one, other, strict=True))


def test_each_epoch_has_fresh_numbers_and_a_dataset_made_anew_the_same_epochs():
    dataset, anew = (fresh_batches(voices(), 2, steps=3, seed=5) for _ in range(2))
    assert len(dataset) == 3
    first, second = list(dataset), list(dataset)
    assert any(_differ(a, b) for a, b in zip(first, second, strict=True))
    iter(anew)  # stands for an epoch that is done, where `fit` goes on after a kill
    assert not any(_differ(a, b) for a, b in zip(second, anew, strict=True))


def _differ(one, other):
    return one[0].shape != other[0].shape or (one[0].numpy() != other[0].numpy()).any()


def test_batches_are_padded_with_frames_of_zeros_and_labels_start_at_one():
    for mfcc, labels in fresh_batches(voices(), 4, steps=5, seed=0):
        assert mfcc.shape[0] == labels.shape[0] == 4
        assert 1 <= labels.shape[1] <= 8
        assert labels.numpy().min() >= 1 and labels.numpy().max() <= 10
        real = np.any(mfcc.numpy() != 0, axis=2)
        assert (np.diff(real.astype(int), axis=1) <= 0).all()
        assert (real.sum(axis=1) > labels.shape[1]).all()


def test_recordings_are_sorted_by_speaker():
    rows = {"mfcc": np.zeros([3, 2, 13]), "speaker": [4, 0, 4], "digit": [7, 8, 9]}
    voices_of = connected_digits.voices_of(tf.data.Dataset.from_tensor_slices(rows))
    assert [digit for _, digit in voices_of[4]] == [7, 9]
    assert [digit for _, digit in voices_of[0]] == [8]


def test_examples_hold_every_number_unpadded():
    numbers = draw_numbers(voices(), 4, seed=0)
    for number, (mfcc, labels) in zip(
        numbers, connected_digits.examples_of(numbers), strict=True
    ):
        np.testing.assert_array_equal(mfcc, number.mfcc)
        np.testing.assert_array_equal(labels, number.digits + 1)


def test_plain_numbers_stay_at_their_level_and_varied_ones_do_not():
    levels = {}
    for varied in (False, True):
        fresh = fresh_batches(voices(), 9, steps=4, seed=0, varied=varied)
        peaks = [mfcc.numpy()[:, :, 0].max(axis=1) for mfcc, _ in fresh]
        levels[varied] = np.concatenate(peaks) / np.sqrt(128)  # dB
    assert np.ptp(levels[False]) < 25
    assert np.ptp(levels[True]) > 35
