import librosa
import numpy as np
import pytest
import tensorflow as tf

from gru_apps.encoding import audio, noises

RANDOM = np.random.default_rng(0)
SECOND = np.arange(8000) / 8000


def tone(frequency, sample_rate, seconds=1.0):
    time = np.arange(round(sample_rate * seconds)) / sample_rate
    return np.sin(2 * np.pi * frequency * time).astype("float32")


def decibels(error):
    return 20 * np.log10(np.abs(error).max() + 1e-12)


SIGNALS = {
    "tone": 0.5 * tone(440, 8000),
    "quiet tone": 1e-3 * tone(437.3, 8000),
    "chirp": np.sin(2 * np.pi * (100 * SECOND + 1800 * SECOND**2)),
    "noise": 0.1 * RANDOM.normal(size=8000),
    "quiet noise": 1e-5 * RANDOM.normal(size=8000),
    "loud, then quiet": np.where(SECOND < 0.2, 1, 1e-4) * RANDOM.normal(size=8000),
    "constant": np.full(1999, 0.5),
    "short": RANDOM.normal(size=401),
    "silence": np.zeros(1000),
}
SIGNALS = {name: signal.astype("float32") for name, signal in SIGNALS.items()}
in_graph = tf.function(audio.mfcc, input_signature=[tf.TensorSpec([None])])


def mfcc_by_definition(waveform):
    """The definition, sum by sum: no FFT, no library's DCT or filter bank."""
    padded = np.pad(waveform.astype("float64"), 200, mode="reflect")
    time = np.arange(400)
    window = np.sin(np.pi * time / 400) ** 2
    fourier = np.exp(-2j * np.pi * np.outer(time, np.arange(201)) / 400)
    edges = 700 * ((1 + 4000 / 700) ** (np.arange(130) / 129) - 1)
    bands = [
        np.interp(20 * np.arange(201), edges[i : i + 3], [0, 1, 0]) for i in range(128)
    ]
    starts = range(0, len(padded) - 399, 200)
    power = [
        abs((padded[start : start + 400] * window) @ fourier) ** 2 for start in starts
    ]
    levels = 10 * np.log10(np.maximum(np.array(power) @ np.array(bands).T, 1e-10))
    levels = np.maximum(levels, levels.max() - 80)
    cosines = np.cos(np.pi * np.outer(np.arange(128) + 0.5, np.arange(13)) / 128)
    return levels @ cosines * np.sqrt([1 / 128] + 12 * [2 / 128])


