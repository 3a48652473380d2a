"""Scores <-> cells <-> tokens, in the TensorFlow graph, and scores <-> MIDI files.

A score is two arrays `(steps, 4)`, a step being a sixteenth and the voices soprano,
alto, tenor and bass: `pitches`, int32 MIDI numbers of what sounds, 0 for a rest, and
`starts`, True where a note or a rest begins and False where it is held.

Cells are the same in one array: the pitch where a note starts, 0 where a rest starts,
`HOLD` where the step before goes on, and `PAD` on the right of a batch. Tokens are the
cells in a row, as ids for a language model.
"""

import collections
import io
import pathlib

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

TICKS_PER_STEP = 120
CHOIR = 52  # "choir aahs" among the programs of General MIDI


def cells_from_score(pitches, starts) -> tf.Tensor:
    """Returns int32 cells `(..., steps, 4)` of pitches and starts of that shape.

    >>> cells_from_score([[72, 67, 64, 48], [72, 65, 0, 48]],
    ...                  [[1, 1, 1, 1], [0, 1, 1, 1]]).numpy().tolist()
    [[72, 67, 64, 48], [-1, 65, 0, 48]]
    """
    return tf.where(tf.cast(starts, tf.bool), tf.cast(pitches, tf.int32), HOLD)


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
    sequence. Any other cell is an `InvalidArgumentError`.

    >>> tokens_from_cells([[72, 55, 0, 48], [HOLD, 57, HOLD, PAD]]).numpy().tolist()
    [45, 21, 28, 2, 104, 0, 30, 61]
    """
    cells = tf.cast(cells, tf.int32)
    pitches = tf.boolean_mask(cells, (cells > 0) | (cells < PAD))
    in_range = tf.reduce_all((pitches >= LOWEST) & (pitches <= HIGHEST))
    message = f"Pitches must be {LOWEST} to {HIGHEST}. Received: pitches={{}} to {{}}"
    received = (tf.reduce_min(pitches), tf.reduce_max(pitches))
    check = tf.debugging.Assert(in_range, [tf.strings.format(message, received)])
    with tf.control_dependencies([check]):  # or a gather may complain first
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
    and ids of `NUM_TOKENS` or more, are an `InvalidArgumentError`.

    >>> cells_from_tokens([45, 21, 28, 2, 104, 0, 30, 61]).numpy().tolist()
    [[72, 55, 0, 48], [-1, 57, -1, -2]]
    """
    held = [HOLD] * (NUM_TOKENS - FIRST_HELD_TOKEN)
    meanings = tf.constant([PAD, PAD, 0, *range(LOWEST, HIGHEST + 1), *held])
    cells = tf.gather(meanings, tf.cast(tokens, tf.int32))
    shape = tf.concat([tf.shape(cells)[:-1], [-1, len(VOICES)]], axis=0)
    return tf.gather(tf.reshape(cells, shape), np.argsort(VOICE_ORDER), axis=-1)


def transpose(cells, semitones) -> tf.Tensor:
    """Moves the pitches of cells by `semitones`, a scalar or one that broadcasts.

    >>> transpose([[72, HOLD, 0, 48]], -2).numpy().tolist()
    [[70, -1, 0, 46]]
    """
    cells = tf.cast(cells, tf.int32)
    return tf.where(cells > 0, cells + semitones, cells)


def write_midi(path: str | pathlib.Path, pitches, starts, *, tempo: float = 80) -> None:
    """Writes a score as a MIDI file of four named tracks, each on its own channel.

    `tempo` is in quarter notes per minute. A note held from before the first step
    begins there. MIDI has no sign for a rest: two in a row are read back as one.
    """
    import mido

    pitches, starts = np.array(pitches), np.array(starts, bool)
    starts[:1] = True
    file = mido.MidiFile(ticks_per_beat=4 * TICKS_PER_STEP)
    voices = zip(VOICES, pitches.T, starts.T, strict=True)
    for channel, (name, voice_pitches, voice_starts) in enumerate(voices):
        track = file.add_track(name)
        if channel == 0:
            track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(tempo)))
        track.append(mido.Message("program_change", channel=channel, program=CHOIR))
        begins = np.flatnonzero(voice_starts)
        lengths = np.diff(begins, append=len(starts)) * TICKS_PER_STEP
        silence = 0
        for pitch, length in zip(voice_pitches[begins], lengths.tolist(), strict=True):
            if pitch == 0:
                silence += length
                continue
            note = {"channel": channel, "note": int(pitch)}
            track.append(mido.Message("note_on", time=silence, **note))
            track.append(mido.Message("note_off", time=length, **note))
            silence = 0
        track.append(mido.MetaMessage("end_of_track", time=silence))
    file.save(path)


def read_midi(path: str | pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """Reads pitches and starts `(steps, 4)` from a MIDI file of four parts.

    A part is a channel of a track; they come in the order of the voices. Times are
    rounded to sixteenths; of two notes that then begin at once, the later stays. Raises
    `ValueError` for another kind of file, another number of parts or two notes that
    sound together in a part for half a sixteenth, `OSError` if there is no file.
    """
    import mido

    content = pathlib.Path(path).read_bytes()
    try:
        file = mido.MidiFile(file=io.BytesIO(content))
    except Exception as error:  # of many kinds, by where the file is broken
        raise ValueError(f"{path} is not a MIDI file, or is cut short.") from error
    if file.ticks_per_beat <= 0:
        raise ValueError(f"{path} counts time in film frames and not in beats.")
    parts, steps = _midi_parts(file)
    if len(parts) != len(VOICES):
        raise ValueError(f"{path} must have four parts. It has {len(parts)}.")
    pitches = np.zeros((steps, len(VOICES)), np.int32)
    starts = np.zeros((steps, len(VOICES)), bool)
    for voice, notes in enumerate(parts):
        ended = 0.0
        for start, end, pitch in notes:
            first = round(start)
            if start < ended - 0.5:  # less is how players join one note to the next
                raise ValueError(
                    f"{path} must have one note at a time in each part. It has more "
                    f"in part {voice + 1}, sixteenth {first + 1}."
                )
            pitches[first:, voice] = 0
            pitches[first : max(round(end), first + 1), voice] = pitch
            starts[first, voice] = True
            ended = end
    rests = pitches == 0
    return pitches, starts | (rests & np.diff(rests, axis=0, prepend=False))


def _midi_parts(file):
    """Returns the notes of each part, as (start, end, pitch), and the steps in all.

    Times are in sixteenths. A note that nothing ends, ends with its track.
    """
    parts = collections.defaultdict(list)
    steps = 0
    for index, track in enumerate(file.tracks):
        now, sounding = 0.0, {}
        for message in track:
            now += 4 * message.time / file.ticks_per_beat
            if message.type == "program_change":
                parts[index, message.channel] += []  # all that a silent voice has
            if message.type not in ("note_on", "note_off"):
                continue
            key = index, message.channel, message.note
            if key in sounding:
                parts[key[:2]].append((sounding.pop(key), now, message.note))
            if message.type == "note_on" and message.velocity > 0:
                sounding[key] = now
        for key, start in sounding.items():
            parts[key[:2]].append((start, now, key[2]))
        steps = max(steps, round(now))
    notes = [sorted(parts[key]) for key in sorted(parts)]
    if len(notes) != len(VOICES):
        notes = [part for part in notes if part]
    return notes, max([steps, *(round(n[0]) + 1 for part in notes for n in part)])
