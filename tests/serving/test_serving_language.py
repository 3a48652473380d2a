import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps import decoding, serving
from gru_apps.encoding import exact_text
from gru_apps.encoding.text import Tokenizer
from gru_apps.models import language_models
from gru_apps.serving import export

PROMPTS = ["the House", "a"]


@pytest.fixture(scope="module")
def parts():
    tokenizer = exact_text.ExactTokenizer([b"the", b" House", b"he", b" a"])
    size = len(tokenizer.vocabulary)
    keras.utils.set_random_seed(0)  # of others, the likeliest byte may be no text
    sizes = {"embedding_dim": 4, "units": 8, "num_layers": 1}
    views = language_models.build_language_model(size, **sizes)
    return views, tokenizer


@pytest.fixture(scope="module")
def saved(parts, tmp_path_factory):
    views, tokenizer = parts
    path = tmp_path_factory.mktemp("saved") / "language" / "1"
    signatures = serving.generate_text(*parts, window=8, warm_up=4)
    question = {"prompt": PROMPTS, "length": 9, "temperature": 0.9, "top_p": 0.9}
    export.export_saved_model(
        path,
        signatures,
        tracked=[*views, tokenizer],
        manifest={},
        examples={"serving_default": question | {"seed": 1}},
    )
    return tf.saved_model.load(str(path)).signatures


def _generate(saved, prompts=PROMPTS, **changes):
    options = {"length": 9, "temperature": 1.0, "top_p": 1.0, "seed": 1} | changes
    options = {name: tf.constant(value) for name, value in options.items()}
    answer = saved["generate"](prompt=tf.constant(prompts), **options)
    return [text.decode() for text in answer["text"].numpy()]


def test_a_text_goes_on_from_its_prompt_for_as_many_characters_as_asked(saved):
    for length in [0, 1, 20]:
        for prompt, text in zip(PROMPTS, _generate(saved, length=length), strict=True):
            assert text.startswith(prompt)
            assert len(text) <= len(prompt) + length
    ends = [len(text) for text in _generate(saved, ["a"] * 9, length=20)]
    assert max(ends) == 21  # bytes that are no character can make one shorter


def test_a_tokenizer_that_changes_a_text_is_refused(parts):
    words = Tokenizer(["it's", "a"], split="words")
    with pytest.raises(ValueError, match="must give a text back .* b'a' of b"):
        serving.generate_text(parts[0], words, window=8, warm_up=4)


def test_the_same_seed_gives_the_same_text(saved):
    assert _generate(saved) == _generate(saved)
    assert _generate(saved) != _generate(saved, seed=2)


def test_the_default_question_is_to_go_on(saved):
    inputs = {"length": 9, "temperature": 1.0, "top_p": 1.0, "seed": 1}
    inputs = {name: tf.constant(value) for name, value in inputs.items()}
    answer = saved["serving_default"](prompt=tf.constant(PROMPTS), **inputs)
    assert [text.decode() for text in answer["text"].numpy()] == _generate(saved)


def test_a_cold_and_a_narrow_draw_take_the_likeliest(saved):
    cold = _generate(saved, temperature=0.0)
    assert cold == _generate(saved, temperature=0.0, seed=5)
    assert cold == _generate(saved, top_p=1e-6)


def test_a_prompt_alone_is_gone_on_from_as_in_a_batch(saved):
    cold = _generate(saved, temperature=0.0)
    assert [_generate(saved, [p], temperature=0.0)[0] for p in PROMPTS] == cold


def test_reading_a_prompt_ends_in_the_state_of_single_steps(parts):
    views, tokenizer = parts
    state, last = serving.language.read_prompt(views, tokenizer(PROMPTS))
    ids = [2, *tokenizer(PROMPTS)[0].numpy()]
    expected = tf.zeros([1, state.shape[-1]])
    for token in ids[:-1]:
        inputs = {"token_ids": tf.constant([token]), "state": expected}
        expected = views.step(inputs)["state"]
    assert last[0] == ids[-1]
    np.testing.assert_allclose(state[:1], expected, rtol=1e-4, atol=1e-6)


def test_a_step_never_gives_padding_or_the_start(parts):
    step = serving.language.text_step(parts[0])
    state = tf.zeros([90, parts[0].step.input["state"].shape[-1]])
    for temperature in [50.0, 3e38]:
        decoded = decoding.sample(
            step, state, [2] * 90, max_steps=4, seed=1, temperature=temperature
        )
        assert decoded.ids.numpy().min() >= 3


def test_a_very_cold_draw_takes_the_likeliest_too(saved):
    cold = _generate(saved, temperature=0.0, length=40)
    for temperature in [1e-42, 1e-30]:
        assert _generate(saved, temperature=temperature, length=40) == cold


