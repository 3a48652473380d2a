"""Asks which digits were said: python ask.py number.wav"""

import numpy as np

from gru_apps.cli.exporting.asking import labels, sound

MOST = 1200  # frames that the SavedModel reads at once


def answer(networks, waveform, sample_rate=8000):
    """Returns `digits` and `probability` of clips, lists of samples in -1..1."""
    return heard(networks, sound.clips_of(waveform, sample_rate, networks.encoding))


def heard(networks, clips):
    """Returns `digits` and `probability` of clips of frames, half a minute at most."""
    digits, nats = [], []
    for frames in clips:
        frames = sound.checked_frames(frames, networks.encoding)
        said = np.flatnonzero(frames.any(axis=1))
        frames = frames[: said[-1] + 1 if len(said) else 0]  # without padding
        if len(frames) > MOST:
            raise ValueError(
                f"A recording must have {MOST} frames, half a minute, at most. "
                f"Received: {len(frames)} frames"
            )
        frames = np.pad(frames, [(0, 1), (0, 0)])  # one at least, of padding
        (logits,) = networks("frames", features=frames[None])["logits"]
        best, gained = labels.prefix_beam_search(logits, networks.encoding["width"])
        digits.append(" ".join(networks.encoding["labels"][n - 1] for n in best))
        nats.append(gained)
    return {"digits": digits, "probability": np.exp(nats)}


if __name__ == "__main__":
    sound.main(answer)
