"""What the two comparisons on music share: chords as tokens, model and figure.

A frame is `most` tokens: the keys that sound, from the lowest, and then as often as
need be the sign for none. `build_language_model` takes a step for it and says each key
after those below it, as NADE does: what it gives to a chord is a probability of all 88
keys together, where 88 sigmoids take them for independent of each other. (It gives
some to lists of keys that do not rise, too, so the figure is a little too high.)

The model is told how many frames have gone by since the start, modulo the periods of
a clock, for what stands in a bar hangs on that. It is not told where the bars begin.

The figure is that of Bai et al.: the negative log-likelihood in nats of the frames 2 to
the last of each piece, summed, over the number of these frames.
"""

import numpy as np
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401 registers the corpora
from benchmarks.published._comparison import Trained
from gru_apps import training
from gru_apps.models import build_language_model

NONE, FIRST_KEY = 1, 2  # token ids; 0 is padding
NUM_TOKENS = FIRST_KEY + 88
PERIODS = 16, 12  # the clock: frames since the start, by fours and by threes


def tokens_from(keys, most):
    """Returns tokens `(frames * most,)` of keys `(frames, 88)` that are 0 or 1."""
    if keys.sum(axis=1).max() > most:
        raise ValueError(f"more than {most} keys sound at once")
    tokens = np.where(keys, np.arange(FIRST_KEY, NUM_TOKENS), NUM_TOKENS)
    tokens = np.sort(tokens, axis=1)[:, :most]
    return np.where(tokens == NUM_TOKENS, NONE, tokens).astype("int32").ravel()


def batches(corpus, split, most, batch_size, length=None, **shuffling):
    """Batches of pieces, or of passages of that many frames, each with the clock."""
    inputs, contexts, targets = [], [], []
    for piece in tfds.as_numpy(tfds.load(corpus, split=split)):
        tokens = tokens_from(piece["keys"], most)
        before = np.concatenate([[NONE], tokens[:-1]]).astype("int32")
        tokens[:most] = 0  # the first frame is not predicted
        clock = np.repeat(np.arange(len(tokens) // most), most)[:, None] % PERIODS
        step = (length or len(tokens)) * most
        for start in range(0, len(tokens), step):
            inputs += [before[start : start + step]]
            contexts += [clock[start : start + step].astype("int32")]
            targets += [tokens[start : start + step]]
    examples = {"token_ids": inputs, "context_ids": contexts}, targets
    return training.batches(examples, batch_size, **shuffling)


def train(corpus, most, seed, directory, *, model, batch_size, length=None, **recipe):
    """Trains a language model with the options `model`, by the rest."""
    options = {"tokens_per_step": most, "num_contexts": PERIODS} | model
    built = build_language_model(NUM_TOKENS, **options).model
    log = training.fit(
        built,
        batches(corpus, "train", most, batch_size, length, seed=seed),
        batches(corpus, "validation", most, 16),
        directory=directory,
        loss=training.SequenceCrossEntropy(),
        metrics=[training.TokenCrossEntropy()],
        monitor="val_cross_entropy",
        optimizer="muon",
        seed=seed,
        verbose=2,
        **recipe,
    )
    curve = [most * value for value in log["val_cross_entropy"]]
    return Trained(built, log.seconds, min(curve), curve)


def score(corpus, most, model):
    """Returns the nats of a frame of the test split."""
    found = model.evaluate(
        batches(corpus, "test", most, 16), verbose=0, return_dict=True
    )
    return most * found["cross_entropy"]
