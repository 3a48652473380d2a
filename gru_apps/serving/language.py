"""The questions that a SavedModel of a language answers: go on, and how likely is it?

Signatures are made, named and refuse bad input as those of `serving` do.
"""

from collections.abc import Callable

import tensorflow as tf

from gru_apps import decoding
from gru_apps.encoding.text import END, START
from gru_apps.serving.signatures import (
    MAX_SOURCE,
    Signatures,
    check,
    check_temperature,
    padded,
    spec,
)

MAX_LENGTH = 10_000  # characters: some seconds
EXACT = (
    b" It's  a\n"  # of which a tokenizer may drop a space, a line or a letter's size
)


def generate_text(
    language_model, tokenizer: Callable, *, window: int, warm_up: int
) -> Signatures:
    """Goes on from each `prompt` `(batch,)` for `length` characters, 0 to 10,000.

    There are fewer where the model ends the text. Answers with `text`, the prompt and
    what follows it. `temperature` 0 takes the likeliest, `top_p` in (0, 1] is the
    nucleus that is drawn from, and the same `seed` gives the same text. The last 400
    tokens of a prompt are read, and it may be empty. It should end with a whole word
    and no space after it: tokens are words with the space before them, and the tokens
    of half a word, or of a space alone, are not those that the model saw there.
    `serving_default` and `generate` are the same.

    `score` takes `text` `(batch,)` and returns `bits` it has by the model, its number
    of `characters`, and `bits_per_character` (0 for an empty text). `reading` gives the
    `tokens` of it and the `bits` of each, `(batch, length)`, right-padded with "" and
    0; a token may be a part of a character. `next` gives all `tokens` that may follow a
    `prompt` and their `probabilities`, `(batch, vocabulary_size)`, the likeliest first.
    `window` and `warm_up` are those of `token_losses`.

    Raises `ValueError` for a `tokenizer` that does not give a text back as it was, as
    an `ExactTokenizer` does: the space between a prompt and what follows may be lost.
    """
    again = tokenizer.detokenize(padded(tokenizer([EXACT]))).numpy()[0]
    if again != EXACT:
        raise ValueError(
            "`tokenizer` must give a text back as it was, as `ExactTokenizer` does. "
            f"Received: one that makes {again!r} of {EXACT!r}"
        )
    step = text_step(language_model)
    sizes = tf.strings.length(tokenizer.tokens, unit="UTF8_CHAR")

    def counted_step(ids, state):
        # the tokens after the prompt; it ends where enough characters are written
        state, left = state
        left -= tf.gather(sizes, ids)
        logits, state = step(ids, state)
        only_end = tf.where(tf.range(logits.shape[-1]) == END, 0.0, decoding.IMPOSSIBLE)
        return tf.where(left[:, None] > 0, logits, only_end), (state, left)

    @tf.function(
        input_signature=[
            spec([None], tf.string, "prompt"),
            spec([], tf.int32, "length"),
            spec([], tf.float32, "temperature"),
            spec([], tf.float32, "top_p"),
            spec([], tf.int32, "seed"),
        ]
    )
    def generate(prompt, length, temperature, top_p, seed):
        some, fits = (top_p > 0) & (top_p <= 1), (length >= 0) & (length <= MAX_LENGTH)
        checks = [
            check_temperature(temperature),
            check(some, "top_p", "above 0, at most 1", top_p),
            check(fits, "length", f"0 to {MAX_LENGTH}", length),
        ]
        with tf.control_dependencies(checks):
            length = tf.identity(length)
        ids = tokenizer(prompt)
        state, last = read_prompt(language_model, ids)
        left = length + tf.gather(sizes, last)
        decoded = decoding.sample(
            counted_step,
            (state, left),
            last,
            max_steps=length,
            seed=seed,
            temperature=temperature,
            top_p=top_p,
            end_id=END,
        )
        said = tokenizer.detokenize(decoded.ids)
        said = tf.strings.substr(
            said,
            tf.zeros_like(last),
            tf.fill(tf.shape(last), length),
            unit="UTF8_CHAR",
        )
        return {"text": tf.strings.join([tokenizer.detokenize(padded(ids)), said])}

    def bits_of(ids):
        losses = tf.map_fn(
            lambda row: token_losses(
                language_model.model, row, window=window, warm_up=warm_up
            ),
            ids,
            fn_output_signature=tf.RaggedTensorSpec([None], tf.float32, 0),
            parallel_iterations=1,
        )
        return losses / tf.math.log(2.0)

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def score(text):
        ids = tokenizer(text)
        bits = tf.reduce_sum(bits_of(ids), axis=1)
        read = tokenizer.detokenize(padded(ids))  # U+FFFD for what is not UTF-8
        characters = tf.strings.length(read, unit="UTF8_CHAR")
        each = bits / tf.cast(tf.maximum(characters, 1), tf.float32)
        return {"bits": bits, "characters": characters, "bits_per_character": each}

    @tf.function(input_signature=[spec([None], tf.string, "text")])
    def reading(text):
        ids = tokenizer(text)
        tokens = tf.gather(tokenizer.tokens, ids)
        return {"tokens": padded(tokens, ""), "bits": padded(bits_of(ids), 0.0)}

    @tf.function(input_signature=[spec([None], tf.string, "prompt")])
    def following(prompt):
        state, last = read_prompt(language_model, tokenizer(prompt))
        logits, _ = step(last, state)
        probabilities, ids = tf.math.top_k(tf.nn.softmax(logits), logits.shape[-1])
        tokens = tf.gather(tokenizer.tokens, ids)
        return {"tokens": tokens, "probabilities": probabilities}

    return {
        "serving_default": generate,
        "generate": generate,
        "score": score,
        "reading": reading,
        "next": following,
    }


