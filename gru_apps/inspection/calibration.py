"""Do probabilities mean what they say, and by what are they put right?"""

import numpy as np


def calibration_error(probabilities, right, *, bins: int = 10) -> float:
    """Returns how far probabilities are, on average, from how often answers are right.

    `probabilities` `(answers,)` are those of the answers given, `right` booleans. The
    answers are sorted into bins of equal width; in each, mean probability and share of
    right answers are compared, and a bin counts by its answers. Raises `ValueError`
    for probabilities that are not in 0..1, and for shapes that differ.

    Reference: Naeini et al., 2015, AAAI, "expected calibration error".

    >>> calibration_error([0.75, 0.75], [True, False])
    0.25
    """
    probabilities, right = np.asarray(probabilities), np.asarray(right)
    if probabilities.ndim != 1 or probabilities.shape != right.shape:
        raise ValueError(
            "`probabilities` and `right` must be (answers,). Received: shapes "
            f"{probabilities.shape} and {right.shape}"
        )
    if not ((probabilities >= 0) & (probabilities <= 1)).all():  # nor NaN
        raise ValueError(
            "`probabilities` must be in 0..1. Received: "
            f"{probabilities.min():g} to {probabilities.max():g}"
        )
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    excess = np.bincount(places, probabilities - right, minlength=bins)
    return float(np.abs(excess).sum() / len(right))


def fit_temperature(logits, labels) -> float:
    """Returns the number that logits are best divided by, once a model is trained.

    `logits` `(examples, labels)` and integer `labels` `(examples,)` are of examples
    that training has not seen. Of numbers from 0.2 to 5, it is the one at which the
    labels are likeliest: either bound may mean that the best lies beyond. Above 1, the
    model was too sure. No answer changes, its probability alone. Raises `ValueError`
    for other shapes, for logits that are not finite, and for labels that have none.

    Reference: Guo et al., 2017, arXiv:1706.04599, section 4.2.

    >>> fit_temperature([[9.0, 0.0], [9.0, 0.0]], [0, 1])
    5.0
    """
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ValueError(
            "`logits` must be (examples, labels), and `labels` (examples,). Received: "
            f"shapes {logits.shape} and {labels.shape}"
        )
    if not np.isfinite(logits).all():
        raise ValueError("`logits` must be finite. Received: some that are not")
    if not ((labels >= 0) & (labels < logits.shape[1])).all():
        raise ValueError(
            f"`labels` must be 0 to {logits.shape[1] - 1}. "
            f"Received: {labels.min()} to {labels.max()}"
        )
    temperatures = np.geomspace(0.2, 5, 201)
    losses = []
    for temperature in temperatures:
        scaled = logits / temperature
        highest = scaled.max(axis=1)
        total = np.log(np.exp(scaled - highest[:, np.newaxis]).sum(axis=1)) + highest
        losses.append(np.mean(total - scaled[np.arange(len(labels)), labels]))
    return round(float(temperatures[np.argmin(losses)]), 4)
