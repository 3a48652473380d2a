import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps import models, serving
from gru_apps.encoding import audio, text
from gru_apps.models import translators

TEXTS = tf.constant(["b a", "a b b a a"])


@pytest.fixture(scope="module")
def translation():
    keras.utils.set_random_seed(1)  # of others, the first token may be the end
    source = text.Tokenizer(list("abc"), split="characters")
    target = text.Tokenizer([" x", "y", " z"], split="subwords")
    translator = translators.build_translator(7, 7, embedding_dim=4, units=8)
    return serving.translate_text(translator, source, target, width=3)


@pytest.fixture(scope="module")
def talkative():
    """A translator that never ends before it must."""
    tokenizers = [text.Tokenizer(list("ab"), split="characters") for _ in range(2)]
    translator = translators.build_translator(
        6, 6, embedding_dim=2, units=4, tied_embeddings=False
    )
    weights = {variable.path: variable for variable in translator.model.weights}
    weights["output/bias"].assign([9.0, 9.0])
    weights["target/reverse_embeddings"].assign([[-99.0] * 4 + [0, 0]] * 2)
    return serving.translate_text(translator, *tokenizers)


@pytest.fixture(scope="module")
def speech():
    model = models.build_feature_classifier(13, 10, units=4)
    step = models.build_streaming_step(model)
    return serving.classify_speech(model, step, _features)


@pytest.fixture(scope="module")
def recognition():
    model = models.build_frame_classifier(13, 3, units=4, bidirectional=False)
    step = models.build_streaming_step(model)
    words = ["one", "two", "three"]
    return serving.recognize_speech(model, step, _features, words, n_best=3)


def _features(waveform, rate):
    return audio.mfcc(audio.resample(audio.trim_padding(waveform), rate))


def _tone(samples=2400):
    return np.sin(np.arange(samples) / 5).astype("float32")[None]


def test_a_translation_alone_is_the_one_in_a_batch(translation):
    alone = translation["serving_default"](TEXTS[:1])
    together = translation["serving_default"](TEXTS)
    np.testing.assert_allclose(alone["score"][0], together["score"][0], rtol=1e-4)
    assert np.isfinite(together["score"]).all()


def test_the_first_of_the_beam_is_the_translation(translation):
    beam = translation["beam"](TEXTS)
    best = translation["serving_default"](TEXTS)
    assert beam["translations"].shape == (2, 3)
    np.testing.assert_array_equal(beam["translations"][:, 0], best["translation"])
    np.testing.assert_allclose(beam["scores"][:, 0], best["score"], rtol=1e-4)


@pytest.fixture(scope="module")
def spelling():
    """A tokenizer, and a translator that writes its characters and ends at random."""
    keras.utils.set_random_seed(3)
    options = {"embedding_dim": 4, "units": 8, "tied_embeddings": False}
    translator = translators.build_translator(7, 7, **options)
    weights = {variable.path: variable for variable in translator.model.weights}
    weights["output/bias"].assign([9.0, 0.0, 0.0, 0.0])
    logits = np.random.default_rng(0).normal(size=(4, 7))
    logits[0, :4] = -99, -99, -99, 1.5  # no padding, nothing unknown; the end, soon
    weights["target/reverse_embeddings"].assign(logits)
    return text.Tokenizer(list("abc"), split="characters"), translator


@pytest.mark.parametrize("penalty", [0.0, 1.0, 4.0])
def test_scores_are_means_in_the_order_of_the_penalty(spelling, penalty):
    tokenizer, translator = spelling
    options = {"width": 4, "length_penalty": penalty}
    signatures = serving.translate_text(translator, tokenizer, tokenizer, **options)
    beam = signatures["beam"](TEXTS[:1])
    ids = tokenizer(beam["translations"][0])
    totals, lengths = [], ids.row_lengths().numpy() + 1  # the end is one
    for row in ids:
        row = row.numpy().tolist()
        target, ended = [[text.START, *row]], [*row, text.END]
        inputs = {"source_ids": tokenizer(TEXTS[:1]).to_tensor()}
        inputs["target_ids"] = tf.constant(target)
        p = tf.nn.softmax(translator.model(inputs)[0]).numpy()
        totals.append(np.log(p[range(len(ended)), ended]).sum())
    np.testing.assert_allclose(beam["scores"][0], totals / lengths, rtol=1e-4)
    assert len({*lengths}) > 1
    in_order = totals / ((5 + lengths) / 6) ** penalty
    assert (np.diff(in_order) <= 1e-6).all()


