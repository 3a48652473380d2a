"""Asks how likely a text is, and goes on from it: python ask.py "My citizens," """

import numpy as np

from gru_apps.cli.exporting.asking import exact_bytes, runtime

START, END = 2, 3
MOST = 10_000  # characters that are written at once


def answer(networks, text):
    """Returns `bits`, `characters` and `bits_per_character` of each of some texts."""
    tokenizer = networks.made(exact_bytes.Tokenizer, "vocabulary")
    text = runtime.checked_texts(text)
    bits = [nats(networks, tokenizer(line)).sum() / np.log(2) for line in text]
    each = [b / max(1, len(line)) for b, line in zip(bits, text, strict=True)]
    characters = [len(line) for line in text]
    return {"bits": bits, "characters": characters, "bits_per_character": each}


def nats(networks, ids):
    """Returns how little each token was expected, `(length,)`.

    A long text is read in windows that overlap by a `warm_up`, side by side.
    """
    window, warm_up = networks.encoding["window"], networks.encoding["warm_up"]
    starts = range(0, max(1, len(ids) - warm_up), window - warm_up)
    read = [START, *ids]
    rows = runtime.padded([read[start : start + window + 1] for start in starts])
    state = np.zeros((len(rows), networks.encoding["state"]), "float32")
    losses = []
    for now, following in zip(rows.T[:-1], rows.T[1:], strict=True):
        after = networks("step", token_ids=now, state=state)
        state, p = after["state"], runtime.softmax(after["logits"].astype("float64"))
        losses.append(-np.log(p[np.arange(len(rows)), following]))
    losses = np.stack(losses, axis=1) if losses else np.zeros((1, 0))
    return np.concatenate([losses[0], *losses[1:, warm_up:]])[: len(ids)]


def go_on(networks, prompt, length, *, temperature=1.0, seed=0):
    """Returns a prompt and what follows, `length` characters; 0 degrees: the likeliest.

    Raises `ValueError` for a length that is not 0 to 10,000, and for a temperature that
    is not finite, and at least 0.
    """
    if not 0 <= length <= MOST:
        raise ValueError(f"`length` must be 0 to {MOST}. Received: {length}")
    temperature, draw = runtime.drawing(temperature, seed)
    (prompt,) = runtime.checked_texts([prompt])
    tokenizer = networks.made(exact_bytes.Tokenizer, "vocabulary")
    state = np.zeros((1, networks.encoding["state"]), "float32")
    left = [START, *tokenizer(prompt)[-400:]]
    written = []
    while len(said := tokenizer.text(written)) < length:
        token = left.pop(0)
        after = networks("step", token_ids=np.array([token], "int32"), state=state)
        state, logits = after["state"], after["logits"][0]
        if not left:
            logits[:END] = -np.inf
            p = runtime.softmax(logits.astype("float64") / (temperature or 1))
            token = draw.choice(len(p), p=p) if temperature else np.argmax(logits)
            if token == END:
                break
            left, written = [token], [*written, token]
    return prompt + said[:length]


def _ask(networks, arguments):
    for prompt in arguments:
        (each,) = answer(networks, [prompt])["bits_per_character"]
        print(f"{each:.2f} bits per character")
        print(go_on(networks, prompt, 200, temperature=0.8))


if __name__ == "__main__":
    runtime.main(_ask, "a text")
