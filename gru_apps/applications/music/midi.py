"""Scores <-> MIDI files."""

import collections
import io
import pathlib

import numpy as np

from gru_apps.applications.music.scores import VOICES

TICKS_PER_STEP = 120
CHOIR = 52  # "choir aahs" among the programs of General MIDI


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
