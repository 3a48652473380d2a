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
