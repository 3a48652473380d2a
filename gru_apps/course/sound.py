"""Sound that a notebook plays, small enough to be kept in it."""

import base64
import io

import numpy as np


def listen(waveform, sample_rate: int = 8000):
    """Returns a player of a waveform `(samples,)`, floats in -1..1, as MP3.

    A second takes about five kilobytes of the notebook. Rates are those of MP3: 8,000
    to 48,000 Hz. Raises `ValueError` for a waveform that is not of floats, not finite,
    or of more than two minutes, which would make the notebook large.
    """
    import soundfile
    from IPython.display import HTML

    waveform = np.asarray(waveform)
    floats = waveform.dtype.kind == "f"  # 16-bit integers would be cut off
    if not floats or waveform.ndim != 1 or not np.isfinite(waveform).all():
        raise ValueError(
            "`waveform` must be floats `(samples,)`, all of them finite. "
            f"Received: shape={waveform.shape}, dtype={waveform.dtype}"
        )
    waveform = waveform.astype("float32")
    if len(waveform) > 120 * sample_rate:
        raise ValueError(
            "`waveform` must be two minutes long at most. "
            f"Received: {len(waveform) / sample_rate:.0f} seconds"
        )
    file = io.BytesIO()
    soundfile.write(file, np.clip(waveform, -1, 1), sample_rate, format="MP3")
    content = base64.b64encode(file.getvalue()).decode()
    return HTML(f'<audio controls src="data:audio/mpeg;base64,{content}"></audio>')