def test_a_length_penalty_makes_translations_longer(spelling):
    tokenizer, translator = spelling
    short, long = (
        serving.translate_text(
            translator, tokenizer, tokenizer, width=4, length_penalty=penalty
        )["serving_default"](TEXTS[:1])["translation"].numpy()[0]
        for penalty in (0.0, 4.0)
    )
    assert len(short) < len(long)


def test_attention_has_a_row_of_weights_for_each_target_token(translation):
    seen = translation["attention"](TEXTS)
    shape = (2, seen["target_tokens"].shape[1], seen["source_tokens"].shape[1])
    assert seen["weights"].shape == shape
    sums = np.sum(seen["weights"], -1)
    np.testing.assert_allclose(sums, sums.round(), atol=1e-4)
    assert (np.diff(sums.round()) <= 0).all() and (sums[:, 0] > 0).all()
    real = seen["target_tokens"].numpy() != b""
    assert real.any(1).all() and sums[real].all() and not sums.all()
    assert not seen["weights"].numpy()[0, :, 2:].any()  # "b a" has two characters


@pytest.mark.parametrize("bad", ["", " ", "ภาษาไทย", b"\xff\xfe", "a" * 100_000])
def test_any_text_has_a_translation(translation, bad):
    answer = translation["serving_default"](tf.constant([bad]))
    answer["translation"].numpy()[0].decode()
    assert np.isfinite(answer["score"]).all()
    if isinstance(bad, str) and not bad.strip():
        assert answer["translation"].numpy()[0] == b""


def test_an_empty_text_has_no_target_tokens_and_no_weights(talkative):
    alone = talkative["attention"](tf.constant([""]))
    assert alone["target_tokens"].shape == (1, 0)
    together = talkative["attention"](tf.constant(["", "a"]))
    assert together["target_tokens"].shape == (2, 12)
    assert not together["weights"].numpy()[0].any()
    np.testing.assert_allclose(np.sum(together["weights"][1], -1), 1, rtol=1e-4)


def test_no_texts_have_no_translations(translation):
    none = tf.constant([], tf.string)
    assert translation["serving_default"](none)["translation"].shape == (0,)
    beam = translation["beam"](none)
    assert beam["translations"].shape == beam["scores"].shape == (0, 3)
    seen = translation["attention"](none)
    assert seen["target_tokens"].shape[0] == seen["weights"].shape[0] == 0


def test_padding_does_not_change_a_digit(speech):
    alone = speech["serving_default"](_tone(), 8000)
    padded = np.pad(_tone(), [(0, 1), (0, 3000)])
    together = speech["serving_default"](padded, [8000, 8000])
    np.testing.assert_allclose(
        alone["probability"][0], together["probability"][0], rtol=1e-5
    )


def test_padding_does_not_change_the_digits(recognition):
    for name, output in [("serving_default", "probability"), ("beam", "probabilities")]:
        alone = recognition[name](_tone(), 8000)
        padded = np.pad(_tone(), [(0, 1), (0, 3000)])
        together = recognition[name](padded, [8000, 8000])
        np.testing.assert_array_equal(alone["digits"][0], together["digits"][0])
        np.testing.assert_allclose(alone[output][0], together[output][0], rtol=1e-4)


def test_the_first_of_the_beam_are_the_digits(recognition):
    beam, best = (
        recognition[name](_tone(), 8000) for name in ["beam", "serving_default"]
    )
    assert beam["digits"].shape == beam["probabilities"].shape == (1, 3)
    assert beam["digits"][0, 0] == best["digits"][0]
    assert (np.diff(beam["probabilities"]) <= 0).all()
    assert len({*beam["digits"].numpy()[0]}) == 3


def test_digits_of_features_are_those_of_the_waveform(recognition):
    heard = recognition["serving_default"](_tone(), 8000)
    seen = recognition["features"](audio.mfcc(_tone()[0])[None])
    assert heard["digits"] == seen["digits"]
    np.testing.assert_allclose(heard["probability"], seen["probability"], rtol=1e-4)


def test_silence_is_no_digits_for_certain(recognition):
    for samples in [0, 1, 4000]:
        silence = np.zeros([2, samples], "float32")
        answer = recognition["serving_default"](silence, 16000)
        assert answer["digits"].numpy().tolist() == [b"", b""]
        assert answer["probability"].numpy().tolist() == [1, 1]
        several = recognition["beam"](silence, 16000)
        assert several["probabilities"].numpy().tolist() == [[1, 0, 0]] * 2


