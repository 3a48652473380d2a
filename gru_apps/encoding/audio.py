"""Waveform -> MFCC frames, in the TensorFlow graph.

A waveform is one clip, floats in -1..1. A batch is mapped over clip by clip: where a
clip ends decides what is reflected there, and which peak the floor is counted from.
"""

import numpy as np
import tensorflow as tf

from gru_apps.encoding.sound_files import HIGHEST_RATE, LOWEST_RATE, MAX_SECONDS

SAMPLE_RATE = 8000  # Hz; what the frames are computed from
FRAME_LENGTH = 400  # samples, 50 ms
FRAME_STEP = 200
NUM_MEL = 128
NUM_MFCC = 13
MAX_CHANNELS = 64
_FLOAT32 = tf.float32.min, tf.float32.max


def mfcc(waveform) -> tf.Tensor:
    """Computes 13 mel-frequency cepstral coefficients per 25 ms of a waveform.

    `waveform` is floats `(samples,)` at 8 kHz, integers are a `ValueError`; the result
    is float32 `(1 + samples // 200, 13)`. Frames are centred, the ends reflected; fewer
    than 201 samples, even none, first get zeros up to 201, and have two. Levels are in
    dB, cut off 80 dB below the clip's peak. NaN in is NaN out.

    Reference: Davis and Mermelstein, 1980, doi:10.1109/TASSP.1980.1163420.

    >>> mfcc(tf.zeros([8000])).shape
    TensorShape([41, 13])
    """
    # float64: in float32 (TF32 on a GPU) rounding shows 80 dB below a pure tone
    waveform = tf.cast(_floats(waveform), tf.float64)
    half = FRAME_LENGTH // 2
    waveform = tf.pad(waveform, [[0, tf.maximum(0, half + 1 - tf.size(waveform))]])
    waveform = tf.pad(waveform, [[half, half]], mode="REFLECT")
    spectrum = tf.signal.stft(waveform, FRAME_LENGTH, FRAME_STEP, FRAME_LENGTH)
    power = tf.abs(spectrum) ** 2 @ mel_filters()
    decibels = 10 / np.log(10) * tf.math.log(tf.maximum(power, 1e-10))
    decibels = tf.maximum(decibels, tf.reduce_max(decibels) - 80)
    return tf.cast(tf.signal.dct(decibels, norm="ortho")[:, :NUM_MFCC], tf.float32)


