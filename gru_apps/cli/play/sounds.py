"""Recordings of the page: read, played again, and drawn as frames."""

import base64
import io
import pathlib
import tempfile

import numpy as np

from gru_apps.cli.play.limits import MAX_SECONDS, Refused, checked_file
from gru_apps.encoding import sound_files

PLAYED = 8000  # Hz, at which a recording is heard again, and as the network hears it


def read(path: str | None) -> np.ndarray:
    """Reads a visitor's sound file, float32 `(samples,)` at 8 kHz, as the networks do.

    The zeros that end it, and a constant that a sound card adds, are left out.

    Raises `Refused` for one of more than half a minute or of 20 MB, and `ValueError`
    for a file that is no sound, or is damaged.
    """
    from gru_apps.encoding import audio

    path = checked_file(path, "recording")
    waveform, rate = sound_files.read_sound(path)
    seconds = len(waveform) / rate
    if seconds > MAX_SECONDS:
        raise Refused(
            f"A recording may last {MAX_SECONDS} seconds. It lasts {seconds:.0f}."
        )
    waveform = audio.remove_offset(audio.trim_padding(waveform))
    return np.array(audio.resample(waveform, rate))


def frames_of(waveform) -> np.ndarray:
    """Returns the frames that the networks read, float32 `(frames, 13)`."""
    from gru_apps.encoding import audio

    return np.array(audio.mfcc(audio.trim_padding(waveform)))


def write(path: str, waveform, sample_rate: int = PLAYED) -> None:
    """Writes a sound as a WAV file, no louder than 0.9."""
    peak = float(np.abs(waveform).max(initial=0)) or 1.0
    sound_files.write_wav(path, np.asarray(waveform) * min(1, 0.9 / peak), sample_rate)


def player(waveform, sample_rate: int = PLAYED, *, label: str) -> str:
    """Returns a player that holds the sound itself, as HTML: nothing is stored."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "sound.wav")
        write(str(path), waveform, sample_rate)
        content = base64.b64encode(path.read_bytes()).decode()
    return (
        f'<audio controls preload="auto" aria-label="{label}" '
        f'src="data:audio/wav;base64,{content}"></audio>'
    )


def picture_of(values) -> str:
    """Returns numbers `(rows, columns)` as an image's address, the highest black."""
    from matplotlib import image

    file = io.BytesIO()
    image.imsave(file, np.asarray(values), cmap="Greys", format="png", origin="lower")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
