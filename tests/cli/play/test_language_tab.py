"""The tab of language, against the command line."""

import html
import re

import pytest

pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")


def test_every_example_has_bars_and_bits(functions):
    from gru_apps.cli.play import language

    for text in language.EXAMPLES:
        bars, bits = functions["language.look"](text, 1, 1)
        assert bars.count('class="row"') == language.SHOWN
        assert " bits, " in bits


def test_what_goes_on_is_what_the_command_line_writes(functions, predict):
    options = ["--temperature", 0.8, "--top-p", 0.9, "--length", 40, "--seed", 7]
    asked = predict("language", "My fellow", *options)
    said, bits = functions["language.go_on"]("My fellow", 0.8, 0.9, 40, 7)
    assert said == f'<p class="answer">{html.escape(asked["generated"])}</p>'
    tokens = re.findall(r"<span style=[^>]*>(.*?)</span><small>", bits)
    assert html.unescape("".join(tokens)).replace("⏎", "\n") == asked["generated"]


def test_bars_are_what_is_drawn_under_temperature_and_nucleus(models):
    from gru_apps.cli.play import language

    plain = language.next_tokens(models, "My fellow", 1, 1)
    assert all(p == pytest.approx(share, abs=1e-5) for _, p, share in plain)
    assert plain[0][0] == " Americans"
    cold = language.next_tokens(models, "My fellow", 0, 1)
    assert [share for *_, share in cold][:2] == [1, 0]
    half = language.next_tokens(models, "My fellow", 1, 0.05)
    assert sum(share for *_, share in half) == pytest.approx(1)
    warm = language.next_tokens(models, "My fellow", 2, 1)
    assert warm[0][2] < plain[0][2]


def test_the_bits_shown_are_those_of_the_text(models):
    import tensorflow as tf

    from gru_apps.cli.play import language

    text = "My fellow citizens, the House."
    scored = models.signature("language", "score")(text=tf.constant([text]))
    shown = language.coloured(models, text)
    assert f"{scored['bits'].numpy()[0]:.1f} bits, " in shown
