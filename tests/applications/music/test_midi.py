import struct

import mido
import numpy as np
import pytest
from random_scores import assert_same_score, random_score

from gru_apps.applications.music import synthesizer
from gru_apps.applications.music.midi import (
    read_midi,
    read_parts,
    read_song,
    write_midi,
)
from gru_apps.applications.music.scores import VOICES


@pytest.mark.parametrize("seed", range(5))
def test_a_midi_file_keeps_every_note_and_rest(seed, tmp_path):
    score = random_score(seed, rests_in_a_row=False)
    write_midi(tmp_path / "a.mid", *score)
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches.dtype == np.int32 and starts.dtype == bool
    assert_same_score((pitches, starts), score)


def test_rests_around_the_music_and_silent_voices_are_kept(tmp_path):
    pitches, starts = np.zeros((9, 4), "int32"), np.zeros((9, 4), bool)
    starts[0] = starts[3, 1] = starts[5, 1] = True
    pitches[3:5, 1] = 60
    write_midi(tmp_path / "a.mid", pitches, starts)
    assert_same_score(read_midi(tmp_path / "a.mid"), (pitches, starts))
    file = mido.MidiFile(tmp_path / "a.mid")
    file.add_track("a shorter one, with nothing in it")
    file.save(tmp_path / "a.mid")
    assert_same_score(read_midi(tmp_path / "a.mid"), (pitches, starts))


def test_two_rests_in_a_row_are_read_back_as_one_with_all_notes_in_place(tmp_path):
    pitches, starts = random_score(3)
    write_midi(tmp_path / "a.mid", pitches, starts)
    read_pitches, read_starts = read_midi(tmp_path / "a.mid")
    np.testing.assert_array_equal(read_pitches, pitches)
    np.testing.assert_array_equal(read_starts[pitches > 0], starts[pitches > 0])
    assert read_starts.sum() < starts.sum()


def test_a_note_held_from_before_the_first_step_is_written(tmp_path):
    pitches = np.full((2, 4), 60)
    write_midi(tmp_path / "a.mid", pitches, np.zeros((2, 4), bool))
    np.testing.assert_array_equal(read_midi(tmp_path / "a.mid")[0], pitches)


def test_a_midi_file_has_named_tracks_on_their_own_channels_and_lasts(tmp_path):
    pitches, starts = np.full((16, 4), 60), np.zeros((16, 4), bool)
    write_midi(tmp_path / "a.mid", pitches, starts, tempo=60)
    file = mido.MidiFile(tmp_path / "a.mid")
    assert tuple(track.name for track in file.tracks) == VOICES
    notes = [message for message in file if message.type == "note_on"]
    assert [note.channel for note in notes] == [0, 1, 2, 3]
    assert file.length == pytest.approx(4)  # a bar of four quarters, a second each


def midi_file(path, *, parts=4, ticks_per_beat=96, notes=((0, 100, 60),)):
    """Writes parts of (begin, end, pitch) in ticks, and then a silent one."""
    file = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    for _ in range(parts):
        track, now = file.add_track(), 0
        events = [(begin, "note_on", pitch) for begin, _, pitch in notes]
        events += [(end, "note_off", pitch) for _, end, pitch in notes]
        for tick, kind, pitch in sorted(events):
            track.append(mido.Message(kind, note=pitch, time=tick - now))
            now = tick
    file.add_track().append(mido.Message("program_change", program=0))
    file.save(path)


def test_notes_of_other_programs_are_rounded_to_sixteenths(tmp_path):
    # 24 ticks a step: one cut short of its quarter, one of 3 ticks, one a tick early
    midi_file(tmp_path / "a.mid", notes=[(0, 91, 60), (96, 99, 62), (119, 121, 64)])
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches[:, 0].tolist() == [60, 60, 60, 60, 62, 64]
    assert starts[:, 3].tolist() == [True, False, False, False, True, True]


def test_a_note_that_overlaps_a_little_is_read(tmp_path):
    # 24 ticks a step: a third of a thirty-second
    midi_file(tmp_path / "a.mid", notes=[(0, 24, 62), (20, 48, 64)])
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches[:, 0].tolist() == [62, 64] and starts.all()


