import numpy as np
import pytest
from asking import TEXTS, answer, ask, metrics, split_for_test


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(tmp_path):
    figures = metrics("sentiment")
    rows = split_for_test("movie_snippets")
    texts = np.array([row["text"] for row in rows])
    scores = ask("sentiment", [texts], "serving_default", "score", tmp_path)[0]
    accuracy = np.mean((scores > 0.5) == [row["label"] for row in rows])
    assert accuracy == pytest.approx(figures["test_accuracy"], abs=0.002)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("sentiment")
    bounds = [
        (0.82, m["test_accuracy"]),
        (m["test_accuracy_baseline_bigrams"], m["test_accuracy"]),
    ]
    assert not [(less, more) for less, more in bounds if less > more]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_gets_an_answer(text):
    said = answer("sentiment", text=[text])
    assert 0 <= said["score"][0] <= 1 and np.isfinite(said["probability"]).all()
    assert said["label"][0] in (b"negative", b"positive")
