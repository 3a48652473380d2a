"""The page as a whole: its tabs, its words, what it refuses."""

import importlib
import re

import pytest

from gru_apps.cli.play import lessons, limits

gr = pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")

TABS = ["One unit", "Sentiment", "Translation", "Digits"]
TABS += ["Music", "Language", "Traffic", "Your own model"]


def components(built, kind):
    return [block for block in built.blocks.values() if isinstance(block, kind)]


def test_there_is_a_tab_for_each_network_one_unit_and_your_own(built):
    assert [tab.label for tab in components(built, gr.Tab)] == TABS


def test_each_tab_says_what_to_try_in_two_sentences(built):
    said = [html.value for html in components(built, gr.HTML)]
    tries = re.findall('<p class="try">(.*?)</p>', " ".join(map(str, said)))
    assert len(tries) == len(TABS)
    for text in tries:
        text = text.replace(".keras", "keras")
        assert len(re.findall(r"[.](?= [A-Z]|$)", text)) == 2, text


def test_the_sections_that_explain_a_tab_are_in_the_notebooks(built):
    said = " ".join(str(html.value) for html in components(built, gr.HTML))
    links = re.findall(r'href="notebooks/([\w]+)\.html#cell-id=([\w-]+)"', said)
    assert len(links) == said.count("Explained in") >= len(TABS)
    for notebook, cell in links:
        page = lessons.as_page(notebook) if notebook.startswith("00a") else None
        assert page is None or f'id="cell-id={cell}"' in page


def test_a_notebook_as_a_page_asks_no_other_server():
    page = lessons.as_page("07_time_series")
    loads = re.findall(r'(?:src|href)="(https?:[^"]+)"', page)
    assert not [a for a in loads if re.search(r"\.(js|css|woff2?)\b", a)]
    assert lessons.as_page("../pyproject") is None


def test_every_field_has_a_label(built):
    kinds = (gr.Textbox, gr.Slider, gr.Number, gr.Dropdown, gr.Radio, gr.File, gr.Audio)
    fields = components(built, kinds)
    assert len(fields) > 20
    assert all(field.label for field in fields)


def test_nothing_is_offered_to_programs(built):
    assert {each.api_visibility for each in built.fns.values()} <= {"private"}


def test_pictures_say_what_they_show_and_escape_what_was_typed():
    from gru_apps.cli.play import drawings

    part = drawings.text(0, 0, "<script>")
    made = drawings.picture(10, 10, [part], 'a "small" <b>')
    assert made.count('aria-label="a &quot;small&quot; &lt;b&gt;"') == 2
    assert "<script>" not in made


def test_a_mistake_of_the_program_is_not_hidden():
    @limits.answered(2)
    def wrong():
        return {}["nothing"]

    with pytest.raises(KeyError):
        wrong()


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_letters_have_a_contrast_of_seven_to_one_on_white():
    from gru_apps.cli.play import page

    css = (page.FOLDER / "page.css").read_text("utf-8")
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", css)
    letters = [
        (rule, colour)
        for rule, body in rules
        for colour in re.findall(r"(?:^|;)\s*color: (#\w+)", body)
        if "dark" not in rule and "chosen" not in rule
    ]
    letters += re.findall(
        r'("\w+_color\w*"): "(#\w+)"', page.__loader__.get_data(page.__file__).decode()
    )
    assert len(letters) > 6
    for rule, colour in letters:
        assert 1.05 / (luminance(colour) + 0.05) >= 7, (rule, colour)


def test_without_gradio_one_line_says_how_to_get_it(monkeypatch, tmp_path, capsys):
    import sys

    from gru_apps.__main__ import main

    monkeypatch.setitem(sys.modules, "gradio", None)
    assert main(["play", "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and 'pip install ".[play]"' in said


def test_a_port_that_is_none_is_refused(capsys):
    from gru_apps.__main__ import main

    assert main(["play", "--port", "70000"]) == 2
    assert "--port must be 1 to 65535" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_in_one_line(capsys):
    import socket

    from gru_apps.__main__ import main

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["play", "--port", str(port), "--no-browser"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"port {port}" in said and "--port" in said


def test_every_module_of_the_page_can_be_imported():
    from gru_apps.cli.play import page

    assert all(importlib.import_module(module).build for module in page.TABS.values())