def test_no_clips_have_no_digits(recognition):
    answer = recognition["beam"](np.zeros([0, 50], "float32"), 8000)
    assert answer["digits"].shape == answer["probabilities"].shape == (0, 3)


def test_frame_by_frame_each_word_is_that_of_the_likeliest_label():
    model = models.build_frame_classifier(13, 2, units=4, bidirectional=False)
    step = models.build_streaming_step(model)
    signatures = serving.recognize_speech(
        model, step, _features, ["one", "two"], n_best=1
    )
    mfcc = 9 * np.random.default_rng(0).normal(size=(2, 9, 13)).astype("float32")
    p = tf.nn.softmax(model(mfcc)).numpy()
    state = np.zeros([2, 8], "float32")
    for frame in range(9):
        answer = signatures["step"](mfcc[:, frame], state)
        state = answer["state"]
        words = np.array([b"", b"one", b"two"])[p[:, frame].argmax(axis=1)]
        assert answer["digit"].numpy().tolist() == words.tolist()
        np.testing.assert_allclose(
            answer["probability"], p[:, frame].max(axis=1), rtol=1e-4
        )


def test_silence_is_no_digit(speech):
    for samples in [0, 1, 4000]:
        answer = speech["serving_default"](np.zeros([2, samples], "float32"), 16000)
        assert answer["digit"].numpy().tolist() == [-1, -1]
        assert answer["probability"].numpy().tolist() == [1, 1]
        assert answer["reason"].numpy().tolist() == [b"nobody spoke"] * 2


def test_the_last_logits_are_reasons_why_there_is_no_digit():
    model = models.build_feature_classifier(13, 5, units=4)
    reasons = ["nobody spoke", "more than one digit"]
    signatures = serving.classify_speech(
        model, models.build_streaming_step(model), _features, reasons=reasons
    )
    for best, digit, reason in [(2, 2, b""), (3, -1, b"nobody spoke"), (4, -1, None)]:
        bias = np.eye(5)[best] * 50
        model.get_layer("logits").bias.assign(bias)
        frames = np.ones([2, 3, 13], "float32")
        state = np.zeros([2, 8], "float32")
        for answer in (
            signatures["features"](frames),
            signatures["step"](frames[:, 0], state),
        ):
            assert answer["digit"].numpy().tolist() == [digit] * 2
            expected = b"more than one digit" if reason is None else reason
            assert answer["reason"].numpy().tolist() == [expected] * 2


def test_a_temperature_evens_out_probabilities_and_changes_no_answer():
    model = models.build_feature_classifier(13, 10, units=4)
    step = models.build_streaming_step(model)
    mfcc = np.random.default_rng(0).normal(size=(4, 5, 13)).astype("float32")
    cold, warm = (
        serving.classify_speech(model, step, _features, temperature=t)["features"](mfcc)
        for t in (0.5, 2.0)
    )
    np.testing.assert_array_equal(cold["digit"], warm["digit"])
    assert (cold["probability"].numpy() > warm["probability"].numpy()).all()
    for answer, temperature in [(cold, 0.5), (warm, 2.0)]:
        p = np.exp(model(mfcc) / temperature)
        expected = p.max(axis=1) / p.sum(axis=1)
        np.testing.assert_allclose(answer["probability"], expected, rtol=1e-5)


def test_a_state_that_holds_frames_may_be_as_large_as_they_are():
    model = models.build_feature_classifier(13, 10, units=4, differences=True)
    step = models.build_streaming_step(model)
    signatures = serving.classify_speech(model, step, _features)
    frame = np.full([1, 13], -300, "float32")
    state = signatures["step"](frame, np.zeros([1, 35], "float32"))["state"]
    assert np.isfinite(signatures["step"](frame, state)["probability"]).all()


@pytest.fixture(params=["speech", "recognition"])
def listener(request):
    return request.getfixturevalue(request.param)


