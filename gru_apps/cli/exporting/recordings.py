"""What all exports that hear sound share: settings of frames, and a short question."""

import numpy as np

from gru_apps.encoding import audio, sound_files
from gru_apps.serving.speech import MAX_MFCC

_TIME = np.arange(4000) / audio.SAMPLE_RATE
_TONE = np.sin(2 * np.pi * (200 + 400 * _TIME) * _TIME) * np.exp(-5 * _TIME) / 2
QUESTION = {
    "waveform": [(_TONE + 0.05).tolist(), [0.0] * len(_TONE)],
    "sample_rate": audio.SAMPLE_RATE,
}


def settings(*, remove_offset: bool) -> dict:
    """Returns what MFCC frames are computed by."""
    return {
        "sample_rate": audio.SAMPLE_RATE,
        "frame_length": audio.FRAME_LENGTH,
        "frame_step": audio.FRAME_STEP,
        "num_mel": audio.NUM_MEL,
        "num_mfcc": audio.NUM_MFCC,
        "floor": 1e-10,
        "range_decibels": 80,
        "remove_offset": remove_offset,
        "most_seconds": sound_files.MAX_SECONDS,
        "most_mfcc": MAX_MFCC,
    }


def example_of_frames(dim: int) -> np.ndarray:
    """Returns frames `(1, 16, dim)` as an example of inputs."""
    return np.random.default_rng(0).normal(size=(1, 16, dim)).astype("float32")


def example_of_step(step, dim: int) -> dict[str, np.ndarray]:
    """Returns a frame and a state as an example of a streaming step's inputs."""
    state = np.zeros((1, step.input["state"].shape[-1]), "float32")
    return {"features": example_of_frames(dim)[:, 0], "state": state}
