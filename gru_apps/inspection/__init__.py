"""What a trained GRU does with real inputs, and the pictures of it.

- `gates`: update, reset, candidate and state at every step, of any Keras model with
  GRUs; the module needs nothing else of this package;
- `memory`: how much of the final state depends on each step;
- `gate_plots` and `plots` draw. They need matplotlib and seaborn: import them by name.
"""

from gru_apps.inspection.gates import Gates, half_life, opening, read_gates
from gru_apps.inspection.memory import read_memory

__all__ = ["Gates", "half_life", "opening", "read_gates", "read_memory"]
