"""Asks which digit was said: python ask.py recording.wav"""

from gru_apps.cli.exporting.asking import runtime, sound


def answer(networks, waveform, sample_rate=8000):
    """Returns `digit`, `probability` and `reason` of clips, lists of samples in -1..1.

    The digit is -1 where there is none, and the reason says why.
    """
    if sample_rate != networks.encoding["sample_rate"]:
        raise ValueError(f"Resample it first. Received: {sample_rate} Hz")
    return heard(networks, [sound.frames_of(w, networks.encoding) for w in waveform])


def heard(networks, clips):
    """Returns the same of clips of frames, `(frames, coefficients)` each."""
    settings = networks.encoding
    rows = [_answer(networks, frames) for frames in clips]
    digits, probabilities, reasons = zip(*rows, strict=True)
    answers = {"digit": digits, "probability": probabilities}
    return answers | ({"reason": reasons} if settings["reasons"] else {})


def _answer(networks, frames):
    settings = networks.encoding
    if not frames.any():
        return -1, 1.0, settings["silence"]
    (logits,) = networks("digit", features=frames[None])["logits"]
    p = runtime.softmax(logits / settings["temperature"])
    best = int(p.argmax())
    reason = settings["reasons"][best] if settings["reasons"] else ""
    return settings["digits"][best], p[best], reason


def _ask(networks, arguments):
    clips = [sound.read_wav(path, networks.encoding) for path in arguments]
    for name, values in answer(networks, clips).items():
        print(name, *values)


if __name__ == "__main__":
    runtime.main(_ask, "a WAV file")
