import json

import mido
import numpy as np
import pytest

from gru_apps.applications import music
from gru_apps.applications.music import midi
from gru_apps.encoding import sound_files


def test_music_goes_on_after_its_primer(ask, tmp_path):
    primer, out = tmp_path / "primer.mid", tmp_path / "out.mid"
    pitches = np.array([[72, 67, 64, 0]] * 4)
    music.write_midi(primer, pitches, np.eye(4, 4)[:1].repeat(4, 0) * 0 + 1)
    (line,) = ask("chorale", "--steps=2", "--primer", primer, "--out", out, "--json")
    assert json.loads(line)["pitches"] == [*pitches.tolist(), [60] * 4, [60] * 4]
    np.testing.assert_array_equal(music.read_midi(out)[0][4:], np.full([2, 4], 60))


def test_music_is_printed_or_sung(ask, tmp_path):
    soprano = [line.split()[0] for line in ask("chorale", "--steps=2", "--seed=1")]
    assert soprano == ["soprano", "61", "61"]
    assert ask("chorale", "--steps=2", "--out", tmp_path / "out.wav") == []
    assert np.abs(sound_files.read_sound(tmp_path / "out.wav")[0]).max() > 0.5


def test_what_music_cannot_be_made_of_is_said(ask, tmp_path):
    assert (
        "`steps` must be 0 or more. Received: -1"
        in ask("chorale", "--steps=-1", fails=True)[0]
    )
    assert "--out" in ask("chorale", "--out=song.mp3", fails=True)[0]
    assert "INPUT" in ask("chorale", "a text", fails=True)[0]
    assert "none.mid" in ask("chorale", "--primer=none.mid", fails=True)[0]


def test_a_file_that_cannot_be_written_is_refused_before_music_is_made(
    ask, tmp_path, melodies, monkeypatch
):
    from gru_apps.applications.music import question

    monkeypatch.setattr(question, "_asked", lambda *_: pytest.fail("it composed"))
    (tmp_path / "x.mid").mkdir()
    (said,) = ask("chorale", "--out", tmp_path / "x.mid", fails=True)
    assert "x.mid: It is a folder" in said
    monkeypatch.setattr(question.os, "access", lambda *_: False)
    (said,) = ask("chorale", "--out", tmp_path / "y.mid", fails=True)
    assert "y.mid: It cannot be written" in said
    monkeypatch.undo()
    song = melodies(1)
    before = song.read_bytes()
    for option in ("--harmonize", "--primer"):
        (said,) = ask("chorale", option, song, "--out", song, fails=True)
        assert "--out must be another file than is read" in said
    assert song.read_bytes() == before


def test_music_is_in_the_key_that_is_asked_for(ask):
    (line,) = ask("chorale", "--steps=1", "--key=g minor", "--json")
    assert json.loads(line)["key"] == "G minor"
    (line,) = ask("chorale", "--steps=1", "--key=H dur", fails=True)
    assert line.endswith("Received: key='H dur'")


@pytest.fixture
def melodies(tmp_path):
    """Writes a file of so many parts, their first notes 70, 69 and so on."""

    def melodies(number, name="song.mid"):
        file = mido.MidiFile(ticks_per_beat=4)
        file.add_track("a track without a note")
        for part in range(number):
            track = file.add_track(f"part {part}")
            for pitch in (70 - part, 65 - part):
                note = {"note": pitch, "channel": part}
                track.append(mido.Message("note_on", **note))
                track.append(mido.Message("note_off", time=2, **note))
        file.save(tmp_path / name)
        return tmp_path / name

    return melodies


@pytest.mark.parametrize(
    "number, voices, expected",
    [
        (1, None, [70, 40, 40, 40]),
        (1, "bass", [40, 40, 40, 70]),
        (2, "Soprano, Bass", [70, 40, 40, 69]),
        (3, "tenor,none,soprano", [68, 40, 70, 40]),
        (4, "soprano,none,None, none", [70, 40, 40, 40]),
    ],
)
def test_the_voices_of_a_file_are_kept_and_the_others_found(
    ask, melodies, number, voices, expected
):
    more = ["--voices", voices] if voices else []
    (line,) = ask("chorale", "--harmonize", melodies(number), *more, "--json")
    answer = json.loads(line)
    assert answer["pitches"][0] == expected and len(answer["pitches"]) == 4
    given = np.array(expected) != 40
    starts = np.array(answer["starts"])[:, given]
    assert (starts == [[True], [False], [True], [False]]).all()


@pytest.mark.parametrize(
    "number, more, message",
    [
        (2, [], "has 2 parts. Name the voice of each"),
        (1, ["--voices=soprano,bass"], "Received: soprano,bass"),
        (1, ["--voices=bass,alto"], "has 1 part. Name its voice, as in --voices bass."),
        (1, ["--voices=none"], "--voices must be different ones of soprano"),
        (1, ["--voices="], "--voices must not be empty"),
        (2, ["--voices=bass,bass"], "--voices must be different ones of soprano"),
        (1, ["--voices=flute"], "--voices must be different ones of soprano"),
        (0, [], "has no note"),
        (1, ["--steps=4"], "--harmonize and --steps do not go together"),
        (1, ["--primer=a.mid"], "--harmonize and --primer do not go together"),
    ],
)
def test_voices_that_cannot_be_harmonized_are_refused(
    ask, melodies, number, more, message
):
    (line,) = ask("chorale", "--harmonize", melodies(number), *more, fails=True)
    assert message in line


def test_voices_without_a_file_are_refused(ask):
    assert "--harmonize" in ask("chorale", "--voices=bass", fails=True)[0]


@pytest.mark.parametrize("flag", ["--harmonize", "--voices", "--primer", "--out"])
def test_an_empty_name_is_refused(ask, flag):
    assert f"{flag} must not be empty" in ask("chorale", flag, "", fails=True)[0]


def test_voices_that_were_not_given_are_not_said_to_be(ask, melodies):
    (line,) = ask("chorale", "--harmonize", melodies(2), fails=True)
    assert line.endswith("--voices soprano,none,bass.")


@pytest.mark.parametrize("flag", ["--harmonize", "--primer"])
def test_the_tempo_of_a_file_is_kept(ask, tmp_path, flag):
    song, out = tmp_path / "song.mid", tmp_path / "out.MID"
    given = np.zeros([4, 4], int)
    given[:, 0] = 70
    music.write_midi(song, given, np.ones([4, 4]), tempo=120)
    ask("chorale", flag, song, "--out", out)
    assert midi.read_song(out)[2] == 120
    waveforms = []
    for name in ("fast.WAV", "slow.wav"):
        ask("chorale", flag, song, "--out", tmp_path / name)
        waveforms.append(sound_files.read_sound(tmp_path / name)[0])
        music.write_midi(song, given, np.ones([4, 4]), tempo=60)
    assert len(waveforms[0]) < len(waveforms[1])


def test_music_without_a_file_has_80_quarter_notes_a_minute(ask, tmp_path):
    ask("chorale", "--steps=4", "--out", tmp_path / "out.mid")
    assert midi.read_song(tmp_path / "out.mid")[2] == 80


def test_a_file_of_drums_alone_has_no_note(ask, tmp_path):
    file = mido.MidiFile()
    notes = [mido.Message("note_on", channel=9, note=36, time=t) for t in (0, 480)]
    file.add_track().extend(notes)
    file.save(tmp_path / "drums.mid")
    (line,) = ask("chorale", "--harmonize", tmp_path / "drums.mid", fails=True)
    assert line.endswith("drums.mid has no note, drums left out.")
