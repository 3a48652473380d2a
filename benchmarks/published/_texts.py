"""What comparisons on running text share: windows of it, and what they cost."""

import numpy as np
import tensorflow as tf
from keras import ops

from gru_apps import training
from gru_apps.baselines import ngrams


def rows(ids, length):
    """Returns rows of `length` tokens, and what follows each; the rest is left out."""
    number = (len(ids) - 1) // length
    inputs = ids[: number * length].reshape(number, length)
    return {"token_ids": inputs}, ids[1 : number * length + 1].reshape(number, length)


def windows(ids, length, batch_size, **shuffling):
    """Batches of such rows."""
    return training.batches(rows(ids, length), batch_size, **shuffling)


def moving_windows(ids, length, batch_size, *, seed):
    """Batches of such rows, as many, which begin at other places in each epoch.

    All rows of a batch are moved on alike, by less than their length.
    """
    pieces = np.lib.stride_tricks.sliding_window_view(ids, 2 * length)[::length]
    pieces = {"token_ids": pieces[:, :-1]}, pieces[:, 1:]
    drawn = tf.data.Dataset.random(seed, rerandomize_each_iteration=True)

    def cut(batch, number):
        inputs, follows = batch
        begin, size = [0, number % length], [-1, length]
        of_row = tf.slice(inputs["token_ids"], begin, size)
        return {"token_ids": of_row}, tf.slice(follows, begin, size)

    batched = training.batches(pieces, batch_size, seed=seed)
    return tf.data.Dataset.zip(batched, drawn).map(cut)


def nats(model, texts, held_out, length, order):
    """Returns the nats a token of a model, of counts of `texts`, and of both mixed.

    What is held out is read in rows of some `length`, each from a state of zeros. The
    counts are those of n-grams of that `order`; mixed, the two probabilities are
    averaged.
    """
    length = (len(held_out) - 1) // max(1, round(len(held_out) / length))
    inputs, follows = rows(held_out, length)
    logits = model.predict(inputs, batch_size=8, verbose=0)
    of_all = ops.convert_to_numpy(ops.softmax(logits))
    given = np.take_along_axis(of_all, follows[..., None], axis=2)[..., 0]
    counts = ngrams.KneserNey([texts], order=order, vocabulary_size=of_all.shape[2])
    whole = np.concatenate([inputs["token_ids"][:, :1], follows], axis=1)
    counted = np.stack(counts.probabilities(whole))[:, 1:]
    both = {"test": given, "counts": counted, "mixed": (given + counted) / 2}
    return {name: -np.log(p).mean() for name, p in both.items()}
