import pytest

from gru_apps.cli import recordings


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ({"digit": 4, "reason": ""}, "4  0.900  a b.wav"),
        ({"digit": 4}, "4  0.900  a b.wav"),
        ({"digit": -1, "reason": "nobody spoke"}, "nobody spoke  0.900  a b.wav"),
        ({"digits": "1 2"}, "1 2  0.900  a b.wav"),
    ],
)
def test_a_line_says_what_was_heard_or_why_it_is_no_digit(answer, line):
    asked = {"probability": 0.9, "path": "a\nb.wav"}
    assert recordings.line(answer | asked) == line


def test_a_recording_of_too_few_samples_a_second_is_refused(ask, recording):
    slow, right = recording("slow.wav", 3, 4000), recording("right.wav", 3, 8000)
    said, why = ask("digits", slow, right, fails=True, both=True)
    assert "must have at least 8000 samples a second. Received: 4000" in why[0]
    assert len(said) == 1 and said[0].endswith("right.wav")
