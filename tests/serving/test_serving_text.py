import time

import numpy as np
import pytest
import tensorflow as tf

from gru_apps import models, serving
from gru_apps.encoding import text
from gru_apps.serving import export

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
        examples={"serving_default": {"text": TEXTS}, "reading": {"text": TEXTS}},
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
    assert read == [(3, 3), (1, 1), (1, 1), (2, 2)]
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


def test_a_batch_that_one_long_text_makes_huge_is_refused(classifier):
    ask = serving.classify_text(*classifier, LABELS)["serving_default"]
    texts = ["a " * 4000, *["b"] * 199]
    with pytest.raises(tf.errors.InvalidArgumentError, match="ask long texts by them"):
        ask(tf.constant(texts))
    assert ask(tf.constant(texts[:100]))["score"].shape == (100,)