def test_a_note_that_nothing_ends_lasts_to_the_end_of_its_track(tmp_path):
    file = mido.MidiFile(ticks_per_beat=4)
    for _ in range(4):
        track = file.add_track()
        track.append(mido.Message("note_on", note=60, time=1))
        track.append(mido.MetaMessage("end_of_track", time=2))
    file.save(tmp_path / "a.mid")
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches[:, 0].tolist() == [0, 60, 60]
    assert starts[:, 0].tolist() == [True, True, False]


def test_channels_of_a_single_track_are_parts(tmp_path):
    file = mido.MidiFile(type=0, ticks_per_beat=4)
    track = file.add_track()
    chord = [72, 67, 64, 48]
    for velocity in (64, 0, 64, 0):  # a velocity of 0 ends a note
        for channel, pitch in enumerate(chord):
            note = {"channel": channel, "note": pitch, "velocity": velocity}
            track.append(mido.Message("note_on", time=int(channel == 0), **note))
    file.save(tmp_path / "a.mid")
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches.tolist() == [[0] * 4, chord, [0] * 4, chord] and starts.all()


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVE", b"MThd\0\0\0\6\0\1"])
def test_what_is_not_midi_is_named(content, tmp_path):
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.mid is not a MIDI file"):
        read_midi(tmp_path / "a.mid")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parts": 2}, r"must have four parts, without drums. It has 2\."),
        ({"parts": 0}, r"must have four parts, without drums. It has 0\."),
        ({"ticks_per_beat": -6360}, "film frames"),
        ({"notes": [(0, 96, 60), (0, 96, 64)]}, "part 1, sixteenth 1"),
        ({"notes": [(0, 48, 60), (24, 96, 64)]}, "part 1, sixteenth 2"),
    ],
)
def test_midi_of_another_shape_is_refused(options, message, tmp_path):
    midi_file(tmp_path / "a.mid", **options)
    with pytest.raises(ValueError, match=message):
        read_midi(tmp_path / "a.mid")


def test_parts_are_those_that_have_a_note(tmp_path):
    pitches = np.array([[72, 0, 64, 0], [72, 0, 65, 0]])
    starts = np.array([[1, 1, 1, 1], [0, 0, 1, 0]], bool)
    write_midi(tmp_path / "song.mid", pitches, starts)
    parts, begins = read_parts(tmp_path / "song.mid")
    np.testing.assert_array_equal(parts, pitches[:, [0, 2]])
    np.testing.assert_array_equal(begins, starts[:, [0, 2]])
    write_midi(tmp_path / "none.mid", pitches * 0, starts)
    assert read_parts(tmp_path / "none.mid")[0].shape == (2, 0)


def test_a_missing_midi_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_midi(tmp_path / "a.mid")


def midi_bytes(*tracks, ticks=96, kind=1):
    """A file of tracks, each the bytes of its events."""
    header = b"MThd" + struct.pack(">IHHh", 6, kind, len(tracks), ticks)
    sized = (b"MTrk" + struct.pack(">I", len(track)) + track for track in tracks)
    return header + b"".join(sized)


NOTE = bytes([0, 0x90, 60, 64, 96, 0x80, 60, 64])  # a quarter
END = bytes([0, 0xFF, 0x2F, 0])


def read_bytes(tmp_path, content):
    (tmp_path / "a.mid").write_bytes(content)
    return read_midi(tmp_path / "a.mid")


def test_a_midi_file_wrapped_in_riff_is_read(tmp_path):
    plain = midi_bytes(*[NOTE + END] * 4)
    info = b"LIST" + struct.pack("<I", 4) + b"INFO"
    for before in (b"", info):
        wrapped = b"RMID" + before + b"data" + struct.pack("<I", len(plain)) + plain
        wrapped = b"RIFF" + struct.pack("<I", len(wrapped)) + wrapped
        assert_same_score(
            read_bytes(tmp_path, wrapped),
            (np.full([4, 4], 60), np.eye(4, 1) @ np.ones([1, 4]) > 0),
        )


