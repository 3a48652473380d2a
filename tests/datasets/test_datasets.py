"""What all default corpora promise; the files beside are of each."""

import tensorflow_datasets as tfds

from gru_apps.datasets import BUILDERS, packages


def test_every_corpus_is_registered_under_the_name_it_is_listed_by():
    assert set(BUILDERS) <= set(tfds.list_builders())


def test_every_corpus_may_be_prepared_by_several_processes_at_once():
    for builder in BUILDERS.values():
        assert issubclass(builder, packages.CorpusBuilder)
