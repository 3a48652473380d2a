"""Sound to frames of mel-frequency cepstral coefficients, by an export's settings."""

import pathlib
import wave

import numpy as np

from gru_apps.cli.exporting.asking import runtime


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
    most = pathlib.Path(path).stat().st_size  # whatever its header promises
    try:
        with wave.open(str(path)) as file:
            found = file.getframerate(), file.getnchannels(), 8 * file.getsampwidth()
            promised = file.getnframes()
            content = file.readframes(min(promised, most))
    except (wave.Error, EOFError) as error:
        why = str(error) or "it ends too soon"
        raise ValueError(f"{path} must be a WAV file of integers: {why}.") from None
    if found != (settings["sample_rate"], 1, 16):
        raise ValueError(
            f"{path} must have {settings['sample_rate']} Hz, one channel and 16 bits. "
            f"It has {found[0]} Hz, {found[1]} and {found[2]}."
        )
    if not promised:
        raise ValueError(f"{path} has no sound in it.")
    if missing := 2 * promised - len(content):
        raise ValueError(f"{path} is cut short: {missing} bytes are missing.")
    return np.frombuffer(content, "<i2") / 2**15


def clips_of(waveforms, sample_rate, settings):
    """Returns the frames of waveforms, lists of samples in -1..1, a clip each."""
    if sample_rate != settings["sample_rate"]:
        raise ValueError(f"Resample it first. Received: {sample_rate} Hz")
    return [frames_of(waveform, settings) for waveform in waveforms]


def main(answer):
    """Prints what `answer` says of the WAV files that the command line names."""

    def ask(networks, arguments):
        clips = [read_wav(path, networks.encoding) for path in arguments]
        runtime.print_each(arguments, answer(networks, clips))

    runtime.main(ask, "a WAV file")
