"""What a trained GRU does with real inputs, and the pictures of it.

- `gates`: update, reset, candidate and state at every step, of any Keras model with
  GRUs; the module needs nothing else of this package;
- `measures`: how long units keep, and at what they write;
- `memory`: how much of the final state depends on each step; it needs TensorFlow;
- `calibration`: whether probabilities mean what they say;
- `gate_plots` and `plots` draw. They need matplotlib and seaborn: import them by name.
"""

from gru_apps.inspection.calibration import calibration_error, fit_temperature
from gru_apps.inspection.gates import Gates, read_gates
from gru_apps.inspection.measures import (
    Survival,
    survival,
    writing,
    writing_by_chance,
)

__all__ = [
    "Gates",
    "Survival",
    "calibration_error",
    "fit_temperature",
    "read_gates",
    "read_memory",
    "survival",
    "writing",
    "writing_by_chance",
]


def __getattr__(name):
    if name == "read_memory":  # the only one that needs TensorFlow
        from gru_apps.inspection.memory import read_memory

        return read_memory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
