"""Do probabilities mean what they say, and by what are they put right?"""

import numpy as np


def calibration_error(probabilities, right, *, bins: int = 10) -> float:
    """Returns how far probabilities are, on average, from how often answers are right.

    `probabilities` `(answers,)` are those of the answers given, `right` booleans. The
    answers are sorted into bins of equal width; in each, mean probability and share of
    right answers are compared, and a bin counts by its answers.

    Reference: Naeini et al., 2015, AAAI, "expected calibration error".

    >>> calibration_error([0.75, 0.75], [True, False])
    0.25
    """
    probabilities, right = np.asarray(probabilities), np.asarray(right)
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    excess = np.bincount(places, probabilities - right, minlength=bins)
    return float(np.abs(excess).sum() / len(right))


def fit_temperature(logits, labels) -> float:
    """Returns the number that logits are best divided by, once a model is trained.

    `logits` `(examples, labels)` and integer `labels` `(examples,)` are of examples
    that training has not seen. Of numbers from 0.2 to 5, it is the one at which the
    labels are likeliest: either bound may mean that the best lies beyond. Above 1, the
    model was too sure. No answer changes, its probability alone.

    Reference: Guo et al., 2017, arXiv:1706.04599, section 4.2.

    >>> fit_temperature([[9.0, 0.0], [9.0, 0.0]], [0, 1])
    5.0
    """
    logits, labels = np.asarray(logits, np.float64), np.asarray(labels)
    temperatures = np.geomspace(0.2, 5, 201)
    losses = []
    for temperature in temperatures:
        scaled = logits / temperature
        highest = scaled.max(axis=1)
        total = np.log(np.exp(scaled - highest[:, np.newaxis]).sum(axis=1)) + highest
        losses.append(np.mean(total - scaled[np.arange(len(labels)), labels]))
    return round(float(temperatures[np.argmin(losses)]), 4)