def mfcc_by_librosa(waveform):
    return librosa.feature.mfcc(
        y=waveform, sr=8000, n_mfcc=13, dct_type=2, norm="ortho", lifter=0,
        n_fft=400, hop_length=200, window="hann", center=True, pad_mode="reflect",
        power=2.0, n_mels=128, fmin=0, fmax=4000, htk=True, mel_norm=None,
    ).T  # fmt: skip


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("reference", [mfcc_by_definition, mfcc_by_librosa])
def test_mfcc_equals_an_independent_computation(name, reference):
    expected = reference(SIGNALS[name])
    np.testing.assert_allclose(audio.mfcc(SIGNALS[name]), expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", SIGNALS)
def test_mfcc_in_a_graph_equals_mfcc_outside(name):
    signal = SIGNALS[name]
    np.testing.assert_allclose(in_graph(signal), audio.mfcc(signal), rtol=0, atol=1e-4)


@pytest.mark.parametrize("level", [-60, 0])
def test_a_whisper_sounds_as_its_frames_say(level):
    shapes = 30 * RANDOM.normal(size=(2, 13)) + np.sqrt(128) * level * np.eye(13)[0]
    frames = np.repeat(shapes, 40, axis=0)  # long, for noise is even only on average
    waveform = audio.whisper(frames)
    assert waveform.dtype == np.float32 and waveform.shape == (200 * 79,)
    again = audio.mfcc(waveform).numpy()
    for part in (slice(2, 38), slice(42, 78)):
        error = again[part].mean(axis=0) - frames[part].mean(axis=0)
        assert np.abs(error[0]) / np.sqrt(128) < 3  # dB
        assert np.abs(error[1:]).mean() < 6
    assert (audio.whisper(frames, seed=1) != waveform).any()


@pytest.mark.parametrize("samples", [0, 1, 200])
def test_mfcc_of_a_clip_too_short_to_reflect_is_that_of_the_clip_and_zeros(samples):
    clip = SIGNALS["noise"][:samples]
    padded = np.pad(clip, (0, 201 - samples))
    expected = mfcc_by_definition(padded)
    np.testing.assert_allclose(in_graph(clip), expected, rtol=0, atol=1e-3)


def test_mfcc_of_silence_is_flat_and_of_nan_is_nan():
    silence = in_graph(np.zeros(400, "float32")).numpy()
    np.testing.assert_allclose(silence[:, 0], -100 * np.sqrt(128), rtol=1e-6)
    np.testing.assert_allclose(silence[:, 1:], 0, atol=1e-4)
    assert np.isnan(in_graph(np.full(400, np.nan, "float32"))).any()


def test_padding_that_is_trimmed_changes_no_feature():
    clip = SIGNALS["noise"][:999]
    padded = np.pad(clip, (0, 777))
    assert in_graph(padded).shape != in_graph(clip).shape
    trimmed = tf.function(audio.trim_padding)(padded)
    np.testing.assert_array_equal(in_graph(trimmed), in_graph(clip))


@pytest.mark.parametrize("shape", [(5, 1), (1, 5), ()])
def test_padding_is_trimmed_from_one_channel_alone(shape):
    with pytest.raises(ValueError, match="must be flat. Received: shape="):
        audio.trim_padding(np.zeros(shape, "float32"))


@pytest.mark.parametrize(
    ("padded", "expected"),
    [
        ([0.0, 0.5, 0.0, -0.25, 0.0, -0.0], [0.0, 0.5, 0.0, -0.25]),
        ([0.5, np.nan, 0.0], [0.5, np.nan]),
        ([0.5], [0.5]),
        ([0.0, 0.0], []),
        ([], []),
    ],
)
def test_only_trailing_zeros_are_trimmed(padded, expected):
    trim = tf.function(audio.trim_padding, input_signature=[tf.TensorSpec([None])])
    np.testing.assert_array_equal(trim(padded), np.array(expected, "float32"))


@tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([], tf.int32)])
def resample(waveform, sample_rate):
    return audio.resample(waveform, sample_rate)


@pytest.mark.parametrize(
    "sample_rate", [4000, 11025, 16000, 22050, 44100, 44101, 48000]
)
def test_a_tone_is_the_same_tone_after_resampling(sample_rate):
    for frequency in (300, 1234.5, 1800, 3400):
        if frequency < 0.95 * sample_rate / 2:
            resampled = resample(tone(frequency, sample_rate), sample_rate)
            error = (resampled - tone(frequency, 8000))[400:-400]
            assert decibels(error) < -80


@pytest.mark.parametrize("sample_rate", [11025, 16000, 44100, 48000])
def test_a_tone_above_4_khz_leaves_no_alias(sample_rate):
    for frequency in (4100, 5000, 7000):
        if frequency < sample_rate / 2:
            resampled = resample(tone(frequency, sample_rate), sample_rate)
            assert decibels(resampled[400:-400]) < -80