def mel_filters() -> np.ndarray:
    """Returns triangles of height 1, evenly spaced on the HTK mel scale up to 4 kHz.

    Float64 `(201, 128)`, FFT bins by filters. Their sides are straight lines over Hz,
    and not over mel as in `tf.signal`. Reference: Young et al., The HTK Book, 2006.
    """
    top = SAMPLE_RATE / 2
    mels = np.linspace(0, 2595 * np.log10(1 + top / 700), NUM_MEL + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    bins = np.linspace(0, top, FRAME_LENGTH // 2 + 1)[:, np.newaxis]
    rising = (bins - lower) / (centre - lower)
    falling = (upper - bins) / (upper - centre)
    return np.maximum(0, np.minimum(rising, falling))


def whisper(frames, seed: int = 0) -> np.ndarray:
    """Makes a sound whose MFCCs are near to `frames`, `(frames, 13)`: a hoarse whisper.

    It is noise, shaped by the smooth spectrum that thirteen coefficients keep: pitch is
    not among them. The result is float32 `(200 * (frames - 1),)` at 8 kHz.

    Reference: Dudley, 1939, "The vocoder".

    >>> whisper(tf.zeros([41, 13])).shape
    (8000,)
    """
    frames = np.asarray(frames, np.float64)
    missing = NUM_MEL - frames.shape[1]
    decibels = tf.signal.idct(np.pad(frames, [(0, 0), (0, missing)]), norm="ortho")
    filters, bins = mel_filters(), np.arange(FRAME_LENGTH // 2 + 1)
    centres, widths = bins @ filters / filters.sum(axis=0), filters.sum(axis=0)
    window = tf.signal.hann_window(FRAME_LENGTH, dtype=tf.float64).numpy()
    # white noise in this window has as much power as the window
    density = np.array(decibels) - 10 * np.log10(widths * np.sum(window**2))
    density = [np.interp(bins, centres, levels) for levels in density]
    noise = np.random.default_rng(seed).normal(size=FRAME_STEP * (len(frames) + 1))
    spectrum = tf.signal.rfft(tf.signal.frame(noise, FRAME_LENGTH, FRAME_STEP))
    pieces = tf.signal.irfft(spectrum * 10 ** (np.array(density) / 20), [FRAME_LENGTH])
    waveform = tf.signal.overlap_and_add(pieces * window, FRAME_STEP).numpy()
    return waveform[FRAME_STEP:-FRAME_STEP].astype(np.float32)


def resample(waveform, sample_rate) -> tf.Tensor:
    """Resamples a waveform to 8 kHz, without aliases.

    `waveform` is floats `(samples,)`, `sample_rate` an integer scalar in Hz; the result
    is float32 `(ceil(samples * 8000 / sample_rate),)`, at 8000 Hz the waveform itself.
    It keeps what is below 3.8 kHz, and nothing above 4 kHz (of a lower rate, what is
    below 0.475 of it). A rate outside 1,000..1,000,000 and a clip of more than ten
    minutes are an `InvalidArgumentError` when it runs; integers and channels are a
    `ValueError` (see `to_mono`).

    >>> resample(tf.zeros([44100]), 44100).shape
    TensorShape([8000])
    """
    waveform = _flat(waveform)
    sample_rate = tf.cast(sample_rate, tf.int64)
    message = f"`sample_rate` must be {LOWEST_RATE} to {HIGHEST_RATE} Hz. "
    message = tf.strings.format(message + "Received: sample_rate={}", sample_rate)
    in_range = (sample_rate >= LOWEST_RATE) & (sample_rate <= HIGHEST_RATE)
    check = tf.debugging.Assert(in_range, [message])
    with tf.control_dependencies([check]):  # or a division by zero may come first
        sample_rate = tf.identity(sample_rate)
    samples = tf.size(waveform, out_type=tf.int64)
    message = f"`waveform` must last {MAX_SECONDS} seconds at most. "
    message = tf.strings.format(message + "Received: samples={}", samples)
    fits = samples <= MAX_SECONDS * sample_rate
    with tf.control_dependencies([tf.debugging.Assert(fits, [message])]):
        waveform = tf.identity(waveform)
    return tf.cond(
        sample_rate == SAMPLE_RATE,
        lambda: waveform,
        lambda: _resample_spectrum(waveform, sample_rate),
    )


def _resample_spectrum(waveform, sample_rate):
    samples = tf.size(waveform, out_type=tf.int64)
    # Whole seconds are whole numbers of samples at both rates, and give both spectra
    # the same bins; half a second of silence keeps the end from ringing into the start.
    seconds = (samples + sample_rate // 2) // sample_rate + 1
    length = tf.cast([seconds * sample_rate], tf.int32)
    waveform = tf.cast(waveform, tf.float64)  # sums of float32 may be beyond float32
    spectrum = tf.signal.rfft(waveform, length)[: seconds * SAMPLE_RATE // 2 + 1]
    limit = tf.minimum(sample_rate, SAMPLE_RATE) * seconds / 2
    place = tf.range(tf.size(spectrum), dtype=tf.float64) / limit
    roll_off = tf.clip_by_value((place - 0.95) / 0.05, 0, 1)  # a cliff would ring
    gain = SAMPLE_RATE / sample_rate * (1 + tf.cos(np.pi * roll_off)) / 2
    length = tf.cast([seconds * SAMPLE_RATE], tf.int32)
    resampled = tf.signal.irfft(spectrum * tf.cast(gain, tf.complex128), length)
    resampled = resampled[: -(-samples * SAMPLE_RATE // sample_rate)]
    resampled = tf.clip_by_value(resampled, *_FLOAT32)
    return tf.cast(resampled, tf.float32)


def trim_padding(waveform) -> tf.Tensor:
    """Removes trailing zeros, the padding of a clip in a batch, from `(samples,)`.

    Raises `ValueError` for any other rank.

    >>> trim_padding([0.5, 0.0, 0.25, 0.0, 0.0]).numpy().tolist()
    [0.5, 0.0, 0.25]
    """
    waveform = _one_axis(tf.convert_to_tensor(waveform))
    counts = tf.range(1, tf.size(waveform) + 1)
    return waveform[: tf.reduce_max(tf.where(waveform != 0, counts, 0))]


def remove_offset(waveform) -> tf.Tensor:
    """Takes the mean from a waveform `(samples,)`: a constant that no sound has.

    A cheap sound card adds one, and the frames of speech would all begin with it.

    >>> remove_offset([0.5, 0.0, 0.25, 0.25]).numpy().tolist()
    [0.25, -0.25, 0.0, 0.0]
    """
    waveform = tf.cast(_flat(waveform), tf.float64)  # a sum may be beyond float32
    centred = waveform - tf.reduce_mean(waveform)
    return tf.cast(tf.clip_by_value(centred, *_FLOAT32), tf.float32)


def to_mono(waveform) -> tf.Tensor:
    """Averages the channels of `(samples, channels)`; `(samples,)` stays as it is.

    Raises `ValueError` for any other rank, for integers, and for more than 64 channels:
    those are `(channels, samples)`, to transpose first.

    >>> to_mono([[0.5, 0.0], [0.25, 0.75]]).numpy().tolist()
    [0.25, 0.5]
    """
    waveform = _floats(waveform)
    shape = waveform.shape
    if shape.rank not in (1, 2):
        raise ValueError(f"`waveform` must have rank 1 or 2. Received: shape={shape}")
    if shape.rank == 2 and (shape[1] or 0) > MAX_CHANNELS:
        raise ValueError(
            f"`waveform` must be (samples, channels). Received: shape={shape}"
        )
    return tf.reduce_mean(waveform, axis=1) if shape.rank == 2 else waveform


def _flat(waveform):
    return _one_axis(_floats(waveform))


def _one_axis(waveform):
    if waveform.shape.rank not in (None, 1):
        raise ValueError(f"`waveform` must be flat. Received: shape={waveform.shape}")
    return waveform


def _floats(waveform):
    waveform = tf.convert_to_tensor(waveform)
    dtype = waveform.dtype
    if not dtype.is_floating:  # 16-bit integers would be 90 dB too loud
        raise ValueError(f"`waveform` must be floats. Received: dtype={dtype.name}")
    return tf.cast(waveform, tf.float32)