def _losses(parts, ids, window, warm_up):
    model = parts[0].model
    losses = serving.token_losses(
        model, tf.constant(ids), window=window, warm_up=warm_up, batch_size=3
    )
    return losses.numpy()


def _by_the_definition(model, context, token):
    logits = model({"token_ids": np.array([context])})[0, -1]
    return float(-tf.nn.log_softmax(logits)[token])


@pytest.mark.parametrize("length", [1, 3, 4, 5, 8, 23])
def test_each_token_is_predicted_from_those_that_its_window_has_before_it(
    parts, length
):
    ids = np.random.default_rng(0).integers(4, 260, length)
    read = [2, *ids]
    expected = []
    for index in range(length):
        start = max(0, (index - 2) // 2 * 2)  # windows of 4 begin at every other
        context = read[start : index + 1]
        expected.append(_by_the_definition(parts[0].model, context, ids[index]))
    got = _losses(parts, ids, window=4, warm_up=2)
    np.testing.assert_allclose(got, expected, rtol=1e-4)


def test_a_text_within_one_window_is_scored_as_a_whole(parts, saved):
    ids = parts[1](["the House a"])[0]
    losses = _losses(parts, ids, window=8, warm_up=4)
    bits = saved["score"](text=tf.constant(["the House a"]))
    np.testing.assert_allclose(bits["bits"][0], losses.sum() / np.log(2), rtol=1e-4)
    assert bits["characters"].numpy().tolist() == [11]
    np.testing.assert_allclose(bits["bits_per_character"], bits["bits"] / 11)


def test_scores_do_not_depend_on_the_batch(saved):
    together = saved["score"](text=tf.constant(PROMPTS))["bits"]
    for index in range(2):
        alone = saved["score"](text=tf.constant(PROMPTS[index : index + 1]))["bits"]
        np.testing.assert_allclose(alone[0], together[index], rtol=1e-4)


def test_the_bits_of_the_tokens_are_those_of_the_text(saved):
    texts = tf.constant([*PROMPTS, ""])
    read, scored = saved["reading"](text=texts), saved["score"](text=texts)
    assert read["tokens"].shape == read["bits"].shape
    np.testing.assert_allclose(tf.reduce_sum(read["bits"], 1), scored["bits"], 1e-4)
    joined = tf.strings.reduce_join(read["tokens"], axis=1)
    assert joined.numpy().tolist() == texts.numpy().tolist()


def test_what_may_follow_is_what_the_model_predicts_there(parts, saved):
    prompts = tf.constant(["the House", ""])
    follows = saved["next"](prompt=prompts)
    p = follows["probabilities"].numpy()
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-5)
    assert (np.diff(p, axis=1) <= 0).all()
    assert not {b"", b"[START]"} & {*follows["tokens"].numpy()[p > 0].tolist()}
    ids = [2, *parts[1](prompts)[0].numpy()]
    logits = parts[0].model({"token_ids": np.array([ids])})[0, -1].numpy()[3:]
    expected = np.sort(np.exp(logits) / np.exp(logits).sum())[::-1]
    np.testing.assert_allclose(p[0, : len(expected)], expected, rtol=1e-3)
    (likeliest,) = _generate(saved, ["the House"], temperature=0.0, length=1)
    assert follows["tokens"][0, 0].numpy().decode().startswith(likeliest[-1])


BAD = ["", " ", "ภาษาไทย", b"\xff\xfe", "a" * 100_000]


@pytest.mark.parametrize("bad", BAD, ids=["empty", "space", "Thai", "bytes", "long"])
def test_any_text_has_an_answer_in_seconds(saved, bad):
    start = time.monotonic()
    score = saved["score"](text=tf.constant([bad]))
    text = _generate(saved, [bad])[0]
    assert time.monotonic() - start < 20
    assert np.isfinite(score["bits"]).all() and (score["bits"] >= 0).numpy().all()
    assert np.isfinite(score["bits_per_character"]).all()
    assert len(text) >= score["characters"][0]


def test_no_texts_have_no_answers(saved):
    none = tf.constant([], tf.string)
    assert saved["score"](text=none)["bits"].shape == (0,)
    assert _generate(saved, none) == []


@pytest.mark.parametrize(
    "change",
    [
        {"length": -1},
        {"length": 10_001},
        {"temperature": -0.5},
        {"temperature": float("nan")},
        {"temperature": float("inf")},
        {"top_p": 0.0},
        {"top_p": 1.5},
        {"top_p": float("nan")},
    ],
)
def test_bad_options_are_refused_by_name(saved, change):
    (name,) = change
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"`{name}` must be"):
        _generate(saved, **change)


@pytest.mark.parametrize("window", [3, 4])
def test_a_window_that_is_all_warm_up_is_refused(window):
    with pytest.raises(ValueError, match=f"Received: window={window}, warm_up=4"):
        serving.token_losses(None, tf.constant([5]), window=window, warm_up=4)