@pytest.mark.parametrize("sample_rate", [4000, 16000, 44100])
def test_resampled_noise_is_that_of_librosa_below_3_khz(sample_rate):
    noise = RANDOM.normal(size=sample_rate).astype("float32")
    spectrum = np.fft.rfft(noise)
    spectrum[min(sample_rate * 3 // 8, 3000) :] = 0  # one bin is one Hz
    noise = np.fft.irfft(spectrum, sample_rate).astype("float32")
    expected = librosa.resample(
        noise, orig_sr=sample_rate, target_sr=8000, res_type="soxr_vhq"
    )
    error = (resample(noise, sample_rate) - expected)[400:-400]
    assert decibels(error / expected.std()) < -60


@pytest.mark.parametrize("sample_rate", [4000, 44100, 48000])
def test_neither_end_of_a_clip_rings_into_the_other(sample_rate):
    loud = np.ones(sample_rate // 20, "float32")
    quiet = np.zeros(sample_rate, "float32")
    at_end = resample(np.concatenate([quiet, loud]), sample_rate)
    at_start = resample(np.concatenate([loud, quiet]), sample_rate)
    assert decibels(at_end[:4000]) < -90
    assert decibels(at_start[-4000:]) < -90
    assert decibels(at_end[-100:]) > -1


@pytest.mark.parametrize("sample_rate", [1000, 1999, 7999, 8001, 44100, 1_000_000])
def test_a_resampled_clip_has_the_samples_that_its_duration_asks_for(sample_rate):
    for samples in (0, 1, 2, 1000):
        resampled = resample(np.full(samples, 0.5, "float32"), sample_rate)
        assert len(resampled) == -(-samples * 8000 // sample_rate)
        assert np.isfinite(resampled).all()


@pytest.mark.parametrize("sample_rate", [4000, 44100])
def test_resampling_is_the_same_however_loud(sample_rate):
    noise = np.clip(SIGNALS["noise"], -1, 1)
    expected = resample(noise, sample_rate)
    for scale in (2.0**-60, 2.0**124):
        resampled = resample(noise * np.float32(scale), sample_rate) / scale
        np.testing.assert_allclose(resampled, expected, rtol=1e-4, atol=1e-7)
    # it rings beyond the largest number, and is cut off there
    largest = np.sign(noise) * np.finfo("float32").max
    assert np.isfinite(resample(largest, sample_rate)).all()
    assert np.isnan(resample(np.append(noise, np.float32("nan")), sample_rate)).any()


def test_resampling_from_8_khz_changes_no_bit():
    noise = SIGNALS["noise"]
    np.testing.assert_array_equal(resample(noise, 8000), noise)


@pytest.mark.parametrize("sample_rate", [1, 0, 999, -44100, 1_000_001])
def test_an_impossible_rate_is_named_even_by_a_saved_model(sample_rate, tmp_path):
    module = tf.Module()
    module.resample = resample
    tf.saved_model.save(module, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    assert len(loaded.resample(np.ones(9, "float32"), 16000)) == 5
    message = f"must be 1000 to 1000000 Hz. Received: sample_rate={sample_rate}\\b"
    for function in (loaded.resample, audio.resample):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            function(np.ones(9, "float32"), sample_rate)


@pytest.mark.parametrize("sample_rate", [1000, 8000])
def test_a_clip_of_more_than_ten_minutes_is_refused_before_it_is_resampled(sample_rate):
    samples = 600 * sample_rate + 1
    message = f"at most. Received: samples={samples}"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        resample(np.zeros(samples, "float32"), sample_rate)


def test_integers_are_refused_rather_than_taken_as_very_loud():
    for function in (audio.mfcc, audio.to_mono, lambda x: audio.resample(x, 16000)):
        with pytest.raises(ValueError, match="Received: dtype=int16$"):
            function(np.ones(400, "int16"))


def test_to_mono_averages_channels():
    stereo = RANDOM.normal(size=(5, 2)).astype("float32")
    np.testing.assert_allclose(audio.to_mono(stereo), stereo.mean(axis=1), rtol=1e-6)
    np.testing.assert_array_equal(audio.to_mono(stereo[:, 0]), stereo[:, 0])
    with pytest.raises(ValueError, match=r"Received: shape=\(5, 2, 1\)$"):
        audio.to_mono(stereo[..., np.newaxis])


def test_an_offset_is_taken_from_a_waveform_of_any_length_and_level():
    sound = RANDOM.normal(size=999)
    found = audio.remove_offset(sound + 0.3 - sound.mean())
    np.testing.assert_allclose(found, sound - sound.mean(), atol=1e-6)
    assert audio.remove_offset(np.zeros(0, "float32")).shape == (0,)
    huge = audio.remove_offset(np.array([3e38, -3e38, 3e38], "float32"))
    assert np.isfinite(huge).all()


@pytest.mark.parametrize("shape", [(1, 16000), (2, 16000), (16000, 2)])
def test_channels_are_not_resampled(shape):
    for function in (lambda x: audio.resample(x, 16000), audio.remove_offset):
        with pytest.raises(ValueError, match="must be flat. Received: shape="):
            function(np.zeros(shape, "float32"))


def test_channels_that_come_first_are_refused():
    with pytest.raises(ValueError, match=r"\(samples, channels\). Received"):
        audio.to_mono(np.zeros((2, 16000), "float32"))


def test_integers_have_no_levels():
    with pytest.raises(ValueError, match="must be floats"):
        noises.sound_levels(np.ones(8400, "int16"))
