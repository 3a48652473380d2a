"""Bad inputs get messages on the page, whatever the tab."""

import json

import pytest

CURVE = json.dumps({"values": [0] * 24})
WEEK = json.dumps({"values": [1000] * 168})
SLIDERS = [0, 0, 0, 0, 0, 0]
MUSIC = [1, 2, "any key", 0, ["soprano"]]
BAD = {
    "a curve of too few points": ("one_unit.answer", ['{"values": [1]}', *SLIDERS]),
    "a curve of words": ("one_unit.answer", ['{"values": ["a"]}', *SLIDERS]),
    "a curve that is no JSON": ("one_unit.answer", ["<b>", *SLIDERS]),
    "no curve": ("one_unit.answer", [None, *SLIDERS]),
    "a slider beyond its end": ("one_unit.answer", [CURVE, 1e9, *SLIDERS[1:]]),
    "no sentence": ("sentiment.answer", [""]),
    "a sentence of spaces": ("sentiment.answer", ["  \n "]),
    "a sentence of a page": ("sentiment.answer", ["good " * 1000]),
    "no Chinese": ("translation.answer", [""]),
    "a page of Chinese": ("translation.answer", ["好" * 1000]),
    "no recording": ("digits.answer", [None, "one digit"]),
    "another network": ("digits.answer", ["a.wav", "a song"]),
    "no prompt": ("language.look", ["", 1, 1]),
    "a prompt of a book": ("language.look", ["a" * 3000, 1, 1]),
    "a negative temperature": ("language.look", ["The", -1, 1]),
    "a nucleus of nothing": ("language.look", ["The", 1, 0]),
    "a book to be written": ("language.go_on", ["The", 1, 1, 10**6, 0]),
    "a seed of letters": ("language.go_on", ["The", 1, 1, 10, "a"]),
    "a week without a number": (
        "traffic.answer",
        [json.dumps({"values": [None] * 168})],
    ),
    "too many vehicles": ("traffic.answer", [WEEK.replace("1000", "1e9")]),
    "no history": ("traffic.answer_file", [None]),
    "no model": ("own_model.answer", [None, "1 2", None]),
    "no melody": ("music.harmonize", ['{"notes": []}', *MUSIC]),
    "a melody of rests": ("music.harmonize", ['{"notes": [[0, 4]]}', *MUSIC]),
    "a melody for a whale": ("music.harmonize", ['{"notes": [[12, 4]]}', *MUSIC]),
    "an endless melody": (
        "music.harmonize",
        [json.dumps({"notes": [[60, 4]] * 1000}), *MUSIC],
    ),
    "nothing to mute": ("music.mute", [None, ["bass"]]),
    "a guess before the piece": ("music_guessing.guess", [None, "Bach"]),
    "music without an end": ("music.compose", [1, 10**6, *MUSIC[2:]]),
}


def first(said):
    return said[0] if isinstance(said, tuple) else said


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_a_message(functions, case):
    name, inputs = BAD[case]
    said = first(functions[name](*inputs))
    assert said.startswith('<p class="message" role="alert">')
    assert len(said) < 400


FILES = {
    "text.wav": b"this is no sound",
    "empty.wav": b"",
    "cut.wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_sound_gets_a_message_without_its_folder(
    functions, tmp_path, name
):
    path = tmp_path / name
    path.write_bytes(FILES[name])
    said = functions["digits.answer"](str(path), "one digit")
    assert 'role="alert"' in said and name in said and str(tmp_path) not in said


def test_a_file_of_more_than_20_mb_gets_a_message(functions, tmp_path):
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.truncate(21 * 2**20)
    said = functions["digits.answer"](str(path), "one digit")
    assert "A file may have 20 MB. This has 21 MB." in said


def test_a_recording_of_a_minute_gets_a_message(functions, tmp_path):
    from gru_apps.encoding import sound_files

    sound_files.write_wav(tmp_path / "long.wav", [0.1] * 8000 * 60, 8000)
    said = functions["digits.answer"](str(tmp_path / "long.wav"), "several digits")
    assert "A recording may last 30 seconds. It lasts 60." in said


def test_a_history_that_is_no_csv_gets_a_message(functions, tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("hour,cars\n1,2\n")
    said = functions["traffic.answer_file"](str(path))
    assert 'role="alert"' in said and "timestamp" in said


def test_a_midi_file_that_is_none_gets_a_message(functions, tmp_path):
    path = tmp_path / "song.mid"
    path.write_bytes(b"la la la")
    said = functions["music.go_on_from_file"](str(path), *MUSIC)[0]
    assert 'role="alert"' in said and "is not a MIDI file" in said
