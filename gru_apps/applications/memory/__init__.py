"""What a GRU is: made-up tasks that nothing but memory solves.

- `memory_tasks`: the tasks; `costs`: seconds of cells; `memory_plots`: pictures.
"""

from gru_apps.applications.memory.memory_tasks import (
    adding_problem,
    delayed_copy,
    fresh_batches,
    loss_without_order,
)

__all__ = ["adding_problem", "delayed_copy", "fresh_batches", "loss_without_order"]
