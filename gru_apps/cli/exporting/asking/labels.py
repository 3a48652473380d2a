"""The likeliest labels of frames that have a label each, or none (CTC)."""

import numpy as np


def prefix_beam_search(logits, width):
    """Returns the likeliest labels of logits `(frames, 1 + labels)`, and their nats.

    The first logit is the blank's. Of the beginnings that end at a frame, the `width`
    likeliest are gone on from. Reference: Hannun et al., 2014, arXiv:1408.2873.

    >>> prefix_beam_search(np.log([[0.6, 0.4], [0.6, 0.4]]), 2)[0]
    (1,)
    """
    logits = logits - logits.max(axis=1, keepdims=True)
    nats = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    beams = {(): (0.0, -np.inf)}  # of a beginning: ended by a blank, or by its label
    for frame in nats:
        longer = {}

        def add(prefix, place, gained, longer=longer):
            pair = longer.setdefault(prefix, [-np.inf, -np.inf])
            pair[place] = np.logaddexp(pair[place], gained)

        for prefix, (blank, labelled) in beams.items():
            either = np.logaddexp(blank, labelled)
            add(prefix, 0, either + frame[0])
            for label in range(1, len(frame)):
                is_same = prefix[-1:] == (label,)
                if is_same:
                    add(prefix, 1, labelled + frame[label])
                add((*prefix, label), 1, (blank if is_same else either) + frame[label])
        ordered = sorted(longer.items(), key=lambda item: -np.logaddexp(*item[1]))
        beams = dict(ordered[:width])
    best = max(beams, key=lambda prefix: np.logaddexp(*beams[prefix]))
    return best, float(np.logaddexp(*beams[best]))
