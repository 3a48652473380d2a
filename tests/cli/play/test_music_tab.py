"""The tab of music, with the model that ships and without."""

import json

import numpy as np
import pytest

pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")

ALL = ["soprano", "alto", "tenor", "bass"]
NOTES = json.dumps({"notes": [[60, 4], [62, 4], [0, 4], [64, 8]]})


@pytest.fixture
def small(folder, tmp_path):
    """The buttons of the tab, with a small model that finds a note of 40."""
    import shutil

    from gru_apps.cli.play import asking, music

    shutil.copytree(folder / "chorale", tmp_path / "music")
    return music._Asked(asking.Models(tmp_path))


def test_a_button_asks_with_what_was_chosen(small):
    said, (pitches, starts) = small.compose(1, 1, "G minor", 3, ALL)
    assert '<p class="answer">G minor</p>' in said
    assert pitches.tolist() == [[63] * 4] * 16 and starts.all()  # 60 and the seed
    assert "note muted" in small.mute((pitches, starts), ["bass"])


def test_other_voices_are_found_to_notes_and_gone_on_from(small, tmp_path):
    from gru_apps.applications.music import midi

    said, (pitches, starts) = small.harmonize(NOTES, 1, 1, "any key", 0, ALL)
    assert pitches[0].tolist() == [60, 40, 40, 40] and len(pitches) == 20
    said, (pitches, starts) = small.go_on(NOTES, 1, 1, "any key", 0, ALL)
    assert len(pitches) == 20 + 16 and "data:audio/midi" in said
    midi.write_midi(tmp_path / "song.mid", pitches, starts)
    path = str(tmp_path / "song.mid")
    said, (pitches, _) = small.go_on_from_file(path, 1, 2, "any key", 0, ALL)
    assert len(pitches) == 36 + 32


def test_a_melody_is_written_as_one_part(tmp_path):
    from gru_apps.applications.music import midi
    from gru_apps.cli.play import music

    notes = music.notes_of(NOTES)
    pitches, starts = midi.read_parts(music.melody_file(str(tmp_path), notes))
    assert pitches[:, 0].tolist() == [60] * 4 + [62] * 4 + [0] * 4 + [64] * 8
    assert np.flatnonzero(starts).tolist() == [0, 4, 8, 12]


def test_a_score_is_drawn_heard_and_saved():
    from gru_apps.cli.play import music

    pitches, starts = np.full((16, 4), 60), np.eye(16, 4, dtype=bool)
    starts[0] = True
    said = music.shown((pitches, starts), ALL)
    assert said.count("<title>") == 7  # notes
    assert "data:audio/wav" in said and 'download="chorale.mid"' in said


def test_a_muted_voice_is_hollow_and_not_heard():
    from gru_apps.cli.play import music

    score = np.full((16, 4), 60), np.ones((16, 4), bool)
    whole, without = music.shown(score, ALL), music.shown(score, ALL[:3])
    assert "note muted" not in whole and without.count("note muted") == 17
    silent = music.shown(score, [])
    assert len({whole, without, silent}) == 3


def test_compose_answers_as_the_command_line(functions, predict):
    said, score = functions["music.compose"](1, 1, "any key", 3, ALL)
    asked = predict("music", "--steps", 16, "--seed", 3, "--temperature", 1)
    assert asked["key"] in said
    for part, name in zip(score, ("pitches", "starts"), strict=True):
        assert part.tolist() == asked[name]


def test_every_tune_gets_three_voices_and_keeps_its_own(functions):
    from gru_apps.cli.play import editors
    from gru_apps.cli.play import music as tab

    for tune in tab.TUNES.values():
        value = editors.as_value(tune, "notes")
        said, (pitches, _) = functions["music.harmonize"](
            value, 1, 1, "any key", 0, ALL
        )
        sung = [pitch for pitch, length in tune for _ in range(length)]
        assert pitches[: len(sung), 0].tolist() == sung
        assert (pitches[:, 1:] > 0).any(axis=0).all()


def test_notes_are_gone_on_from(functions):
    said, (pitches, _) = functions["music.go_on"](NOTES, 1, 1, "any key", 0, ALL)
    assert len(pitches) == 20 + 16 and pitches[0, 0] == 60


def test_a_guess_is_counted_once():
    from gru_apps.cli.play import music_guessing

    kept = music_guessing.START | {"by": "Bach"}
    kept = music_guessing.judged(kept, "Bach")
    assert (kept["right"], kept["guessed"]) == (1, 1)
    said, same = music_guessing._Asked(None).guess(kept, "Bach")
    assert 'role="alert"' in said and same == kept
    said, kept = music_guessing._Asked(None).guess(kept | {"by": "Bach"}, "the GRU")
    assert (kept["right"], kept["guessed"]) == (1, 2) and "1 of 2 right" in said


@pytest.mark.corpus
def test_both_bach_and_the_gru_are_dealt(models):
    import random

    from gru_apps.cli.play import music_guessing

    pieces = [music_guessing.dealt(models, random.Random(n)) for n in range(4)]
    assert {piece["by"] for piece in pieces} == {"Bach", "the GRU"}
    assert all(len(piece["pitches"]) == 96 for piece in pieces)