@pytest.mark.parametrize(
    "odd",
    {
        "velocity above 127": bytes([0, 0x90, 60, 200]),
        "a key signature that is none": bytes([0, 0xFF, 0x59, 2, 2, 255]) + NOTE[:4],
        "a tempo of no bytes": bytes([0, 0xFF, 0x51, 0]) + NOTE[:4],
        "system exclusive": bytes([0, 0xF0, 3, 0x7E, 200, 0xF7]) + NOTE[:4],
        "running status after text": NOTE[:4] + b"\0\xff\1\1a" + bytes([0, 61, 0]),
        "a controller": bytes([0, 0xB0, 7, 255, 0, 0xF8, 0, 0xD0, 200]) + NOTE[:4],
    }.items(),
    ids=lambda item: item[0],
)
def test_bytes_that_strict_readers_refuse_change_no_note(odd, tmp_path):
    tracks = [odd[1] + NOTE[4:] + END] + [NOTE + END] * 3
    pitches, starts = read_bytes(tmp_path, midi_bytes(*tracks))
    np.testing.assert_array_equal(pitches, np.full([4, 4], 60))
    assert starts[0].all() and not starts[1:].any()


def test_unknown_chunks_are_passed_over(tmp_path):
    content = midi_bytes(*[NOTE + END] * 4)
    alien = b"XFIH" + struct.pack(">I", 3) + b"abc"
    pitches, _ = read_bytes(tmp_path, content[:14] + alien + content[14:])
    np.testing.assert_array_equal(pitches, np.full([4, 4], 60))


def test_a_midi_file_cut_anywhere_is_refused(tmp_path):
    content = midi_bytes(*[NOTE + END] * 4)
    for length in range(len(content)):
        with pytest.raises(ValueError, match=r"a\.mid is not a MIDI file"):
            read_bytes(tmp_path, content[:length])
    for size in range(1, len(NOTE)):  # a track that ends amidst a message
        if size in (4,):  # there it ends between two
            continue
        with pytest.raises(ValueError, match=r"a\.mid is not a MIDI file"):
            read_bytes(tmp_path, midi_bytes(*[NOTE[:size]] * 4))


@pytest.mark.parametrize("ticks", [1, 96])
def test_a_few_bytes_that_last_for_years_are_refused(ticks, tmp_path):
    silence = b"\xff\xff\xff\x7f" + NOTE[1:] + END
    content = midi_bytes(*[silence] * 4, ticks=ticks)
    assert len(content) < 130
    with pytest.raises(ValueError, match="10000 sixteenths at most. It lasts [0-9]+"):
        read_bytes(tmp_path, content)


def test_a_file_of_half_an_hour_is_read(tmp_path):
    score = np.full([10_000, 4], 60), np.ones([10_000, 4], bool)
    write_midi(tmp_path / "a.mid", *score)
    assert_same_score(read_midi(tmp_path / "a.mid"), score)


def test_notes_that_the_grid_would_swallow_are_counted_and_refused(tmp_path):
    # 24 ticks a step: a scale of notes a sixth as long
    notes = [(4 * n, 4 * n + 4, 60 + n) for n in range(12)]
    midi_file(tmp_path / "a.mid", parts=1, notes=notes)
    words = "has 12 notes, 9 of them too short for the grid of sixteenths"
    with pytest.raises(ValueError, match=words):
        read_parts(tmp_path / "a.mid")


def test_short_notes_that_are_moved_to_a_sixteenth_each_are_read(tmp_path):
    # 24 ticks a step: triplets of an eighth
    notes = [(0, 32, 60), (32, 64, 61), (64, 96, 62)]
    midi_file(tmp_path / "a.mid", parts=1, notes=notes)
    pitches, starts = read_parts(tmp_path / "a.mid")
    assert pitches[starts].tolist() == [60, 61, 62]


