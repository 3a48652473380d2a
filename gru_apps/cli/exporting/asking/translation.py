"""Asks for translations of Chinese texts: python ask.py "我有25本书。你呢？" """

import numpy as np

from gru_apps.cli.exporting.asking import beams, chinese, runtime

UNKNOWN, START, END = 1, 2, 3
OWED, BARRED = 5.0, 1e9  # nats: of a sign that is not written yet, or must not be


def answer(networks, text):
    """Returns `translation`, `score` and `reason` of each of a list of texts."""
    rows = [_answer(networks, line) for line in runtime.checked_texts(text)]
    return runtime.columns(rows, ("translation", "score", "reason"))


def _answer(networks, text):
    if reason := chinese.reason_against(text[: chinese.MOST]):
        return "", 0.0, reason
    found = [_sentence(networks, part) for part in chinese.sentences(text)]
    if not found:
        return "", 0.0, ""
    said, nats, number, amiss = zip(*found, strict=True)
    reason = networks.encoding["amiss"][max(amiss)]
    if len(text) > chinese.MOST:
        reason = f"only the first {chinese.MOST} characters are read"
    return " ".join(said).strip(), sum(nats) / max(sum(number), 1), reason


def _sentence(networks, sentence):
    """Returns the translation, its nats, its number of tokens, and what is amiss."""
    settings = networks.encoding
    sentence = chinese.folded(sentence, settings["characters"])
    sentence, values = chinese.masked(sentence, settings)
    places = networks.made(_places, "source")
    ids = [places.get(c, UNKNOWN) for c in sentence if c != " "][:400]
    search = _Step(networks, ids, values)
    penalty = settings["length_penalty"]
    options = {"width": settings["width"], "length_penalty": penalty}
    options |= {"max_steps": 2 * len(ids) + 11, "start": START, "end": END}
    best, score = beams.beam_search(search, **options)
    said = "".join(search.written(n) for n in best if n > END).strip()
    if best and settings["target"][best[0]].strip() in values:
        said = said[:1].upper() + said[1:]
    lost = {n for n in values if n not in {settings["target"][i].strip() for i in best}}
    amiss = 2 if 2 * ids.count(UNKNOWN) > len(ids) else int(bool(lost))
    number = len(best) + 1
    return said, score * ((5 + number) / 6) ** penalty, number, amiss


def _signs(tokens):
    signs = {place: token.strip() for place, token in enumerate(tokens)}
    return {place: sign for place, sign in signs.items() if sign in [*chinese.SIGNS]}


def _places(tokens):
    return {token: place for place, token in enumerate(tokens)}


class _Step:
    """The nats of what follows each beam, for `beams.beam_search`."""

    def __init__(self, networks, ids, values):
        self.networks, self.values = networks, values
        self.target = networks.encoding["target"]
        state = networks("encoder", source_ids=np.array([ids], "int32"))
        self.memory = {name: state[name] for name in ("memory", "memory_mask")}
        self.state, self.left = state["state"], 10 + 2 * len(ids)
        self.barred = np.zeros(len(self.target))
        for place, sign in networks.made(_signs, "target").items():
            self.barred[place] = 0 if sign in values else -BARRED
        self.owed = [set(values)]

    def written(self, number):
        token = self.target[number]
        value = self.values.get(token.strip())
        return token if value is None else " " * token.startswith(" ") + value

    def __call__(self, ids, parents):
        size = len(ids)
        memory = {name: np.repeat(v, size, axis=0) for name, v in self.memory.items()}
        inputs = {"token_ids": np.array(ids, "int32"), "state": self.state[parents]}
        after = self.networks("step", **inputs, **memory)
        said = [{self.target[n].strip()} for n in ids]
        self.owed = [self.owed[p] - s for p, s in zip(parents, said, strict=True)]
        logits = after["logits"] + self.barred
        logits[:, END] -= OWED * np.array([len(signs) for signs in self.owed])
        if self.left <= 0:  # a text ends by its own length
            logits = np.full_like(logits, -BARRED)
            logits[:, END] = 0
        self.state, self.left = after["state"], self.left - 1
        highest = logits.max(axis=1, keepdims=True)
        logits = logits - highest
        return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def _ask(networks, arguments):
    answers = answer(networks, arguments)
    for said, _, reason in zip(*answers.values(), strict=True):
        print(said, f"({reason})" if reason else "")


if __name__ == "__main__":
    runtime.main(_ask, "a text")
