"""A beam search over whatever says how likely each next token is."""

import numpy as np


def beam_search(step, *, width, max_steps, start, end, length_penalty):
    """Returns the likeliest ids, without start and end, and their score.

    `step(ids, parents)` takes the beams' last ids and which of the beams before they go
    on from, and returns the nats of what follows, `(beams, vocabulary)`. Scores are
    nats over `((5 + n) / 6) ** length_penalty`, where `n` counts the end.
    """

    def penalty(length):
        return ((5 + length) / 6) ** length_penalty

    beams, parents, done = [(0.0, (start,))], [0], []
    for length in range(1, max_steps + 1):
        nats = step([ids[-1] for _, ids in beams], parents)
        totals = (nats + np.array([[score] for score, _ in beams])).ravel()
        best = np.argsort(-totals, kind="stable")[: 2 * width]
        longer = [(totals[n], *divmod(int(n), nats.shape[1])) for n in best]
        for score, parent, token in longer[:width]:
            if token == end:
                done.append((score / penalty(length), beams[parent][1]))
        done = sorted(done, key=lambda item: -item[0])[:width]
        longer = [beam for beam in longer if beam[2] != end][:width]
        beams = [(score, (*beams[parent][1], n)) for score, parent, n in longer]
        parents = [parent for _, parent, _ in longer]
        hope = beams[0][0] / max(penalty(length + 1), penalty(max_steps))
        if len(done) == width or (done and done[0][0] >= hope):
            break
    score, ids = done[0] if done else (beams[0][0] / penalty(length), beams[0][1])
    return ids[1:], score
