"""Asks which digit was said: python ask.py recording.wav"""

from gru_apps.cli.exporting.asking import runtime, sound


def answer(networks, waveform, sample_rate=8000):
    """Returns `digit`, `probability` and `reason` of clips, lists of samples in -1..1.

    The digit is -1 where there is none, and the reason says why.
    """
    return heard(networks, sound.clips_of(waveform, sample_rate, networks.encoding))


def heard(networks, clips):
    """Returns the same of clips of frames, `(frames, coefficients)` each."""
    settings = networks.encoding
    clips = [sound.checked_frames(frames, settings) for frames in clips]
    rows = [_answer(networks, frames) for frames in clips]
    names = ["digit", "probability", "reason"]
    return runtime.columns(rows, names if settings["reasons"] else names[:2])


def _answer(networks, frames):
    settings = networks.encoding
    if not frames.any():
        return -1, 1.0, settings["silence"]
    (logits,) = networks("digit", features=frames[None])["logits"]
    p = runtime.softmax(logits / settings["temperature"])
    best = int(p.argmax())
    reason = settings["reasons"][best] if settings["reasons"] else ""
    return settings["digits"][best], p[best], reason


if __name__ == "__main__":
    sound.main(answer)
