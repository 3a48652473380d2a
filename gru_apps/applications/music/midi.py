"""Scores <-> MIDI files."""

import collections
import pathlib
import struct
from collections.abc import Iterator

import numpy as np

from gru_apps.applications.music.scores import VOICES, checked_score

TICKS_PER_STEP = 120
CHOIR = 52  # "choir aahs" among the programs of General MIDI
MAX_STEPS = 10_000  # sixteenths, half an hour: a few bytes can ask for years of silence
MAX_BYTES = 1 << 24
LONGEST_TEMPO = 0xFFFFFF  # microseconds a quarter note; a file has 24 bits for them
USUAL_TEMPO = 500_000  # of a file that says nothing
DRUMS = 9  # channel 10, where a number is an instrument and no pitch

NOTE_OFF, NOTE_ON, PROGRAM = 0x8, 0x9, 0xC  # the upper half of a status byte
SYSTEM_EXCLUSIVE, META = (0xF0, 0xF7), 0xFF
TEMPO, END_OF_TRACK = 0x51, 0x2F
SYSTEM_SIZES = {0xF1: 1, 0xF2: 2, 0xF3: 1}


def write_midi(path: str | pathlib.Path, pitches, starts, *, tempo: float = 80) -> None:
    """Writes a score as a MIDI file of four named tracks, each on its own channel.

    `tempo` is in quarter notes per minute, 3.58 to 60,000,000 as the format has it. A
    note held from before the first step begins there. MIDI has no sign for a rest: two
    in a row are read back as one. Raises `ValueError` for what is no score and for more
    than 100,000 steps.
    """
    import mido

    pitches, starts = checked_score(pitches, starts)
    if len(pitches) > 10 * MAX_STEPS:
        raise ValueError(
            f"A score must have {10 * MAX_STEPS} steps at most. "
            f"Received: steps={len(pitches)}"
        )
    if not 60e6 / LONGEST_TEMPO <= tempo <= 60e6:
        raise ValueError(f"`tempo` must be 3.58 to 60000000. Received: tempo={tempo}")
    starts[:1] = True
    file = mido.MidiFile(ticks_per_beat=4 * TICKS_PER_STEP)
    voices = zip(VOICES, pitches.T, starts.T, strict=True)
    for channel, (name, voice_pitches, voice_starts) in enumerate(voices):
        track = file.add_track(name)
        if channel == 0:
            track.append(mido.MetaMessage("set_tempo", tempo=round(60e6 / tempo)))
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

    They come in the order of the voices. A part without a note counts if the file has
    four with it. All else is as in `read_parts`, and another number of parts is a
    `ValueError`.
    """
    return read_song(path)[:2]


def read_parts(path: str | pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """Reads pitches and starts `(steps, parts)` of all parts that have a note.

    A part is a channel of a track; channel 10, the drums, is left out. Times are
    rounded to sixteenths, halves up. The file may be wrapped in RIFF. Raises
    `ValueError` for another kind of file, two notes that sound together in a part for
    half a sixteenth, notes that would begin in the same sixteenth of a part, and more
    than 10,000 steps, `OSError` if there is no file.
    """
    return read_song(path, of_any_number=True)[:2]


def read_song(path: str | pathlib.Path, *, of_any_number: bool = False) -> tuple:
    """Reads pitches and starts as `read_midi`, or `read_parts`, and the tempo.

    It is that of the first note, in quarter notes per minute.
    """
    parts, last, ticks, tempo = _read(path)
    if of_any_number or len(parts) != len(VOICES):
        parts = [part for part in parts if part]
    if not of_any_number and len(parts) != len(VOICES):
        raise ValueError(
            f"{path} must have four parts, without drums. It has {len(parts)}."
        )
    return *_score(path, parts, last, ticks), tempo


def _read(path):
    """Returns the notes of all parts, the end, the ticks of a quarter, the tempo."""
    with open(path, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"{path} has more than {MAX_BYTES >> 20} MiB.")
    try:
        ticks, tracks = _tracks(content)
        parts, last, tempo = _parts(tracks)
    except (IndexError, ValueError, struct.error) as error:
        raise ValueError(f"{path} is not a MIDI file, or is cut short.") from error
    if ticks <= 0:
        kind = "in film frames" if ticks else "with no ticks"
        raise ValueError(f"{path} counts time {kind} and not in beats.")
    return parts, last, ticks, tempo


def _score(path, parts, last, ticks):
    def step(tick):  # the nearest
        return (8 * tick + ticks) // (2 * ticks)

    firsts = [step(start) + 1 for part in parts for start, _, _ in part]
    steps = max([step(last), *firsts])
    if steps > MAX_STEPS:
        raise ValueError(
            f"{path} must last {MAX_STEPS} sixteenths at most. It lasts {steps}."
        )
    pitches = np.zeros((steps, len(parts)), np.int32)
    starts = np.zeros((steps, len(parts)), bool)
    for voice, notes in enumerate(parts):
        ended = 0
        for start, end, pitch in notes:
            first = step(start)
            # less is how players join one note to the next
            if 8 * (start - ended) < -ticks:
                raise ValueError(
                    f"{path} must have one note at a time in each part. It has more "
                    f"in part {voice + 1}, sixteenth {first + 1}."
                )
            pitches[first : max(step(end), first + 1), voice] = pitch
            starts[first, voice] = True
            ended = end
    if short := len(firsts) - starts.sum():
        raise ValueError(
            f"{path} has {len(firsts)} notes, {short} of them too short for the grid "
            "of sixteenths."
        )
    rests = pitches == 0
    return pitches, starts | (rests & np.diff(rests, axis=0, prepend=False))


def _parts(tracks):
    """Returns the notes of each part, (start, end, pitch), the end and the tempo.

    Times are in ticks. A note that nothing ends, ends with its track.
    """
    parts = collections.defaultdict(list)
    last, tempos = 0, {0: USUAL_TEMPO}
    for index, track in enumerate(tracks):
        now, sounding = 0, {}
        for now, status, pitch, velocity in _events(track):
            kind, channel = status >> 4, status & 15
            if (status, pitch) == (META, TEMPO) and velocity:
                tempos[now] = velocity  # microseconds
            if channel == DRUMS:
                continue
            if kind == PROGRAM:
                parts[index, channel] += []  # all that a silent voice has
            if kind not in (NOTE_ON, NOTE_OFF):
                continue
            key = index, channel, pitch
            if key in sounding:
                parts[key[:2]].append((sounding.pop(key), now, pitch))
            if kind == NOTE_ON and velocity > 0:
                sounding[key] = now
        for key, start in sounding.items():
            parts[key[:2]].append((start, now, key[2]))
        last = max(last, now)
    begin = min((start for part in parts.values() for start, _, _ in part), default=0)
    tempo = 60e6 / tempos[max(tick for tick in tempos if tick <= begin)]
    return [sorted(parts[key]) for key in sorted(parts)], last, tempo


def _tracks(content):
    """Returns the ticks of a quarter note, and the bytes of each track."""
    # by hand: mido refuses a file for a bad key signature or an unknown chunk
    if content[:4] == b"RIFF" and content[8:12] == b"RMID":
        content = content[content.index(b"MThd") :]
    name, size, _, number, ticks = struct.unpack_from(">4sIHHh", content)
    if name != b"MThd" or size < 6:
        raise ValueError("There is no header.")
    tracks, start = [], 8 + size
    while len(tracks) < number:
        name, size = struct.unpack_from(">4sI", content, start)
        start += 8
        if start + size > len(content):
            raise ValueError("A track is cut short.")
        if name == b"MTrk":
            tracks.append(content[start : start + size])
        start += size
    return ticks, tracks


def _events(track) -> Iterator[tuple[int, int, int, int]]:
    """Yields the tick, the status and two bytes of all that a track says, to its end.

    Bytes beyond 127, which strict readers refuse, are cut off there. Of a tempo the
    two are its kind and its microseconds.
    """
    place, now, running = 0, 0, 0
    while place < len(track):
        wait, place = _number(track, place)
        now += wait
        status = running
        if track[place] >= 128:
            status, place = track[place], place + 1
        if status == META or status in SYSTEM_EXCLUSIVE:
            kind = track[place] if status == META else None
            size, place = _number(track, place + (status == META))
            content = track[place : place + size]
            place += size
            is_tempo = kind == TEMPO and len(content) == 3
            value = int.from_bytes(content, "big") if is_tempo else 0
            yield now, status, kind or 0, value
            if kind == END_OF_TRACK:
                return
            continue
        if status < 128:
            raise ValueError("There is no status.")
        running = status if status < 0xF0 else running
        size = 1 if status >> 4 in (PROGRAM, PROGRAM + 1) else 2
        size = SYSTEM_SIZES.get(status, 0) if status >= 0xF0 else size
        data = [min(track[place + index], 127) for index in range(size)]
        place += size
        yield now, status, *data, *[0] * (2 - size)


def _number(track, place):
    """Returns a number of seven bits a byte, the last below 128, and where it ends."""
    number = 0
    while True:
        number = number << 7 | track[place] & 127
        place += 1
        if track[place - 1] < 128:
            return number, place
