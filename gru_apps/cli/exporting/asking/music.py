"""Asks for sixteenths of a chorale, one a line: python ask.py 32"""

import re

import numpy as np

from gru_apps.cli.exporting.asking import cells, runtime

MOST = 10_000  # sixteenths: half an hour of music


def answer(networks, pitches):
    """Returns the `negative_log_likelihood` of pieces, lists of cells `(steps, 4)`."""
    return {"negative_log_likelihood": [_nats(networks, piece) for piece in pitches]}


def _nats(networks, piece):
    settings = networks.encoding
    tokens = cells.tokens_of(piece, settings)
    step = _Step(networks, cells.contexts(len(piece), settings))
    nats = []
    for place, (before, token) in enumerate(zip([cells.START, *tokens], tokens)):  # noqa: B905
        p = runtime.softmax(step(place, before).astype("float64"))
        nats.append(-np.log(p[token]) if token else 0.0)
    return sum(nats) / max(1, sum(token > 0 for token in tokens))


def compose(networks, voices, *, key=-1, temperature=1.0, seed=0):
    """Returns the pitches that sound `(steps, 4)`; cells of -2 are found.

    A `key` of 0 to 11 is C major to B major, 12 to 23 are minor, -1 is any. Raises
    `ValueError` for what the SavedModel refuses.
    """
    settings = networks.encoding
    temperature, draw = runtime.drawing(temperature, seed)
    if key not in range(-1, settings["keys"]):
        most = settings["keys"] - 1
        raise ValueError(f"`key` must be 0 to {most}, or -1. Received: {key}")
    given = cells.tokens_of(voices, settings)
    cells.check_voices(voices, settings)
    contexts = cells.contexts(len(voices), settings, key=key, is_ending=True)
    step, token, rows = _Step(networks, contexts, given), cells.START, []
    sounding, ages = [-1] * 4, [0] * 4
    for place, told in enumerate(given):
        voice = place % 4
        logits = step(place, token).astype("float64")
        may = cells.may_follow(sounding[voice], ages[voice], settings)
        p = runtime.softmax(logits[may] / (temperature or 1))
        token = told or may[draw.choice(len(may), p=p) if temperature else p.argmax()]
        is_held = token >= settings["first_held"]
        begun = token - (settings["first_held"] - cells.REST) * is_held
        sounding[voice] = max(0, begun - cells.REST - 1 + settings["lowest"])
        sounding[voice] *= begun != cells.REST
        ages[voice] = ages[voice] + 1 if is_held else 1
        if voice == 3:
            named = zip(settings["order"], sounding, strict=True)
            rows.append([pitch for _, pitch in sorted(named)])
    return rows


class _Step:
    """The logits of what follows each token, with the state that it goes on from."""

    def __init__(self, networks, contexts, given=None):
        self.networks, self.settings = networks, networks.encoding
        self.contexts = np.array(contexts, "int32")
        self.state = np.zeros((1, self.settings["state"]), "float32")
        self.given = np.array(given or [0] * len(contexts), "int32")
        if given and self.settings["given"]:
            self.ahead = networks("ahead", given_ids=self.given[None])["logits"][0]
        else:
            self.ahead = np.zeros((len(contexts), self.settings["given"]), "float32")

    def __call__(self, place, token):
        inputs = {"token_ids": np.array([token], "int32"), "state": self.state}
        inputs["context_ids"] = self.contexts[place : place + 1]
        if self.settings["given"]:
            step = place // 4
            inputs["given_ids"] = self.given[None, 4 * step : 4 * step + 4]
            inputs["ahead"] = self.ahead[step : step + 1]
        after = self.networks("step", **inputs)
        self.state = after["state"]
        return after["logits"][0]


def _ask(networks, arguments):
    asked = arguments[0] if arguments else "32"
    if not re.fullmatch("[0-9]{1,9}", asked) or not 1 <= int(asked) <= MOST:
        raise ValueError(
            f"The number of sixteenths must be 1 to {MOST}. Received: {ascii(asked)}"
        )
    for row in compose(networks, [[cells.UNKNOWN] * 4] * int(asked)):
        print(*row)


if __name__ == "__main__":
    runtime.main(_ask, most=1)
