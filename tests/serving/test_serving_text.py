import time

import numpy as np
import pytest
import tensorflow as tf

from gru_apps import models, serving
from gru_apps.encoding import text
from gru_apps.serving import export
from gru_apps.serving import text as text_module

TEXTS = tf.constant(["a b c", "c", "never seen, b"])
LABELS = ["negative", "positive"]


@pytest.fixture(scope="module")
def classifier():
    tokenizer = text.Tokenizer(list("abc,"), split="words")
    model = models.build_text_classifier(8, 2, embedding_dim=4, units=4)
    return model, tokenizer


@pytest.fixture(scope="module")
def saved(classifier, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "sentiment" / "1"
    export.export_saved_model(
        path,
        serving.classify_text(*classifier, LABELS),
        tracked=list(classifier),
        manifest={},
        examples={"serving_default": {"text": TEXTS}},
    )
    return tf.saved_model.load(str(path)).signatures


def test_the_score_is_the_probability_of_the_second_label(classifier, saved):
    model, tokenizer = classifier
    expected = tf.nn.softmax(model(tokenizer(TEXTS).to_tensor())).numpy()
    answer = saved["serving_default"](text=TEXTS)
    np.testing.assert_allclose(answer["score"], expected[:, 1], rtol=1e-4)
    np.testing.assert_allclose(answer["probability"], expected.max(1), rtol=1e-4)
    labels = [LABELS[index].encode() for index in expected.argmax(1)]
    assert answer["label"].numpy().tolist() == labels


def test_a_text_alone_is_answered_as_in_a_batch(saved):
    together = saved["serving_default"](text=TEXTS)["score"]
    for index in range(3):
        alone = saved["serving_default"](text=TEXTS[index : index + 1])["score"]
        np.testing.assert_allclose(alone[0], together[index], rtol=1e-4)


def test_reading_scores_each_beginning_as_a_text_of_its_own(saved):
    read = saved["reading"](text=TEXTS)
    beginnings = tf.constant(["a", "a b", "a b c"])
    scores = saved["serving_default"](text=beginnings)["score"]
    np.testing.assert_allclose(read["scores"][0, :3], scores, rtol=1e-4)
    assert read["tokens"].numpy()[0].tolist() == [b"a", b"b", b"c", b""]
    assert not read["scores"].numpy()[1, 1:].any()


def test_reading_a_text_costs_no_more_memory_in_a_batch():
    read = []

    def model(ids, training):
        read.append(ids.shape)
        return tf.zeros([ids.shape[0], 2])

    tokenizer = text.Tokenizer(list("abc"), split="words")
    reading = serving.classify_text(model, tokenizer, LABELS)["reading"]
    tf.config.run_functions_eagerly(True)
    try:
        scores = reading(tf.constant(["a b c", "", "b", "c a"]))["scores"]
    finally:
        tf.config.run_functions_eagerly(False)
    assert read == [(3, 3), (0, 1), (1, 1), (2, 2)]
    np.testing.assert_array_equal(np.count_nonzero(scores, axis=1), [3, 0, 1, 2])


def test_reading_in_a_batch_is_reading_one_by_one(saved):
    texts = tf.constant(["a b c", "", "c", "never seen, b", "b " * 30])
    together = saved["reading"](text=texts)
    assert together["scores"].shape == together["tokens"].shape == (5, 30)
    for index in range(5):
        alone = saved["reading"](text=texts[index : index + 1])
        length = alone["scores"].shape[1]
        np.testing.assert_allclose(
            alone["scores"][0], together["scores"][index, :length], rtol=1e-4
        )
        assert not together["scores"].numpy()[index, length:].any()


@pytest.mark.parametrize(
    "bad", ["", " ", "ภาษาไทย", b"\xff\xfe", "a" * 100_000, "a " * 50_000]
)
def test_any_text_has_an_answer_in_seconds(saved, bad):
    start = time.monotonic()
    answer = saved["serving_default"](text=tf.constant([bad]))
    read = saved["reading"](text=tf.constant([bad]))
    assert time.monotonic() - start < 10
    assert answer["label"].numpy()[0].decode() in LABELS
    assert 0 < answer["score"] < 1
    assert np.isfinite(read["scores"]).all()


def test_no_texts_have_no_labels(saved):
    none = tf.constant([], tf.string)
    assert saved["serving_default"](text=none)["label"].shape == (0,)
    read = saved["reading"](text=none)
    assert read["scores"].shape == read["tokens"].shape == (0, 1)


def test_a_long_text_beside_short_ones_is_answered(saved):
    texts = tf.constant(["a " * 4000, *["b"] * 199])
    assert saved["serving_default"](text=texts)["score"].shape == (200,)


def test_a_batch_of_too_many_tokens_is_refused(saved):
    texts = tf.constant(["a " * 5000] * 140)
    with pytest.raises(tf.errors.InvalidArgumentError, match="ask long texts by them"):
        saved["serving_default"](text=texts)


VIEWS = ["negative", "no opinion", "positive"]
SAID = tf.constant([[0.0] * 3] * 4 + [[0, -3, 2], [1, -1, 0], [-1, 5, 0.0], [9, 0, 0]])


def first_letter(ids, training):
    """A model whose logits are those of the first letter of the alphabet in a row."""
    letter = tf.reduce_min(tf.where(ids > 1, ids, 8), axis=1)
    return tf.gather(SAID, letter % 8)


@pytest.fixture(scope="module")
def views():
    tokenizer = text.Tokenizer([*"abc", "<bad>"], split="words")
    return serving.classify_text(first_letter, tokenizer, VIEWS, kinds=["bad"])


def softmax(letter, temperature=1.0):
    return tf.nn.softmax(SAID[4 + "abc".index(letter)] / temperature).numpy()


def test_of_one_sentence_the_probabilities_are_those_of_the_model(views):
    answer = views["serving_default"](tf.constant(["a", "b", "c"]))
    p = np.stack([softmax(letter) for letter in "abc"])
    np.testing.assert_allclose(answer["probability"], p.max(axis=1), rtol=1e-5)
    np.testing.assert_allclose(answer["score"], p[:, 2] + p[:, 1] / 2, rtol=1e-5)
    labels = [b"positive", b"negative", b"no opinion"]
    assert answer["label"].numpy().tolist() == labels


def test_a_temperature_makes_answers_less_sure():
    tokenizer = text.Tokenizer(list("abc"), split="words")
    ask = serving.classify_text(first_letter, tokenizer, VIEWS, temperature=2.0)
    answer = ask["serving_default"](tf.constant(["a"]))
    np.testing.assert_allclose(answer["probability"], softmax("a", 2)[2], rtol=1e-5)


@pytest.mark.parametrize("nothing", ["", " ", "zz", "ภาษาไทย", b"\xff\xfe"])
def test_where_nothing_is_known_there_is_no_opinion(views, nothing):
    answer = views["serving_default"](tf.constant([nothing, "a"]))
    assert answer["label"].numpy().tolist() == [b"no opinion", b"positive"]
    np.testing.assert_allclose(answer["probability"][0], 1)
    np.testing.assert_allclose(answer["score"][0], 0.5)
    alone = views["serving_default"](tf.constant([nothing]))
    np.testing.assert_allclose(alone["score"], 0.5)


def test_sentences_count_as_much_as_they_have_an_opinion(views):
    answer = views["serving_default"](tf.constant(["a. b. c. b.", "c! c"]))
    opinion = np.array([1 - softmax(letter)[1] for letter in "abcb"])
    odds = np.average([2, -1, 1, -1], weights=opinion)
    expected = opinion.max() / (1 + np.exp(-odds)) + (1 - opinion.max()) / 2
    np.testing.assert_allclose(answer["score"][0], expected, rtol=1e-5)
    assert answer["label"].numpy()[1] == b"no opinion"


def test_a_text_is_read_up_to_its_4000th_token(views):
    ask = views["serving_default"]
    texts = ["c " * 3999 + "a", "c " * 4000 + "a", "c. " * 2000 + "a"]
    labels = ask(tf.constant(texts))["label"].numpy().tolist()
    assert labels == [b"positive", b"no opinion", b"no opinion"]


def test_a_kind_stands_before_each_sentence():
    tokenizer = text.Tokenizer([*"abc", "<bad>"], split="words")

    def first(ids, training):
        return tf.gather(SAID, ids[:, 0])

    ask = serving.classify_text(first, tokenizer, VIEWS, kinds=["bad"])
    texts, kinds = tf.constant(["a. c.", "a"]), tf.constant(["bad", ""])
    labels = ask["of_kind"](texts, kinds)["label"].numpy().tolist()
    assert labels == [b"negative", b"positive"]
    score = ask["of_kind"](texts[1:], kinds[1:])["score"]
    np.testing.assert_allclose(score, ask["serving_default"](texts[1:])["score"])
    assert tokenizer(["<bad>"]).to_list() == [[1, 1, 1]]  # nobody can type it


@pytest.mark.parametrize("kinds", [["good"], ["bad", "bad"], []])
def test_a_kind_that_is_not_known_is_refused(views, kinds):
    with pytest.raises(tf.errors.InvalidArgumentError, match="`kind` must be one"):
        views["of_kind"](tf.constant(["a"]), tf.constant(kinds, tf.string))


def test_the_last_score_of_a_reading_is_that_of_the_text(views):
    texts = ["a. b. c. b.", "a b", "c", "b. " * 9, "c. c. a", "b? zz. a"]
    read = views["reading"](tf.constant(texts))
    scores = views["serving_default"](tf.constant(texts))["score"]
    for tokens, row, score in zip(read["tokens"], read["scores"], scores, strict=True):
        last = np.count_nonzero(tokens.numpy() != b"") - 1
        np.testing.assert_allclose(row[last], score, rtol=1e-5)


def test_sentences_end_at_stops_and_line_breaks():
    lines = ["One. Two?! 'Three.' 4.5/5 (Six!) Seven<br /><br />Eight\nnine", "", " "]
    said = text_module.split_sentences(tf.constant(lines)).to_list()
    assert [s.strip() for s in said[0]] == [
        *(b"One.", b"Two?!", b"'Three.'", b"4.5/5 (Six!)", b"Seven", b"Eight"),
        b"nine",
    ]
    assert [len(line) for line in said[1:]] == [1, 1]


def test_pieces_are_all_tokens_in_order_and_none_is_long():
    tokenizer = text.Tokenizer(list("abc."), split="words")
    texts = tf.constant(["a b. c", "", "a " * 250 + "b", "c"])
    pieces, owners = text_module.split_pieces(tokenizer, texts)
    assert pieces.row_lengths().numpy().tolist() == [3, 1, 100, 100, 51, 1]
    assert owners.numpy().tolist() == [0, 0, 2, 2, 2, 3]
    np.testing.assert_array_equal(pieces.flat_values, tokenizer(texts).flat_values)


@pytest.mark.parametrize(
    "labels", [LABELS[:1], [*LABELS, "neither"], ["sport", "economy", "culture", "art"]]
)
def test_labels_that_are_no_opinions_are_refused(classifier, labels):
    with pytest.raises(ValueError, match="two or three, .*Received: .* for 2 logits"):
        serving.classify_text(*classifier, labels)


def test_a_kind_that_the_tokenizer_does_not_know_is_refused(classifier):
    with pytest.raises(ValueError, match=r"Received: kinds=\['films'\]"):
        serving.classify_text(*classifier, LABELS, kinds=["films"])
