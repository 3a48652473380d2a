"""The tab of digits, against the command line."""

import re

import numpy as np
import pytest

pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")


@pytest.mark.corpus
@pytest.mark.parametrize("rate", [8000, 44100])
def test_a_recording_is_answered_as_by_the_command_line(
    functions, predict, whispered, rate
):
    path = whispered(3, 1, 4, rate=rate)
    said = functions["digits.answer"](str(path), "several digits")
    asked = predict("recognition", path)
    assert asked["digits"]
    expected = f"{asked['digits']} ({asked['probability']:.0%} sure)"
    assert f'<p class="answer">{expected}</p>' in said


@pytest.mark.corpus
def test_one_digit_is_answered_as_by_the_command_line(functions, predict, whispered):
    path = whispered(7)
    said = functions["digits.answer"](str(path), "one digit")
    asked = predict("speech", path)
    heard = asked.get("reason") or asked["digit"]
    assert f'<p class="answer">{heard} ({asked["probability"]:.0%} sure)' in said


@pytest.mark.corpus
def test_every_example_is_answered_with_its_sound_frames_and_path(functions):
    said, cleared = functions["digits.whispered"]("several digits")
    assert cleared is None
    assert "data:audio/wav" in said and "data:image/png" in said
    assert 'class="reading"' in said
    assert said.count("<circle") > 40


@pytest.mark.corpus
def test_frame_by_frame_is_what_the_step_says_of_each_frame(models, whispered):
    from gru_apps.cli.play import digits, sounds

    frames = sounds.frames_of(sounds.read(str(whispered(3, 1, 4))))
    steps = digits.frame_by_frame(models, "recognition", frames)
    assert len(steps) == len(frames)
    again = digits.frame_by_frame(models, "recognition", frames[:30])
    assert [s["digit"] for s in again] == [s["digit"] for s in steps[:30]]
    heard = [step["digit"] for step in steps if step["digit"]]
    assert {"3", "1", "4"} & {*heard}


def test_silence_is_no_digit(functions, tmp_path):
    from gru_apps.encoding import sound_files

    sound_files.write_wav(tmp_path / "quiet.wav", [0.0] * 8000, 8000)
    said = functions["digits.answer"](str(tmp_path / "quiet.wav"), "several digits")
    assert re.search('<p class="answer">(no digit|nobody spoke) ', said)


def test_an_offset_of_the_sound_card_is_no_part_of_the_frames(tmp_path):
    from gru_apps.cli.play import sounds
    from gru_apps.encoding import sound_files

    clip = 0.3 * np.sin(np.arange(16000) / 5)
    for name, offset in [("plain", 0.0), ("offset", 0.2)]:
        padded = np.pad(clip + offset, [0, 8000])
        sound_files.write_wav(tmp_path / f"{name}.wav", padded, 16000)
    plain, offset = (
        sounds.read(str(tmp_path / f"{n}.wav")) for n in ("plain", "offset")
    )
    assert len(plain) == 8000
    np.testing.assert_allclose(plain, offset, atol=1e-3)
