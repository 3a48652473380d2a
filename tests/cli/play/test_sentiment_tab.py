"""The tab of sentiment, against the command line."""

import pytest

pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")


def test_every_example_is_answered_as_by_the_command_line(models, functions, predict):
    from gru_apps.cli.play import sentiment

    texts = [text for pair in sentiment.EXAMPLES for text in pair]
    for text, asked in zip(texts, predict("sentiment", *texts), strict=True):
        said = sentiment.read(models, text)
        # in a batch, the last bits of a float may be others
        assert said["label"] == asked["label"]
        assert said["score"] == pytest.approx(asked["score"], rel=1e-4)
        shown = functions["sentiment.answer"](text)
        assert f"{asked['label']} ({asked['probability']:.0%} sure)" in shown


def test_the_last_score_is_that_of_the_whole_text(models):
    from gru_apps.cli.play import sentiment

    said = sentiment.read(models, "It starts well, but the ending is a mess.")
    assert said["tokens"][:2] == ["it", "starts"]
    assert len(said["scores"]) == len(said["tokens"]) == 11
    assert said["scores"][-1] == pytest.approx(said["score"], abs=1e-4)


def test_gates_stand_under_all_words_and_depend_on_them(models):
    from gru_apps.cli.play import sentiment

    one, other = (
        sentiment.update_gates(models, ["a", word, "film"]) for word in ("bad", "good")
    )
    assert one.shape == other.shape and len(one) == 3
    assert abs(one[0] - other[0]).max() < 1e-6 < abs(one[1] - other[1]).max()


def test_an_example_fills_both_fields_and_is_answered_side_by_side(built, functions):
    from gru_apps.cli.play import sentiment

    pair, answer = sentiment.EXAMPLES[1], functions["sentiment.answer"]
    called = [each.fn for each in built.fns.values()]
    (click,) = (f for f in called if getattr(f, "__defaults__", None) == (pair,))
    assert click() == (*pair, *map(answer, pair))
    assert answer(pair[0]) != answer(pair[1])


def test_what_was_typed_is_shown_as_text(functions):
    assert "<img" not in functions["sentiment.answer"]('a <img src="x"> film')
