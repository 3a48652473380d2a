import json

import pytest
import tensorflow as tf

from gru_apps.cli import texts


def _translate(text):
    return {
        "translation": tf.where(text == "no", "", tf.strings.upper(text)),
        "score": tf.fill(tf.shape(text), -0.5),
        "reason": tf.where(text == "no", "it is not Chinese", ""),
    }


def _beam(text):
    best = tf.strings.upper(text)[:, None]
    translations = tf.concat([best, tf.strings.join([best, "!"])], axis=1)
    scores = tf.fill(tf.shape(translations), -0.5) - tf.constant([0.0, 1.0])
    return {
        "translations": translations,
        "scores": scores,
        "reason": tf.fill(tf.shape(text), ""),
    }


def _attention(text):
    text = tf.strings.substr(text, 0, 3)  # the first sentences
    characters = tf.strings.bytes_split(text).to_tensor("")
    weights = tf.eye(tf.shape(characters)[1], batch_shape=tf.shape(text)) * 0.75
    return {
        "translation": tf.strings.upper(text),
        "source_tokens": characters,
        "target_tokens": tf.strings.upper(characters),
        "weights": weights,
        "reason": tf.fill(tf.shape(text), ""),
    }


@pytest.fixture(scope="module")
def models(tmp_path_factory, save_model):
    folder = tmp_path_factory.mktemp("translators")
    text = tf.TensorSpec([None], tf.string, "text")
    beam, attention = (
        tf.function(f, input_signature=[text]) for f in (_beam, _attention)
    )
    save_model(folder, "full", _translate, text, beam=beam, attention=attention)
    save_model(folder, "plain", _translate, text)
    return ["--saved-models", folder]


def test_a_text_without_a_translation_gets_its_reason(ask, models):
    assert ask("plain", "no", "ab", *models) == ["[it is not Chinese]", "AB"]
    said = [json.loads(line) for line in ask("plain", "no", "ab", "--json", *models)]
    assert [row["reason"] for row in said] == ["it is not Chinese", ""]
    assert [row["score"] for row in said] == [-0.5, -0.5]


def test_what_is_amiss_stands_behind_a_translation():
    answer = {"translation": "It is.", "reason": "a name may be missing"}
    assert texts.line(answer) == "It is.  [a name may be missing]"


def test_the_n_best_have_their_scores(ask, models):
    assert ask("full", "ab", "--n-best", 2, *models) == [" -0.50  AB", " -1.50  AB!"]
    assert ask("full", "ab", "c", "--n-best", 1, *models) == [" -0.50  AB", " -0.50  C"]
    (line,) = ask("full", "ab", "--n-best", 1, "--json", *models)
    assert json.loads(line)["translations"] == ["AB"]


def test_attention_names_the_characters_of_each_word(ask, models):
    lines = ask("full", "ab", "c", "--attention", *models)
    assert [line.split() for line in lines] == [
        ["AB"],
        ["A", "a", "0.75"],
        ["B", "b", "0.75"],
        ["C"],
        ["C", "c", "0.75"],
    ]
    lines = ask("full", "ab", "c", "--attention", "--json", *models)
    assert json.loads(lines[1])["weights"] == [[0.75]]  # without padding


def test_attention_says_that_it_shows_a_part_of_a_long_text(ask, models):
    first, *words = ask("full", "abcd", "--attention", *models)
    assert first == f"ABCD  [{texts.PART}]" and len(words) == 3
    (line,) = ask("full", "no", "--attention", "--json", *models)
    assert json.loads(line)["reason"] == f"it is not Chinese; {texts.PART}"


@pytest.mark.parametrize(
    ("model", "options", "error"),
    [
        ("full", ["--n-best", "0"], "--n-best must be 1 to 2. Received: 0"),
        ("full", ["--n-best", "3"], "--n-best must be 1 to 2. Received: 3"),
        ("full", ["--n-best", "1", "--attention"], "do not go together"),
        ("plain", ["--n-best", "1"], "plain takes no --n-best"),
        ("plain", ["--attention"], "plain takes no --attention"),
    ],
)
def test_what_a_model_cannot_answer_is_refused(ask, models, model, options, error):
    (line,) = ask(model, "ab", *options, *models, fails=True)
    assert error in line