def text_step(language_model) -> decoding.Step:
    """Returns the step of `decoding` for a language model of one token a step.

    It never gives padding or the start.
    """

    def step(ids, state):
        answer = language_model.step({"token_ids": ids, "state": state}, training=False)
        logits = tf.cast(answer["logits"], tf.float32)
        logits = tf.where(tf.range(logits.shape[-1]) < END, decoding.IMPOSSIBLE, logits)
        return logits, answer["state"]

    return step


def read_prompt(language_model, ids: tf.RaggedTensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the state before the last token of each prompt, and that token.

    `ids` are ragged `(batch, length)`, without the start, of which the last 400 count.
    """
    ids = tf.concat([tf.fill([ids.nrows(), 1], START), ids[:, -MAX_SOURCE:]], axis=1)
    last = tf.cast(ids.row_lengths(), tf.int32) - 1
    ids = padded(ids)
    size = language_model.step.input["state"].shape[-1]
    step = text_step(language_model)

    def body(index, state):
        _, after = step(ids[:, index], state)
        return index + 1, tf.where((index < last)[:, None], after, state)

    state = tf.zeros([tf.shape(ids)[0], size])
    most = tf.reduce_max(last)
    _, state = tf.while_loop(lambda index, _: index < most, body, (0, state))
    return state, tf.gather(ids, last, batch_dims=1)


def token_losses(
    model, ids: tf.Tensor, *, window: int, warm_up: int, batch_size: int = 32
) -> tf.Tensor:
    """Returns how little a model expected each token of a text, in nats, `(length,)`.

    `ids` `(length,)` are without the start, and `model` maps `token_ids` `(batch,
    window)` to the logits of what follows each. A text of any length is read in windows
    that overlap: the first `warm_up` tokens of a text are predicted from all that come
    before, each later one from more than `warm_up` and at most `window`. So the losses
    add up to those of one probability of the whole text. `batch_size` windows at most
    are read at once. Raises `ValueError` unless `window` is above `warm_up`.
    """
    if window <= warm_up:
        raise ValueError(
            "`window` must be above `warm_up`. "
            f"Received: window={window}, warm_up={warm_up}"
        )
    length, hop = tf.size(ids), window - warm_up
    number = 1 + tf.maximum(length - window + hop - 1, 0) // hop
    number_of_batches = (number + batch_size - 1) // batch_size
    batch_size = (number + number_of_batches - 1) // number_of_batches  # all alike
    rows = number_of_batches * batch_size
    room = (rows - 1) * hop + window + 1
    ids = tf.concat([[START], ids, tf.zeros([room - length - 1], ids.dtype)], axis=0)
    places = tf.range(rows)[:, None] * hop + tf.range(window + 1)
    places = tf.reshape(places, [number_of_batches, batch_size, window + 1])

    def losses_of(places):
        read = tf.gather(ids, places)
        logits = model({"token_ids": read[:, :-1]}, training=False)
        logits = tf.cast(logits, tf.float32)
        return tf.nn.sparse_softmax_cross_entropy_with_logits(read[:, 1:], logits)

    losses = tf.map_fn(
        losses_of, places, fn_output_signature=tf.float32, parallel_iterations=1
    )
    losses = tf.reshape(losses, [rows, window])
    # of each window what comes after the warm-up, of the first one all
    kept = tf.concat([losses[0, :warm_up], tf.reshape(losses[:, warm_up:], [-1])], 0)
    return kept[:length]
