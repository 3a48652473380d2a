import numpy as np
import pytest
from asking import TEXTS, answer, ask, metrics, split_for_test

from gru_apps.applications.translation import phrases, trials

TRIALS = {"numbers": trials.numbered_sentences(), "names": trials.named_sentences()}
PAIRS = {
    "我們試試看！": "我们试试看！",
    "請問銀行在哪裡？": "请问银行在哪里？",
    "湯姆說他25歲。": "汤姆说他25岁。",
    "妳喜歡這個東西嗎？": "你喜欢这个东西吗？",
}
NOT_CHINESE = {
    "": "the text is empty",
    " \t": "the text is empty",
    "Where is the bank?": "there are no Chinese characters",
    "Где банк?": "there are no Chinese characters",
    "ภาษาไทย": "there are no Chinese characters",
    "2024": "there are no Chinese characters",
    "これは日本語の文です。": "most of the text is not Chinese",
}


def translate(texts):
    return [text.decode() for text in answer("translation", text=texts)["translation"]]


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
    long = [n for n, row in enumerate(rows) if len(row["zh"].decode()) >= 16]
    part = [[lines[n] for n in long] for lines in (answers, references)]
    bleu = sacrebleu.corpus_bleu(part[0], [part[1]]).score
    assert bleu == pytest.approx(figures["test_bleu_from_16_characters"], abs=0.5)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("translation")
    bounds = [
        (23, m["test_bleu_beam"]),
        (12, m["test_bleu_from_16_characters"]),
        (m["baseline_nearest_bleu"] + 10, m["test_bleu_beam"]),
    ]
    assert not [(less, more) for less, more in bounds if less > more]


@pytest.mark.parametrize(("kind", "least"), [("numbers", 0.95), ("names", 0.7)])
def test_numbers_and_names_stand_in_their_translations(kind, least):
    share = trials.share_held(translate([zh for zh, _ in TRIALS[kind]]), TRIALS[kind])
    assert share == pytest.approx(metrics("translation")[f"{kind}_right"], abs=0.01)
    assert share >= least


def test_a_number_that_is_lost_is_said_to_be():
    said = answer("translation", text=[zh for zh, _ in TRIALS["numbers"]])
    pairs = zip(said["translation"], said["reason"], TRIALS["numbers"], strict=True)
    silent = [
        zh
        for text, reason, (zh, ways) in pairs
        if not reason and not trials.holds(text.decode(), ways)
    ]
    assert silent == []


def test_everyday_phrases_are_right():
    share = phrases.share_right(list(phrases.PHRASES), translate(list(phrases.PHRASES)))
    assert share == pytest.approx(metrics("translation")["phrases_right"], abs=0.01)
    assert share >= 0.7


def test_both_writings_get_one_answer():
    assert translate(list(PAIRS)) == translate(list(PAIRS.values()))


def test_sentences_in_a_row_are_translated_one_by_one_in_their_order():
    sentences = ["你好吗？", "我們試試看！", "他25岁。", "“我不知道。”", "Tom在哪里？"]
    alone = translate(sentences)
    assert all(alone)
    assert translate(["".join(sentences)]) == [" ".join(alone)]
    assert translate(["\n".join(sentences[:2])]) == [" ".join(alone[:2])]


@pytest.mark.parametrize(("text", "reason"), NOT_CHINESE.items())
def test_what_is_not_chinese_gets_a_reason_and_no_translation(text, reason):
    said = answer("translation", text=[text, "你好吗？"])
    assert said["translation"][0] == b"" and said["translation"][1] != b""
    assert said["reason"].tolist() == [reason.encode(), b""]


def test_the_score_tells_good_translations_from_bad():
    good = answer("translation", text=["你好吗？", "我爱你。", "他是学生。"])["score"]
    bad = answer("translation", text=["瞢焉侘傺之乎也", "叆叇氤氲醍醐饕餮"])["score"]
    assert good.min() > bad.max() + 0.3


def test_the_beam_and_attention_agree_with_the_answer():
    text = ["我不知道。他25岁。", ""]
    said = answer("translation", text=text)
    beam = answer("translation", "beam", text=text)
    seen = answer("translation", "attention", text=text)
    np.testing.assert_array_equal(beam["translations"][:, 0], said["translation"])
    np.testing.assert_array_equal(seen["translation"], said["translation"])
    assert b"25" in seen["source_tokens"][0] and b" 25" in seen["target_tokens"][0]
    written = seen["target_tokens"][0] != b""
    np.testing.assert_allclose(seen["weights"][0].sum(-1), written, atol=1e-4)
    assert not seen["weights"][1].any()


@pytest.mark.parametrize("text", [*TEXTS.values(), "好" * 100_000])
def test_any_text_gets_an_answer_or_a_reason(text):
    said = answer("translation", text=[text])
    assert np.isfinite(said["score"]).all()
    # 4,000 characters are read, and each makes two tokens at most
    assert len(said["translation"][0].decode()) < 80_000
    assert (said["translation"][0] == b"") <= (said["reason"][0] != b"")


def test_no_texts_get_no_answers():
    assert len(answer("translation", text=np.array([], object))["translation"]) == 0