def test_drums_are_no_voice(tmp_path):
    drums = bytes([0, 0x99, 36, 64, 96, 0x89, 36, 64])
    tracks = [NOTE + END] * 4 + [bytes([0, 0xC9, 0]) + drums + END]
    pitches, _ = read_bytes(tmp_path, midi_bytes(*tracks))
    np.testing.assert_array_equal(pitches, np.full([4, 4], 60))
    (tmp_path / "a.mid").write_bytes(midi_bytes(drums + END))
    assert read_parts(tmp_path / "a.mid")[0].shape == (4, 0)


def tempo_event(wait, microseconds):
    return bytes([wait, 0xFF, 0x51, 3]) + microseconds.to_bytes(3, "big")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (b"", 120),
        (tempo_event(0, 1_000_000), 60),
        (tempo_event(0, 0), 120),
        (tempo_event(0, 750_000) + tempo_event(0, 600_000), 100),
        (NOTE + tempo_event(1, 1_000_000), 120),
    ],
    ids=["none", "one", "of no time", "two at once", "after the first note"],
)
def test_the_tempo_is_that_of_the_first_note(before, expected, tmp_path):
    (tmp_path / "a.mid").write_bytes(midi_bytes(before + END, NOTE + END))
    *_, tempo = read_song(tmp_path / "a.mid", of_any_number=True)
    assert tempo == expected


def test_a_written_tempo_is_read_back(tmp_path):
    write_midi(tmp_path / "a.mid", *SCORE, tempo=96)
    assert read_song(tmp_path / "a.mid")[2] == 96


def test_no_ticks_in_a_beat_are_said(tmp_path):
    with pytest.raises(ValueError, match="with no ticks"):
        read_bytes(tmp_path, midi_bytes(*[NOTE + END] * 4, ticks=0))


def test_a_file_of_gigabytes_is_not_read():
    with pytest.raises(ValueError, match="more than 16 MiB"):
        read_midi("/dev/zero")


SCORE = np.full([2, 4], 60), np.ones([2, 4], bool)


@pytest.mark.parametrize("tempo", [0, -80, 3.5, 1e9, float("nan"), float("inf")])
def test_a_tempo_that_a_midi_file_cannot_hold_is_refused(tempo, tmp_path):
    with pytest.raises(ValueError, match=f"Received: tempo={tempo}$"):
        write_midi(tmp_path / "a.mid", *SCORE, tempo=tempo)
    assert not (tmp_path / "a.mid").exists()


@pytest.mark.parametrize("tempo", [3.58, 60_000_000])
def test_the_slowest_and_the_fastest_tempo_are_written(tempo, tmp_path):
    write_midi(tmp_path / "a.mid", *SCORE, tempo=tempo)
    assert_same_score(read_midi(tmp_path / "a.mid"), (SCORE[0], SCORE[1]))


@pytest.mark.parametrize(
    ("pitches", "starts", "message"),
    [
        (np.full([2, 4], 128), np.ones([2, 4]), "pitches=128"),
        (np.full([2, 4], -1), np.ones([2, 4]), "pitches=-1"),
        (np.full([2, 4], 60.5), np.ones([2, 4]), "pitches=60.5"),
        (np.full([2, 4], np.nan), np.ones([2, 4]), "pitches=nan"),
        (np.full([2, 3], 60), np.ones([2, 3]), r"shapes=\(2, 3\), \(2, 3\)"),
        (np.full([2, 4], 60), np.ones([2, 1]), r"shapes=\(2, 4\), \(2, 1\)"),
        (np.full([4], 60), np.ones([4]), r"shapes=\(4,\), \(4,\)"),
    ],
)
def test_what_is_no_score_is_neither_written_nor_sung(
    pitches, starts, message, tmp_path
):
    with pytest.raises(ValueError, match=f"Received: {message}$"):
        write_midi(tmp_path / "a.mid", pitches, starts)
    with pytest.raises(ValueError, match=f"Received: {message}$"):
        synthesizer.synthesize(pitches, starts)


def test_a_score_too_long_for_a_midi_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: steps=100001$"):
        write_midi(tmp_path / "a.mid", np.zeros([100_001, 4]), np.zeros([100_001, 4]))
