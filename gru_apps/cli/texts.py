"""Asks a SavedModel of texts: a label, or a translation."""

import tensorflow as tf

from gru_apps.cli.questions import in_groups
from gru_apps.serving.answers import rows

MOST = 200_000  # bytes that are asked at once, with their padding
PART = "the characters are shown of the first sentences alone"
LOOKED_AT = 0.15  # of the weight of a word: characters with less are not named


def answers(ask, inputs, asked) -> list[dict]:
    """Answers texts, a list of bytes.

    `--n-best` asks the signature `beam`, and `--attention` the one of that name. Raises
    `ValueError` for a model that has it not, for both, and for more than the beam has.
    """
    n_best = getattr(asked, "n_best", None)
    attention = getattr(asked, "attention", None)
    signature = _signature(ask, asked, n_best, attention)
    said = []
    for group in in_groups(inputs, len, MOST):
        found = rows(signature(text=tf.constant(group)))
        if attention:  # which has the first sentences of a long text
            whole = rows(ask(text=tf.constant(group)))
            found = [_of_the_whole(*pair) for pair in zip(found, whole, strict=True)]
        said += found
    texts = [text.decode(errors="replace") for text in inputs]
    return [
        _cut(row, n_best) | {"text": text}
        for row, text in zip(said, texts, strict=True)
    ]


def line(answer: dict) -> str:
    """Writes a translation, or why there is none; a label with its probability.

    Of several translations each has a line with its score before it, the mean
    log-probability of its tokens. With attention, each word of the translation has a
    line with the characters that it looked at, and their weights.
    """
    if "translation" in answer or "translations" in answer:
        first, *lines = _translations(answer) or [""]
        if answer.get("reason"):
            first = f"{first}  [{answer['reason']}]".strip()
        return "\n".join([first, *lines])
    text = " ".join(answer["text"].split())
    return f"{answer['label']}  {answer['probability']:.3f}  {text}"


def _translations(answer):
    if "translations" in answer:
        pairs = zip(answer["scores"], answer["translations"], strict=True)
        return [f"{score:6.2f}  {text}" for score, text in pairs if text]
    if "weights" in answer:
        return [answer["translation"], *_table(answer)]
    return [answer["translation"]]


def _table(answer):
    """Yields a line for each token of a translation."""
    for token, weights in zip(answer["target_tokens"], answer["weights"], strict=True):
        pairs = sorted(
            zip(weights, answer["source_tokens"], strict=False), reverse=True
        )
        seen = "  ".join(f"{s} {w:.2f}" for w, s in pairs if w >= LOOKED_AT)
        if token:
            yield f"{token.strip():>16}  {seen}"


def _signature(ask, asked, n_best, attention):
    """The signature that the options ask, by its name."""
    if n_best is None and not attention:
        return ask
    if n_best is not None and attention:
        raise ValueError("--n-best and --attention do not go together.")
    flag, name = ("--attention", "attention") if attention else ("--n-best", "beam")
    signatures = ask.loaded.signatures
    if name not in signatures:
        raise ValueError(f"{asked.model} takes no {flag}.")
    if not attention:
        most = signatures[name].structured_outputs["scores"].shape[1]
        if not 1 <= n_best <= most:
            raise ValueError(f"--n-best must be 1 to {most}. Received: {n_best}")
    return signatures[name]


def _of_the_whole(row, whole):
    """Adds the translation of the whole text, and what is to be said of it."""
    said = [whole.get("reason", "")]
    said += [PART] if row["translation"] != whole["translation"] else []
    reason = "; ".join(filter(None, said))
    return row | {"translation": whole["translation"], "reason": reason}


def _cut(row, n_best):
    """Keeps the best translations, and no padding of tokens."""
    if "translations" in row:
        kept = {name: row[name][:n_best] for name in ("translations", "scores")}
        return row | kept
    if "weights" in row:
        read = [token for token in row["source_tokens"] if token]
        written = [token for token in row["target_tokens"] if token]
        weights = [w[: len(read)] for w in row["weights"][: len(written)]]
        return row | {
            "source_tokens": read,
            "target_tokens": written,
            "weights": weights,
        }
    return row
