"""The tab of translation, against the command line."""

import html
import json

import numpy as np
import pytest

pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")


def test_every_example_is_answered_as_by_the_command_line(functions, predict):
    from gru_apps.cli.play import drawings, translation

    asked = predict("translation", *translation.EXAMPLES)
    for text, answer in zip(translation.EXAMPLES, asked, strict=True):
        said, table, several = functions["translation.answer"](text)
        translated = drawings.escaped(answer["translation"])
        assert f'<p class="answer">{translated}</p>' in said
        assert "svg" in table and "svg" in several


def test_each_word_says_what_it_looked_at(functions, models):
    text = "他昨天去了北京。"
    (answer,) = models.answers("translation", [text], attention=True)
    said, _, _ = functions["translation.answer"](text)
    weights = json.loads(html.unescape(said.split('data-weights="')[1].split('"')[0]))
    assert weights == answer["weights"]
    np.testing.assert_allclose(np.sum(weights, axis=1), 1, atol=0.02)
    assert said.count("token source") == len(answer["source_tokens"])
    assert said.count("token target") == len(answer["target_tokens"])


def test_a_text_of_many_sentences_says_that_the_first_are_shown(functions):
    said, _, _ = functions["translation.answer"]("他去了北京。" * 12)
    assert "first sentences alone" in said


def test_the_first_of_the_five_best_is_the_translation(functions, models):
    text = "我喜欢看书。"
    (answer,) = models.answers("translation", [text])
    _, _, several = functions["translation.answer"](text)
    first, *others = several.split(" a token")
    assert len(others) == 5 and first.endswith(f"{answer['score']:.2f}")


def test_characters_have_a_reading_and_others_none():
    from gru_apps.cli.play import translation

    assert translation.pinyin_of(["北", "京", "。", "A"]) == ["běi", "jīng", "", ""]


def test_glosses_stand_at_tokens_of_any_length():
    from gru_apps.cli.play import translation

    tokens = ["昨", "天", "汤姆", "来", "A", "。"]
    assert translation.glosses_of(tokens) == ["yesterday", "", "Tom", "", "", ""]


def test_the_tree_has_a_branch_for_each_word_in_which_they_part():
    from gru_apps.cli.play import translation

    found = [("he went home", -0.5), ("he came home", -0.9), ("she left", -2.0)]
    drawn = translation.beam_tree(found)
    words = [word.split("<")[0] for word in drawn.split('class="">')[1:]]
    assert sorted(words) == sorted(
        ["he", "went", "home", "came", "home", "she", "left"]
    )
    assert drawn.count("<path") == 5
