"""Sound to frames of mel-frequency cepstral coefficients, by an export's settings."""

import io
import pathlib
import wave

import numpy as np

from gru_apps.cli.exporting.asking import runtime

STREAM = 0x7FFF0000  # bytes that a header promises whose writer did not know


def mfcc(waveform, settings):
    """Returns frames `(frames, coefficients)` of a waveform, floats in -1..1."""
    length, step = settings["frame_length"], settings["frame_step"]
    half = length // 2
    waveform = np.asarray(waveform, "float64")
    waveform = np.pad(waveform, (0, max(0, half + 1 - len(waveform))))
    waveform = np.pad(waveform, half, mode="reflect")
    starts = np.arange(0, len(waveform) - length + 1, step)
    frames = waveform[starts[:, None] + np.arange(length)]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    power = abs(np.fft.rfft(frames * window)) ** 2 @ _mel_filters(settings)
    decibels = 10 * np.log10(np.maximum(power, settings["floor"]))
    decibels = np.maximum(decibels, decibels.max() - settings["range_decibels"])
    return (decibels @ _cosines(settings)).astype("float32")


def _mel_filters(settings):
    """Triangles, evenly spaced on the HTK mel scale: `(bins, filters)`."""
    top = settings["sample_rate"] / 2
    mels = np.linspace(0, 2595 * np.log10(1 + top / 700), settings["num_mel"] + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    lower, centre, upper = edges[:-2], edges[1:-1], edges[2:]
    bins = np.linspace(0, top, settings["frame_length"] // 2 + 1)[:, None]
    rising, falling = (
        (bins - lower) / (centre - lower),
        (upper - bins) / (upper - centre),
    )
    return np.maximum(0, np.minimum(rising, falling))


def _cosines(settings):
    """The discrete cosine transform of type 2, orthonormal: `(filters, numbers)`."""
    number = settings["num_mel"]
    places, orders = np.arange(number)[:, None], np.arange(settings["num_mfcc"])
    cosines = np.cos(np.pi * orders * (places + 0.5) / number) * np.sqrt(2 / number)
    return cosines / np.where(orders == 0, np.sqrt(2), 1)


def frames_of(waveform, settings):
    """Returns the frames of a clip without the zeros that pad it, none of silence."""
    waveform = np.trim_zeros(np.asarray(waveform, "float32"), "b")
    if not len(waveform):
        return np.zeros((0, settings["num_mfcc"]), "float32")
    if settings["remove_offset"]:
        waveform = waveform - waveform.mean(dtype="float64")
    return mfcc(waveform, settings)


def read_wav(path, settings):
    """Reads a WAV file of 16 bits, one channel, at the rate of the settings."""
    written = pathlib.Path(path).read_bytes()
    try:
        with wave.open(io.BytesIO(written)) as file:
            found = file.getframerate(), file.getnchannels(), 8 * file.getsampwidth()
            promised = file.getnframes()
            content = file.readframes(min(promised, len(written)))
    except (wave.Error, EOFError, RuntimeError) as error:
        why = str(error) or "it ends too soon"
        raise ValueError(f"{path} must be a WAV file of integers: {why}.") from None
    if found != (settings["sample_rate"], 1, 16):
        raise ValueError(
            f"{path} must have {settings['sample_rate']} Hz, one channel and 16 bits. "
            f"It has {found[0]} Hz, {found[1]} and {found[2]}."
        )
    if not promised:
        raise ValueError(f"{path} has no sound in it.")
    missing = 2 * promised - len(content)
    if missing and 2 * promised < STREAM:
        raise ValueError(f"{path} is cut short: {missing} bytes are missing.")
    return np.frombuffer(content, "<i2", len(content) // 2) / 2**15


def clips_of(waveforms, sample_rate, settings):
    """Returns the frames of waveforms, lists of samples in -1..1, a clip each.

    `sample_rate` is that of all, or there is one for each. Raises `ValueError` for any
    other than that of the settings, for channels, for samples that are not finite, and
    for more than ten minutes.
    """
    for rate in np.ravel(sample_rate):
        if rate != settings["sample_rate"]:
            raise ValueError(f"Resample it first. Received: {rate} Hz")
    clips = []
    for waveform in waveforms:
        with np.errstate(over="ignore"):  # infinity is refused
            waveform = np.asarray(waveform, "float32")
        if waveform.ndim != 1:
            raise ValueError(f"`waveform` must be flat. Received: {waveform.shape}")
        if len(waveform) > settings["most_seconds"] * settings["sample_rate"]:
            raise ValueError(
                f"`waveform` must last {settings['most_seconds']} seconds at most. "
                f"Received: samples={len(waveform)}"
            )
        _check_finite(waveform, "waveform", "finite numbers", np.inf)
        clips.append(frames_of(waveform, settings))
    return clips


def checked_frames(frames, settings):
    """Returns frames `(frames, coefficients)`, or raises `ValueError`.

    They must be finite, and near enough to 0 for a network to answer.
    """
    most = settings["most_mfcc"]
    _check_finite(frames, "mfcc", f"finite numbers in -{most:g}..{most:g}", most)
    return frames


def _check_finite(numbers, name, wanted, most):
    wrong = numbers[~np.isfinite(numbers) | (abs(numbers) > most)]
    if wrong.size:
        raise ValueError(f"`{name}` must be {wanted}. Received: [{wrong[0]:g}]")


def main(answer):
    """Prints what `answer` says of the WAV files that the command line names."""

    def ask(networks, arguments):
        clips = [read_wav(path, networks.encoding) for path in arguments]
        runtime.print_each(arguments, answer(networks, clips))

    runtime.main(ask, "a WAV file")
