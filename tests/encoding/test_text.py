import numpy as np
import pytest
import tensorflow as tf

from gru_apps.encoding import text

SENTENCES = ["Tom, don't go!", "Don’t tell  Tom.", "It was 3 p.m. — was it?"]


def _learn(split, vocabulary_size=60):
    return text.learn_tokenizer(SENTENCES, split=split, vocabulary_size=vocabulary_size)


def _decoded(strings):
    return [string.decode() for string in strings.numpy()]


@pytest.mark.parametrize(
    "typed, plain",
    [
        ("‘It’s’ “fine”…", "'It's' \"fine\"..."),
        ("twenty‑one", "twenty-one"),
        ("\ta\r\n\u00a0b\u3000c\x1f ", "a b c"),
        (b"caf\xff\xc3\xa9", "caf\ufffdé"),
        ("", ""),
    ],
)
def test_normalized_text_is_valid_and_plain(typed, plain):
    assert _decoded(text.normalize([typed])) == [plain]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_words_joined_again_are_the_text(sentence):
    words = text.split_words([sentence])[0]
    joined = tf.strings.reduce_join(words)
    assert joined == tf.strings.join([" ", text.normalize([sentence])[0]])


def test_marks_on_letters_stay_with_their_word():
    words = _decoded(text.split_words(["नमस्ते cafe\u0301"])[0])
    assert words == [" नमस्ते", " cafe\u0301"]


def test_text_comes_back_from_subwords():
    tokenizer = _learn("subwords")
    normal = _decoded(text.normalize(SENTENCES))
    assert _decoded(tokenizer.detokenize(tokenizer(SENTENCES).to_tensor())) == normal


def test_an_unseen_word_is_spelled_in_subwords():
    tokenizer = _learn("subwords")
    ids = tokenizer(["moot"]).to_tensor()
    assert text.UNKNOWN not in ids.numpy()
    assert _decoded(tokenizer.detokenize(ids)) == ["moot"]


def test_an_unseen_word_is_cut_into_the_longest_tokens():
    words = " un", " unlock", "ed", "e", "d", "lock"
    tokenizer = text.Tokenizer(words, split="subwords", pieces={" ede": ["e", "de"]})
    tokens = tokenizer.tokens_of(["unlocked ed", "", "unéd" + 4 * "locked", "ede"])
    assert [_decoded(tf.constant(row)) for row in tokens.to_list()] == [
        [" unlock", "ed", " ", "ed"],
        [],
        [" un", "é", "d", *4 * ["lock", "ed"]],
        ["e", "de"],
    ]


def test_a_long_word_is_cut_after_each_32_characters_first():
    tokenizer = text.Tokenizer(["a", "locked", "o", "k"], split="subwords")
    (tokens,) = tokenizer.tokens_of([29 * "a" + "locked"])
    # the space before it is the first of the 32
    assert _decoded(tokens)[29:] == [*"a", "l", "o", "c", "k", "e", "d"]
    assert tokenizer([5000 * "a"]).row_lengths() == 5001


def test_what_has_no_token_is_unknown():
    for split in text.SPLITS:
        assert text.UNKNOWN in _learn(split)(["ไทย"]).to_list()[0]


def test_words_have_no_case_and_one_id_for_either_apostrophe():
    first, second = _learn("words")(["don't TOM", "Don’t tom"]).to_list()
    assert first == second
    assert len(first) == 3  # don, 't, tom
    assert min(first) > text.END


def test_rare_tokens_are_left_out_and_the_commonest_come_first():
    texts = ["a b b c c c"]
    options = {"split": "words", "vocabulary_size": 10}
    learned = text.learn_tokenizer(texts, **options, min_count=2)
    assert learned.vocabulary == [*text.SPECIAL_TOKENS, "c", "b"]
    assert learned.spellings == ["", "", "", "", "c", "b"]
    options["vocabulary_size"] = 5
    assert text.learn_tokenizer(texts, **options).vocabulary[-1] == "c"


def test_special_tokens_say_nothing():
    tokenizer = _learn("words")
    (ids,) = tokenizer(["was it"]).to_list()
    around = [text.START, *ids, text.END, text.PADDING, text.PADDING]
    assert _decoded(tokenizer.detokenize(tf.constant([around]))) == ["was it"]


def test_what_is_typed_is_no_special_token():
    for split in text.SPLITS:
        (ids,) = _learn(split)(["[END] [START] [UNK]"]).to_list()
        assert not {text.PADDING, text.START, text.END} & set(ids)


@pytest.mark.parametrize("split", text.SPLITS)
def test_tokens_and_ids_go_together(split):
    tokenizer = _learn(split)
    texts = [*SENTENCES, "", " ", b"\xff\xfe", "ไทย"]
    lengths = tokenizer.tokens_of(texts).row_lengths()
    np.testing.assert_array_equal(lengths, tokenizer(texts).row_lengths())
    assert lengths.numpy()[[3, 4]].tolist() == [0, 0]
    assert lengths.numpy()[[5, 6]].all()


