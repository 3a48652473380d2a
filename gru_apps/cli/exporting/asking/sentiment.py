"""Asks whether texts are for or against something: python ask.py "Not bad at all." """

import numpy as np

from gru_apps.cli.exporting.asking import runtime, words


def answer(networks, text):
    """Returns the `label`, `probability` and `score` of each of a list of texts."""
    tokenizer = networks.made(words.Tokenizer, "vocabulary")
    text = runtime.checked_texts(text)
    p = [_views(networks, words.pieces(tokenizer, line)) for line in text]
    p = np.reshape(p, [-1, 3])
    labels = [networks.encoding["labels"][place] for place in p.argmax(axis=1)]
    score = p[:, 2] + p[:, 1] / 2  # half of no opinion
    return {"label": labels, "probability": p.max(axis=1), "score": score}


def _views(networks, pieces):
    """How likely a text is negative, of no opinion and positive, by its sentences."""
    known = [ids for ids in pieces if max(ids) > words.UNKNOWN]
    if not known:
        return 0.0, 1.0, 0.0
    logits = networks("reader", token_ids=runtime.padded(known))["logits"]
    logits = logits / networks.encoding["temperature"]
    opinions = 1 - runtime.softmax(logits)[:, 1]
    odds = np.average(logits[:, 2] - logits[:, 0], weights=opinions)
    opinion = opinions.max()  # of the sentence that has one most
    positive = opinion / (1 + np.exp(-odds))
    return opinion - positive, 1 - opinion, positive


def _ask(networks, arguments):
    runtime.print_each(arguments, answer(networks, arguments))


if __name__ == "__main__":
    runtime.main(_ask, "a text")
