"""What a composer knows of a cell before it is named: its place, and the plan.

The plan of a piece is its key, where its phrases end, and where it ends itself. Each is
an id for every token, 0 where it is not known. A phrase ends in a chord that the hymn
book marks with a fermata.
"""

import numpy as np
import tensorflow as tf

from gru_apps.applications.music import keys
from gru_apps.applications.music.scores import VOICES

BEAT = 4  # sixteenths
MOST_BEATS = 8  # what is further off is one id more
PLACE, KEY, PHRASE, END = range(4)  # the last axis of the ids
# voices and sixteenths of a beat; keys; beats to a fermata, or in it; beats to the end
NUM_CONTEXTS = (len(VOICES) * BEAT, 1 + keys.NUM_KEYS, MOST_BEATS + 3, MOST_BEATS + 2)


def context_ids(fermata, *, key, is_ending=True) -> tf.Tensor:
    """Returns int32 ids `(batch, 4 * steps, 4)` of what is known of each token.

    `fermata` are booleans `(batch, steps)`, true in the last chord of each phrase, and
    nowhere if the phrases are not known; `key` is `(batch,)`, -1 if it is not known.
    Where the piece `is_ending`, booleans `(batch,)`, its last step is that of the
    fermatas. The last axis holds `PLACE`, `KEY`, `PHRASE` and `END`.

    >>> ids = context_ids([[False] * 4 + [True] * 4], key=[19])
    >>> ids[0, ::4].numpy().tolist()[2:5]
    [[8, 20, 2, 2], [12, 20, 2, 2], [0, 20, 1, 1]]
    """
    fermata = tf.cast(fermata, tf.bool)
    batch, steps = tf.unstack(tf.shape(fermata))
    key, is_ending = (tf.broadcast_to(part, [batch]) for part in (key, is_ending))
    left = _beats(tf.range(steps, 0, -1))
    ids = [
        tf.broadcast_to(1 + tf.cast(key, tf.int32)[:, None], [batch, steps]),
        _phrase(fermata),
        tf.where(is_ending[:, None], left, 0),
    ]
    ids = tf.repeat(tf.stack(ids, axis=-1), len(VOICES), axis=1)
    place = tf.range(len(VOICES) * steps) % NUM_CONTEXTS[PLACE]
    place = tf.broadcast_to(place[:, None], [batch, len(VOICES) * steps, 1])
    return tf.concat([place, ids], axis=-1)


def _phrase(fermata):
    """Returns 1 in a fermata, 2 and more by the beats before one, 0 if none comes."""
    steps = tf.shape(fermata)[1]
    counts = tf.cumsum(tf.cast(fermata, tf.int32), axis=1)
    here = tf.cast(fermata, tf.int32)
    # counts are a sorted row: the first step that counts one more is the next fermata
    nearest = tf.searchsorted(counts, counts - here + 1)
    distance = nearest - tf.range(steps)
    return tf.where(nearest < steps, 1 + _beats(distance), 0)


def _beats(sixteenths):
    return tf.minimum(-(-sixteenths // BEAT), MOST_BEATS + 1)


def without(ids, *kinds: int) -> tf.Tensor:
    """Returns ids of which some kinds are not known.

    >>> without([[[8, 20, 2, 2]]], KEY, END).numpy().tolist()
    [[[8, 0, 2, 0]]]
    """
    known = [kind not in kinds for kind in range(len(NUM_CONTEXTS))]
    return tf.cast(ids, tf.int32) * np.array(known, "int32")


def fermatas(steps, *, phrase=32) -> tf.Tensor:
    """Plans phrases of two bars, counted from the end: booleans `(steps,)`.

    The last beat of each is its fermata; the first phrase is longer by what is left.

    >>> fermatas(18, phrase=8).numpy().nonzero()[0]
    array([ 6,  7,  8,  9, 14, 15, 16, 17])
    """
    left = tf.range(steps, 0, -1)  # steps from here to the end
    is_long = (tf.range(steps) >= phrase // 2) | (left <= BEAT)
    return ((left - 1) % phrase < BEAT) & is_long
