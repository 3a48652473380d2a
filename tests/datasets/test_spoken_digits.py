import itertools

import pytest
import tensorflow_datasets as tfds
from corpora import corpus, everything, in_several_splits, sizes


@pytest.mark.corpus
def test_every_speaker_says_every_digit_in_fifty_takes():
    examples = everything("spoken_digits/takes")
    found = {(e["digit"], e["speaker"], e["take"]) for e in examples}
    assert found == set(itertools.product(range(10), range(6), range(50)))
    assert len(examples) == 3000
    assert sum(len(example["mfcc"]) for example in examples) == 53999


@pytest.mark.corpus
def test_recordings_are_split_by_take():
    takes = {
        split: {example["take"] for example in examples}
        for split, examples in corpus("spoken_digits/takes").items()
    }
    expected = {"test": range(5), "validation": range(5, 10), "train": range(10, 50)}
    assert takes == {split: set(some) for split, some in expected.items()}


@pytest.mark.corpus
def test_a_held_out_speaker_is_heard_in_the_test_split_alone():
    names = tfds.builder("spoken_digits").info.features["speaker"].names
    parts = corpus("spoken_digits/theo")
    assert {names[example["speaker"]] for example in parts["test"]} == {"theo"}
    assert sizes("spoken_digits/theo") == [2250, 250, 500]
    assert not in_several_splits("spoken_digits/theo", lambda e: e["mfcc"].tobytes())
    assert {example["take"] for example in parts["validation"]} == set(range(5, 10))
