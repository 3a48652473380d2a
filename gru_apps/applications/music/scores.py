"""Scores <-> cells <-> tokens, in the TensorFlow graph.

A score is two arrays `(steps, 4)`, a step being a sixteenth and the voices soprano,
alto, tenor and bass: `pitches`, int32 MIDI numbers of what sounds, 0 for a rest, and
`starts`, True where a note or a rest begins and False where it is held. Where the pitch
changes, another begins, whether `starts` says so or not.

Cells are the same in one array: the pitch where a note starts, 0 where a rest starts,
`HOLD` where the step before goes on, and `PAD` on the right of a batch. Tokens are the
cells in a row, as ids for a language model.
"""

import numpy as np
import tensorflow as tf

VOICES = ("soprano", "alto", "tenor", "bass")
HOLD = -1
PAD = -2

# Bach's chorales go from 36 to 81, and by transposing half an octave further.
LOWEST = 30
HIGHEST = 87

# The outer voices are the frame that the inner ones fill.
VOICE_ORDER = (0, 3, 1, 2)
PAD_TOKEN = 0
START_TOKEN = 1
REST_TOKEN = 2
LOWEST_TOKEN = 3
FIRST_HELD_TOKEN = LOWEST_TOKEN + HIGHEST - LOWEST + 1
NUM_TOKENS = 2 * FIRST_HELD_TOKEN - REST_TOKEN


def checked_score(pitches, starts) -> tuple[np.ndarray, np.ndarray]:
    """Returns copies of pitches and starts `(steps, 4)`, as integers and booleans.

    A pitch that changes starts.
    Raises `ValueError` for other shapes, and for pitches that are no whole numbers in
    0..127, as the holds of cells are.

    >>> checked_score([[72, 67, 64, 48]], [[1, 1, 1, 1]])[1].all()
    np.True_
    """
    pitches, starts = np.asarray(pitches), np.array(starts, bool)
    shape = pitches.shape
    if pitches.ndim != 2 or shape[1] != len(VOICES) or starts.shape != shape:
        raise ValueError(
            f"`pitches` and `starts` must be (steps, {len(VOICES)}). "
            f"Received: shapes={shape}, {starts.shape}"
        )
    whole = (pitches >= 0) & (pitches <= 127) & (pitches == np.round(pitches))
    if not whole.all():
        raise ValueError(
            "`pitches` must be whole numbers in 0..127. "
            f"Received: pitches={pitches[~whole][0]}"
        )
    starts[1:] |= pitches[1:] != pitches[:-1]
    return pitches.astype(np.int32), starts


def cells_from_score(pitches, starts) -> tf.Tensor:
    """Returns int32 cells `(..., steps, 4)` of pitches and starts of that shape.

    >>> cells_from_score([[72, 67, 64, 48], [72, 65, 0, 48]],
    ...                  [[1, 1, 1, 1], [0, 1, 1, 1]]).numpy().tolist()
    [[72, 67, 64, 48], [-1, 65, 0, 48]]
    """
    pitches, starts = tf.cast(pitches, tf.int32), tf.cast(starts, tf.bool)
    changes = pitches[..., 1:, :] != pitches[..., :-1, :]
    starts |= tf.concat([tf.zeros_like(starts[..., :1, :]), changes], axis=-2)
    return tf.where(starts, pitches, HOLD)


