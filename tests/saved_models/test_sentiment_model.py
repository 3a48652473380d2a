import numpy as np
import pytest
from asking import TEXTS, answer, ask, metrics

from gru_apps import inspection
from gru_apps.applications.sentiment import comparisons, sentences

LABELS = [label.encode() for label in sentences.VIEWS]
NOTHING = (
    "The film is 90 minutes long.|It was made in 1994.|My sister lives in Boston.|"
    "There are twelve chapters in the book.|The phone comes with a blue cable.|"
    "The vote is on Tuesday.|He plays a doctor.|We ordered it on Friday.|"
    "The parcel weighs 300 grams.|It is set in London in 1962.|Who wrote the book?|"
    "The door is green.|She is a teacher from Texas.|The box has two lids.|..."
)
CALLED = {
    "A wonderful film.": b"positive",
    "Five stars.": b"positive",
    "10/10": b"positive",
    "A wonderfull flim, I realy enjoied it": b"positive",
    "Not bad at all.": b"positive",
    "I did not hate it.": b"positive",
    "Not worth seeing.": b"negative",
    "One star.": b"negative",
    "A terible, borring story": b"negative",
}


@pytest.fixture(scope="module")
def test_split():
    return sentences.read_sentences("test")


def scores(texts):
    return answer("sentiment", text=list(texts))["score"]


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(test_split, tmp_path):
    some = [test_split.rated(kind) for kind in sentences.KINDS]
    texts = [np.array(of_kind.texts) for of_kind in some]
    found = ask("sentiment", texts, "serving_default", "score", tmp_path)
    for kind, scores, told in zip(sentences.KINDS, found, some, strict=True):
        accuracy = np.mean((scores > 0.5) == (told.ratings > 0))
        expected = metrics("sentiment")[f"test_accuracy_{kind}"]
        assert accuracy == pytest.approx(expected, abs=0.002), kind


@pytest.mark.corpus
@pytest.mark.parametrize("share", [0, 0.2], ids=["clean", "typing errors"])
def test_its_probabilities_mean_what_they_say(test_split, share):
    some = test_split.misspelled(share=share, seed=7)
    said = answer("sentiment", text=some.texts)
    right = said["label"] == np.array(LABELS)[sentences.views(some.ratings)]
    assert inspection.calibration_error(said["probability"], right) <= 0.05


@pytest.mark.corpus
def test_typing_errors_cost_little(test_split):
    films = test_split.rated("movies")
    wrong = films.misspelled(share=0.2, seed=7)
    found = [
        np.mean((scores(f.texts) > 0.5) == (f.ratings > 0)) for f in (films, wrong)
    ]
    assert found[0] - found[1] < 0.03


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("sentiment")
    bounds = {"movies": 0.82, "tweets": 0.77, "products": 0.68, "editorials": 0.70}
    figures = {kind: m[f"test_accuracy_{kind}"] for kind in bounds}
    assert not {kind for kind in bounds if figures[kind] < bounds[kind]}, figures
    assert m["contrast_pairs"] - m["contrast_pairs_bigrams"] >= 0.15
    assert m["contrast_pairs_new"] > m["contrast_pairs_new_bigrams"]


def test_pairs_of_sentences_are_told_apart_by_their_order():
    pairs = comparisons.read_pairs()
    right = comparisons.both_right(pairs, scores)
    new = np.array([pair.frames == "new" for pair in pairs])
    m = metrics("sentiment")
    assert right.mean() == pytest.approx(m["contrast_pairs"], abs=0.011)
    assert right[new].mean() == pytest.approx(m["contrast_pairs_new"], abs=0.026)


@pytest.mark.parametrize(("text", "label"), CALLED.items(), ids=CALLED)
def test_what_people_write_is_understood(text, label):
    assert answer("sentiment", text=[text])["label"][0] == label


def test_where_nothing_is_said_there_is_no_opinion():
    labels = answer("sentiment", text=["", *NOTHING.split("|")])["label"]
    assert labels[0] == labels[1] == b"no opinion"
    assert np.mean(labels == b"no opinion") >= 0.9


@pytest.mark.full_size("imdb_reviews")
def test_whole_reviews_are_told_by_their_sentences():
    import tensorflow_datasets as tfds

    rows = tfds.as_numpy(tfds.load("imdb_reviews", split="test").shard(25, 0))
    texts, labels = zip(*((row["text"], row["label"]) for row in rows), strict=True)
    parts = [scores(texts[start : start + 100]) for start in range(0, len(texts), 100)]
    positive = np.concatenate(parts) > 0.5
    assert np.mean(positive == np.array(labels)) > 0.76
    assert 0.35 < positive.mean() < 0.65


def test_the_kind_may_be_told_and_must_be_known():
    import tensorflow as tf

    texts = ["A wonderful film.", "It broke."]
    said = answer("sentiment", "of_kind", text=texts, kind=["movies", "products"])
    assert said["label"].tolist() == [b"positive", b"negative"]
    untold = answer("sentiment", "of_kind", text=texts, kind=["", ""])
    np.testing.assert_allclose(untold["score"], scores(texts), rtol=1e-5)
    with pytest.raises(tf.errors.InvalidArgumentError, match="`kind` must be one of"):
        answer("sentiment", "of_kind", text=texts, kind=["movies", "poems"])


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_gets_an_answer(text):
    said = answer("sentiment", text=[text])
    assert 0 <= said["score"][0] <= 1 and np.isfinite(said["probability"]).all()
    assert said["label"][0] in LABELS
