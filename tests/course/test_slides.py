"""The deck: a page that stands alone, with a slide for all that is to be shown."""

import re

import nbformat

from gru_apps.course import slides

PNG = "iVBORw0KGgo="


def test_a_deck_has_title_diagrams_figures_and_recap(tmp_path):
    (tmp_path / "a.svg").write_text(
        '<svg xmlns="x"><marker id="ink"/><path marker-end="url(#ink)"/></svg>'
    )
    new = nbformat.v4
    shown = new.new_output("display_data", data={"image/png": PNG})
    notebook = new.new_notebook(
        cells=[
            new.new_markdown_cell("# Title & more\n\nYou can\n\n- see `x < y`"),
            new.new_markdown_cell("## Model\n\n![a box in words](figures/a.svg)"),
            new.new_code_cell("plot()", outputs=[shown]),
            new.new_markdown_cell("## Recap\n\n- one\n- [two](b.ipynb)"),
        ]
    )
    deck = slides.make_deck([notebook, notebook], tmp_path)
    assert deck.count("<section>") == 8
    assert "Title &amp; more" in deck and "<code>x &lt; y</code>" in deck
    assert f"base64,{PNG}" in deck and 'aria-label="a box in words"' in deck
    assert "<li>two</li>" in deck
    assert 'id="a-ink"' in deck and "url(#a-ink)" in deck
    assert not re.search(r'(?:src|href)="(?!data:)', deck)  # it needs no network


def test_items_of_several_lines_are_whole_and_a_title_without_a_list_has_words(
    tmp_path,
):
    new = nbformat.v4
    notebook = new.new_notebook(
        cells=[
            new.new_markdown_cell("# Title\n\nYou see\nit.\n\n**Know beforehand:** no"),
            new.new_markdown_cell(
                "## Recap\n\n1. one\n   more\n2. two\nlines\n\nYou can"
            ),
        ]
    )
    deck = slides.make_deck([notebook], tmp_path)
    assert "<h1>Title</h1><p>You see it.</p>" in deck
    assert "<ul><li>one more</li><li>two lines</li></ul>" in deck