def test_one_sample_has_an_answer(listener):
    answer = listener["serving_default"](np.ones([1, 1], "float32"), 8000)
    assert np.isfinite(answer["probability"]).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(listener, value):
    waveform = _tone()
    waveform[0, 7] = value
    with pytest.raises(tf.errors.InvalidArgumentError, match="finite"):
        listener["serving_default"](waveform, 8000)
    with pytest.raises(tf.errors.InvalidArgumentError, match="finite"):
        listener["features"](np.full([1, 2, 13], value, "float32"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="`mfcc` must.*finite"):
        listener["step"](
            np.full([1, 13], value, "float32"), np.zeros([1, 8], "float32")
        )


@pytest.mark.parametrize("value", [np.nan, np.inf, -3e38, 2])
def test_a_state_that_no_step_returns_is_refused(listener, value):
    state = np.zeros([1, 8], "float32")
    state[0, 5] = value
    with pytest.raises(tf.errors.InvalidArgumentError, match="`state` must"):
        listener["step"](np.ones([1, 13], "float32"), state)


def test_a_state_of_another_batch_is_refused(listener):
    frame, state = np.ones([1, 13], "float32"), np.zeros([2, 8], "float32")
    with pytest.raises(tf.errors.InvalidArgumentError, match="`state`.*Received: 2"):
        listener["step"](frame, state)


def test_frames_that_no_sound_has_are_refused(listener):
    frames = np.random.default_rng(0).choice([-3e38, 3e38], [1, 9, 13])
    for name, inputs in [
        ("features", [frames]),
        ("step", [frames[:, 0], np.zeros([1, 8])]),
    ]:
        with pytest.raises(tf.errors.InvalidArgumentError, match="`mfcc` must"):
            listener[name](*(part.astype("float32") for part in inputs))


@pytest.mark.parametrize("rate", [8000, 44100])
@pytest.mark.parametrize("peak", [1e-38, 3e37, 3.4e38])
def test_a_clip_however_loud_has_a_probability(listener, peak, rate):
    waveform = np.sign(_tone(4410)) * np.float32(peak)
    for name, output in [("serving_default", "probability"), ("beam", "probabilities")]:
        if name in listener:
            assert np.isfinite(listener[name](waveform, rate)[output]).all()


@pytest.mark.parametrize("rate", [0, -8000, 1_000_001])
def test_a_sample_rate_of_no_sound_is_refused(listener, rate):
    with pytest.raises(tf.errors.InvalidArgumentError, match="sample_rate"):
        listener["serving_default"](_tone(), rate)


@pytest.mark.parametrize("rate", [[8000] * 3, [], [[8000, 8000]]])
def test_sample_rates_for_other_clips_are_refused_by_name(listener, rate):
    clips = np.repeat(_tone(), 2, axis=0)
    message = "`sample_rate` must be one, or one for each clip. Received: "
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        listener["serving_default"](clips, np.array(rate, "int32"))


def test_no_frames_are_answered_as_silence(listener):
    answer = listener["serving_default"](np.zeros([2, 50], "float32"), 8000)
    for frames in [0, 3]:
        of_frames = listener["features"](np.zeros([2, frames, 13], "float32"))
        for name, part in answer.items():
            np.testing.assert_array_equal(of_frames[name], part)


def test_no_clips_have_no_answers(listener):
    for samples in [0, 50]:
        for rate in [8000, np.zeros([0], "int32")]:
            waveform = np.zeros([0, samples], "float32")
            answer = listener["serving_default"](waveform, rate)
            assert answer["probability"].shape == (0,)
    for frames in [0, 5]:
        answer = listener["features"](np.zeros([0, frames, 13], "float32"))
        assert answer["probability"].shape == (0,)
    none = [np.zeros([0, size], "float32") for size in (13, 8)]
    assert listener["step"](*none)["probability"].shape == (0,)


def test_step_by_step_ends_at_the_answer_to_all_features(speech):
    mfcc = np.random.default_rng(0).normal(size=(2, 5, 13)).astype("float32")
    state = np.zeros([2, 8], "float32")
    for frame in range(5):
        answer = speech["step"](mfcc[:, frame], state)
        state = answer["state"]
    whole = speech["features"](mfcc)
    np.testing.assert_allclose(answer["probability"], whole["probability"], rtol=1e-4)
    np.testing.assert_array_equal(answer["digit"], whole["digit"])


def test_padding_of_a_clip_is_no_part_of_what_features_get():
    model = models.build_feature_classifier(13, 10, units=4)
    step = models.build_streaming_step(model)
    plain = serving.classify_speech(
        model, step, lambda sound, rate: audio.mfcc(audio.resample(sound, rate))
    )["serving_default"]
    alone = plain(_tone(), 8000)
    padded = plain(np.pad(_tone(), [[0, 1], [0, 4000]]), 8000)
    for name in ("digit", "probability"):
        np.testing.assert_allclose(padded[name][0], alone[name][0], rtol=1e-5)
    assert padded["reason"].numpy()[1] == b"nobody spoke"
