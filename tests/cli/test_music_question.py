import json

import numpy as np

from gru_apps.applications import music
from gru_apps.encoding import wav


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
    assert np.abs(wav.read_wav(tmp_path / "out.wav")[0]).max() > 0.5


def test_what_music_cannot_be_made_of_is_said(ask, tmp_path):
    assert (
        "`steps` must be 0 or more. Received: -1"
        in ask("chorale", "--steps=-1", fails=True)[0]
    )
    assert "--out" in ask("chorale", "--out=song.mp3", fails=True)[0]
    assert "INPUT" in ask("chorale", "a text", fails=True)[0]
    assert "none.mid" in ask("chorale", "--primer=none.mid", fails=True)[0]
