"""What two sides learn and are to reach, for `time_to_quality`."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from gru_apps.training.building import build_optimizer
from gru_apps.training.optimizers import optimizer_of, schedule_of


class Side(NamedTuple):
    """A network with `fit`, its batches, and what tells its figure on validation."""

    model: Any
    data: Any
    ask: Callable[[], float]
    batch_size: int


class Task(NamedTuple):
    """What both sides learn, and what they are to reach.

    `figure` is a share of right answers, BLEU, or the cross-entropy, which alone is to
    be low. Both are asked each `every` examples. The other side is stopped after
    `longest` times the seconds of ours.
    """

    name: str
    ours: Callable[[int], Side]
    theirs: Callable[[int], Side]
    their_name: str
    goal: float
    every: int
    figure: str = "accuracy"
    longest: float = math.inf

    def is_met(self, found: float) -> bool:
        """Tells whether the figure is as good as the goal."""
        low = self.figure == "cross_entropy"
        return found <= self.goal if low else found >= self.goal


def compile_ours(model, data, loss, epochs, learning_rate, *metrics, optimizer="adam"):
    """Compiles a model of ours as `fit` does.

    The learning rate falls to 0 in so many epochs.
    """
    schedule = schedule_of(learning_rate, 0.05, len(data) * epochs)
    made = optimizer_of(optimizer, schedule, None, 1.0, None)
    model.compile(made, loss, weighted_metrics=[*metrics], jit_compile=False)
    build_optimizer(model)


def evaluating(model, held_out, figure="accuracy", parts=1):
    """Makes what tells a figure of `evaluate`.

    A loss is that of one of `parts` of what the other side's is a loss of.
    """

    def ask():
        found = model.evaluate(held_out, verbose=0, return_dict=True)
        return parts * found[figure]

    return ask
