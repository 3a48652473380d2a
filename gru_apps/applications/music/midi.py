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

NOTE_OFF, NOTE_ON, PROGRAM = 0x8, 0x9, 0xC  # the upper half of a status byte
SYSTEM_EXCLUSIVE, META, END_OF_TRACK = (0xF0, 0xF7), 0xFF, 0x2F
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
    parts, last, ticks = _read(path)
    if len(parts) != len(VOICES):
        parts = [part for part in parts if part]
    if len(parts) != len(VOICES):
        raise ValueError(f"{path} must have four parts. It has {len(parts)}.")
    return _score(path, parts, last, ticks)


def read_parts(path: str | pathlib.Path) -> tuple[np.ndarray, np.ndarray]:
    """Reads pitches and starts `(steps, parts)` of all parts that have a note.

    A part is a channel of a track. Times are rounded to sixteenths, halves up; of notes
    that then begin at once, the latest stays: of thirty-seconds, that on the beat. The
    file may be wrapped in RIFF. Raises `ValueError` for another kind of file, two notes
    that sound together in a part for half a sixteenth, and more than 10,000 steps,
    `OSError` if there is no file.
    """
    parts, last, ticks = _read(path)
    return _score(path, [part for part in parts if part], last, ticks)


def _read(path):
    """Returns the notes of all parts, when all is over, and the ticks of a quarter."""
    with open(path, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"{path} has more than {MAX_BYTES >> 20} MiB.")
    try:
        ticks, tracks = _tracks(content)
        parts, last = _parts(tracks)
    except (IndexError, ValueError, struct.error) as error:
        raise ValueError(f"{path} is not a MIDI file, or is cut short.") from error
    if ticks <= 0:
        kind = "in film frames" if ticks else "with no ticks"
        raise ValueError(f"{path} counts time {kind} and not in beats.")
    return parts, last, ticks


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
    rests = pitches == 0
    return pitches, starts | (rests & np.diff(rests, axis=0, prepend=False))


def _parts(tracks):
    """Returns the notes of each part, as (start, end, pitch), and when all is over.

    Times are in ticks. A note that nothing ends, ends with its track.
    """
    parts = collections.defaultdict(list)
    last = 0
    for index, track in enumerate(tracks):
        now, sounding = 0, {}
        for now, status, pitch, velocity in _events(track):
            kind, channel = status >> 4, status & 15
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
    return [sorted(parts[key]) for key in sorted(parts)], last


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

    Bytes beyond 127, which strict readers refuse, are cut off there.
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
            place += size
            yield now, status, 0, 0
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