def score_from_cells(cells, before=None) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns pitches, int32, and starts, booleans, of cells `(..., steps, 4)`.

    `before` are the pitches `(..., 4)` that sound before the first step, for holds to
    go on with; without them, a hold that follows nothing starts a rest. Padding becomes
    rests of one step each.

    >>> pitches, starts = score_from_cells([[-1, 65, 0, 48]], before=[72, 67, 64, 48])
    >>> pitches.numpy().tolist(), starts.numpy().tolist()
    ([[72, 65, 0, 48]], [[False, True, True, True]])
    """
    cells = tf.cast(cells, tf.int32)
    if before is None:
        first = tf.maximum(cells[..., :1, :], 0)
        return _score_from_started_cells(tf.concat([first, cells[..., 1:, :]], -2))
    before = tf.cast(before, tf.int32)[..., tf.newaxis, :]
    pitches, starts = _score_from_started_cells(tf.concat([before, cells], axis=-2))
    return pitches[..., 1:, :], starts[..., 1:, :]


def _score_from_started_cells(cells):
    starts = cells != HOLD
    voices = tf.linalg.matrix_transpose(cells)
    # How many starts a voice has had is a sorted row: the first step that has the
    # count of this one is where the note that sounds now began.
    counts = tf.cumsum(tf.cast(voices != HOLD, tf.int32), axis=-1)
    rows = tf.reshape(counts, [-1, tf.shape(counts)[-1]])
    begun = tf.reshape(tf.searchsorted(rows, rows), tf.shape(counts))
    pitches = tf.gather(voices, begun, axis=-1, batch_dims=voices.shape.rank - 1)
    return tf.maximum(tf.linalg.matrix_transpose(pitches), 0), starts


def tokens_from_cells(cells) -> tf.Tensor:
    """Returns int32 tokens `(..., 4 * steps)` of cells `(..., steps, 4)`.

    They go step by step, in each by `VOICE_ORDER`: 0 for padding, 2 for a rest that
    starts, 3 for the pitch `LOWEST` and so on up to `HIGHEST`, then the same again for
    what is held, so that a hold says what goes on; 1 is left for the start of a
    sequence. Any other cell, and any other number of voices, is an
    `InvalidArgumentError`.

    >>> tokens_from_cells([[72, 55, 0, 48], [HOLD, 57, HOLD, PAD]]).numpy().tolist()
    [45, 21, 28, 2, 104, 0, 30, 61]
    """
    cells = tf.cast(cells, tf.int32)
    pitches = tf.boolean_mask(cells, (cells > 0) | (cells < PAD))
    voices = tf.shape(cells)[-1]
    of_voices = f"Cells must be of {len(VOICES)} voices. Received: {{}} voices"
    checks = [
        _check_range("pitches", pitches, LOWEST, HIGHEST),
        _check(voices == len(VOICES), of_voices, voices),
    ]
    with tf.control_dependencies(checks):  # or a gather may complain first
        cells = tf.identity(cells)
    pitches, starts = score_from_cells(cells)
    tokens = tf.where(pitches > 0, pitches - LOWEST + LOWEST_TOKEN, REST_TOKEN)
    tokens += tf.where(starts, 0, FIRST_HELD_TOKEN - REST_TOKEN)
    tokens = tf.where(cells == PAD, PAD_TOKEN, tokens)
    tokens = tf.gather(tokens, VOICE_ORDER, axis=-1)
    return tf.reshape(tokens, tf.concat([tf.shape(tokens)[:-2], [-1]], axis=0))


def cells_from_tokens(tokens) -> tf.Tensor:
    """Returns int32 cells `(..., steps, 4)` of tokens `(..., 4 * steps)`.

    The start of a sequence stands for nothing, and becomes padding. Any other length,
    and ids that are not in 0..`NUM_TOKENS`-1, are an `InvalidArgumentError`.

    >>> cells_from_tokens([45, 21, 28, 2, 104, 0, 30, 61]).numpy().tolist()
    [[72, 55, 0, 48], [-1, 57, -1, -2]]
    """
    tokens = tf.cast(tokens, tf.int32)
    length = tf.shape(tokens)[-1]
    whole = f"Tokens must be of steps of {len(VOICES)}. Received: {{}} tokens"
    checks = [
        _check_range("tokens", tokens, 0, NUM_TOKENS - 1),
        _check(length % len(VOICES) == 0, whole, length),
    ]
    with tf.control_dependencies(checks):  # on a GPU, gather would take another
        tokens = tf.identity(tokens)
    held = [HOLD] * (NUM_TOKENS - FIRST_HELD_TOKEN)
    meanings = tf.constant([PAD, PAD, 0, *range(LOWEST, HIGHEST + 1), *held])
    cells = tf.gather(meanings, tokens)
    shape = tf.concat([tf.shape(cells)[:-1], [-1, len(VOICES)]], axis=0)
    return tf.gather(tf.reshape(cells, shape), np.argsort(VOICE_ORDER), axis=-1)


def _check_range(name, values, least, most):
    fits = tf.reduce_all((values >= least) & (values <= most))
    message = f"{name.capitalize()} must be {least} to {most}. "
    message += f"Received: {name}={{}} to {{}}"
    return _check(fits, message, (tf.reduce_min(values), tf.reduce_max(values)))


def _check(holds, message, received):
    return tf.debugging.Assert(holds, [tf.strings.format(message, received)])


def transpose(cells, semitones) -> tf.Tensor:
    """Moves the pitches of cells by `semitones`, a scalar or one that broadcasts.

    >>> transpose([[72, HOLD, 0, 48]], -2).numpy().tolist()
    [[70, -1, 0, 46]]
    """
    cells = tf.cast(cells, tf.int32)
    return tf.where(cells > 0, cells + semitones, cells)
