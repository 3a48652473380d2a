import numpy as np
import pytest
from asking import TEXTS, answer, ask, metrics, split_for_test


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(tmp_path):
    figures = metrics("translation")
    import sacrebleu

    rows = sorted(split_for_test("tatoeba_zh_en"), key=lambda row: len(row["zh"]))
    parts = np.array_split(np.array([row["zh"] for row in rows]), 40)
    answers = ask("translation", parts, "serving_default", "translation", tmp_path)
    answers = [text.decode() for part in answers for text in part]
    references = [row["en"].decode() for row in rows]
    bleu = sacrebleu.corpus_bleu(answers, [references]).score
    assert bleu == pytest.approx(figures["test_bleu_beam"], abs=0.5)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("translation")
    bounds = [
        (19, m["test_bleu_beam"]),
        (m["baseline_nearest_bleu"] + 7, m["test_bleu_beam"]),
    ]
    assert not [(less, more) for less, more in bounds if less > more]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_gets_an_answer(text):
    said = answer("translation", text=[text])
    assert np.isfinite(said["score"]).all()
    assert len(said["translation"][0].decode()) < 500
    assert text not in ("", " ") or said["translation"][0] == b""
