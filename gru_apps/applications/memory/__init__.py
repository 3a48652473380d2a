"""What a GRU is: made-up tasks that nothing but memory solves."""

from gru_apps.applications.memory.memory_tasks import (
    adding_problem,
    delayed_copy,
    fresh_batches,
    loss_without_order,
)

__all__ = ["adding_problem", "delayed_copy", "fresh_batches", "loss_without_order"]
