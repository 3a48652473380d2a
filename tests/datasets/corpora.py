"""The default corpora, as NumPy values and strings; each is prepared once."""

import functools
import re

import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401  registers the corpora

SPLITS = ["train", "validation", "test"]


@functools.cache
def corpus(name: str) -> dict[str, list[dict]]:
    """All examples of all splits, as NumPy values and strings."""
    builder = tfds.builder(name)
    builder.download_and_prepare()
    return {split: list(examples(builder, split)) for split in SPLITS}


def examples(builder, split: str):
    dataset = builder.as_dataset(split=split)
    # in one batch: one by one, tens of thousands of sentences would take a minute
    columns = dataset.ragged_batch(len(dataset)).get_single_element()
    for row in zip(*[column.numpy() for column in columns.values()], strict=True):
        yield {
            key: value.decode() if isinstance(value, bytes) else value
            for key, value in zip(columns, row, strict=True)
        }


def sizes(name: str) -> list[int]:
    return [len(corpus(name)[split]) for split in SPLITS]


def everything(name: str) -> list[dict]:
    return [example for split in SPLITS for example in corpus(name)[split]]


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())


def in_several_splits(name: str, what) -> set:
    """Values of `what(example)` that stand in more than one split."""
    seen = [{what(example) for example in corpus(name)[split]} for split in SPLITS]
    return (seen[0] & seen[1]) | (seen[0] & seen[2]) | (seen[1] & seen[2])