@pytest.mark.parametrize("split", text.SPLITS)
def test_long_text_and_no_text_have_ids(split):
    tokenizer = _learn(split)
    (ids,) = tokenizer(["tom " * 25_000]).to_list()
    assert len(ids) >= 25_000
    assert tokenizer(["t" * 100_000]).row_lengths()[0] > 0
    assert tokenizer(tf.constant([], tf.string)).to_list() == []


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="Received: split=sentences"):
        text.learn_tokenizer(SENTENCES, split="sentences", vocabulary_size=9)


GAPS = [None, float("nan"), 1, ["a", "b"]]


@pytest.fixture(scope="module")
def tokenizers():
    return {split: _learn(split) for split in text.SPLITS}


@pytest.mark.parametrize("gap", GAPS)
def test_what_is_no_text_is_named_by_its_place(tokenizers, gap):
    message = r"Received: texts?\[1\]="
    for tokenizer in tokenizers.values():
        with pytest.raises(ValueError, match=message):
            tokenizer(["a", gap])
    with pytest.raises(ValueError, match=message):
        text.learn_tokenizer(["a", gap], split="words", vocabulary_size=9)


@pytest.mark.parametrize("one", ["a b", b"a b", tf.constant("a b")])
def test_one_text_is_not_taken_for_a_list_of_its_characters(tokenizers, one):
    with pytest.raises(ValueError, match="Received: text="):
        tokenizers["words"](one)
    with pytest.raises(ValueError, match="Received: texts="):
        text.learn_tokenizer(one, split="words", vocabulary_size=9)


def test_a_table_of_texts_is_not_joined_without_a_word(tokenizers):
    with pytest.raises(ValueError, match=r"of shape \(1, 2\)"):
        tokenizers["words"](tf.constant([["a", "b"]]))


@pytest.mark.parametrize("size", [4, 0, -1, True, 9.0, None])
@pytest.mark.parametrize("split", text.SPLITS)
def test_a_vocabulary_without_room_is_not_counted_from_its_end(split, size):
    with pytest.raises(ValueError, match=f"`vocabulary_size` .*={size}$"):
        text.learn_tokenizer(SENTENCES, split=split, vocabulary_size=size)


def test_subwords_need_room_for_each_character():
    options = {"split": "subwords"}
    with pytest.raises(ValueError, match="7 at least. Received: vocabulary_size=6"):
        text.learn_tokenizer(["ab"], vocabulary_size=6, **options)
    learned = text.learn_tokenizer(["ab"], vocabulary_size=np.int64(7), **options)
    assert sorted(learned.vocabulary[4:]) == [" ", "a", "b"]


@pytest.mark.parametrize("texts", [[], [""], ["", " "]])
@pytest.mark.parametrize("split", text.SPLITS)
def test_nothing_to_learn_is_not_a_vocabulary_of_nothing(split, texts):
    with pytest.raises(ValueError, match=f"Received: {len(texts)} empty texts"):
        text.learn_tokenizer(texts, split=split, vocabulary_size=9)


def test_texts_may_be_any_iterable_of_them():
    options = {"split": "words", "vocabulary_size": 9}
    for texts in [iter("ab"), tf.data.Dataset.from_tensor_slices(["a", "b"])]:
        assert text.learn_tokenizer(texts, **options).vocabulary[4:] == ["a", "b"]


@pytest.mark.parametrize("vocabulary", [["a", "a"], ["a", "[UNK]"], [""], [b"a", "a"]])
def test_a_token_is_there_once(vocabulary):
    with pytest.raises(ValueError, match="Received: '.*' twice"):
        text.Tokenizer(vocabulary, split="words")


def test_pieces_of_other_splits_are_not_ignored():
    with pytest.raises(ValueError, match="Received: split=words"):
        text.Tokenizer(["a"], split="words", pieces={" ab": [" a", "b"]})


def test_a_word_of_any_length_is_learned_from():
    learned = text.learn_tokenizer(["ab" * 9999], split="subwords", vocabulary_size=30)
    ids = learned(["abab"])
    assert "bababa" in learned.vocabulary and text.UNKNOWN not in ids.flat_values


def test_lists_of_ids_are_texts(tokenizers):
    for tokenizer in tokenizers.values():
        assert tokenizer.detokenize([[text.START, text.PADDING]]).numpy() == [b""]


def test_a_count_that_no_token_has_is_refused():
    options = {"split": "words", "vocabulary_size": 9}
    with pytest.raises(ValueError, match="min_count=3, where one stands 2 times"):
        text.learn_tokenizer(["a b", "b"], min_count=3, **options)


def test_a_least_count_of_subwords_is_refused():
    with pytest.raises(ValueError, match="not for subwords. Received: min_count=2"):
        text.learn_tokenizer(["a b"], split="subwords", vocabulary_size=20, min_count=2)
