"""What the two comparisons on translation share: captions, model and BLEU.

Captions are lower-cased, in training and in the test. One byte-pair encoding is learned
from both languages, and one embedding serves both. BLEU is that of sacreBLEU with its
tokenizer 13a, from one model, by a beam of five; `greedy` is that of greedy search. The
best epoch is the one with the least loss on validation.
"""

import dataclasses
import functools

import numpy as np
import sacrebleu
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401 registers the corpus
from benchmarks.published._comparison import Trained, compare
from gru_apps import serving, training
from gru_apps.encoding import SubwordDropout, learn_tokenizer
from gru_apps.encoding.text import END, START
from gru_apps.models import build_translator

MODEL = {"units": 512, "embedding_dim": 256, "output_dropout": 0.4}
MODEL |= {"shared_embeddings": True}
RECIPE = {"optimizer": "muon", "learning_rate": 2e-3}
BATCH, BEAM = 128, 5


def read(split, *languages):
    """Returns the captions of a split in lower case, a list for each language."""
    rows = list(tfds.as_numpy(tfds.load("multi30k", split=split)))
    return [[row[name].decode().lower() for row in rows] for name in languages]


@functools.cache
def tokenizer(subwords):
    """Learns so many subwords of both languages, from the training split."""
    texts = sum(read("train", "en", "de"), [])
    return learn_tokenizer(texts, split="subwords", vocabulary_size=subwords)


def begun_and_ended(source, target):
    """Returns inputs and labels: source, target with its start, target with its end.

    All are ragged.
    """
    one = tf.ones([target.nrows(), 1], tf.int32)
    begun = tf.concat([one * START, target], axis=1)
    ended = tf.concat([target, one * END], axis=1)
    return {"source_ids": source, "target_ids": begun}, ended


def batches(split, languages, tokenizers, **shuffling):
    """Batches of captions of two languages, each read by its tokenizer."""
    texts = zip(tokenizers, read(split, *languages), strict=True)
    ids = [ids_of(tf.constant(captions)) for ids_of, captions in texts]
    return training.batches(begun_and_ended(*ids), BATCH, **shuffling)


@dataclasses.dataclass(frozen=True)
class Captions:
    """A direction, and how a GRU learns it.

    With a `rate`, subwords of training are drawn anew in each epoch, by BPE-dropout.
    """

    languages: tuple[str, str]
    subwords: int = 8_000
    epochs: int = 14
    dropout: float = 0.4
    rate: float = 0.0
    length_penalty: float = 1.0

    @property
    def tokenizer(self):
        """The one that reads both languages."""
        return tokenizer(self.subwords)

    def batches(self, split, **shuffling):
        """Batches as the translator reads them when it is asked."""
        return batches(split, self.languages, [self.tokenizer] * 2, **shuffling)

    def drawn_batches(self, seed):
        """Batches of training whose subwords are drawn."""
        texts = read("train", *self.languages)
        cuts = SubwordDropout(self.tokenizer, sum(texts, []), rate=self.rate)
        words = tuple(cuts.words(captions) for captions in texts)
        words = training.batches((words, tf.zeros(len(texts[0]))), BATCH, seed=seed)
        draws = tf.data.Dataset.random(seed, rerandomize_each_iteration=True)

        def draw(examples, number):
            pair = [cuts(part, [number, n]) for n, part in enumerate(examples[0])]
            tensors = begun_and_ended(*pair)
            return tf.nest.map_structure(tf.RaggedTensor.to_tensor, tensors)

        return tf.data.Dataset.zip(words, draws).map(draw, tf.data.AUTOTUNE)

    def build(self):
        """Builds an untrained translator."""
        size = len(self.tokenizer.vocabulary)
        return build_translator(size, size, dropout=self.dropout, **MODEL)

    def train(self, seed, directory):
        """Trains a translator."""
        model = self.build().model
        log = training.fit(
            model,
            self.drawn_batches(seed) if self.rate else self.batches("train", seed=seed),
            self.batches("validation"),
            directory=directory,
            loss=training.SequenceCrossEntropy(label_smoothing=0.1),
            epochs=self.epochs,
            seed=seed,
            verbose=2,
            **RECIPE,
        )
        found = self.bleu(model, "validation", BEAM)
        return Trained(model, log.seconds, found, log["val_loss"])

    def translating(self, translator, width):
        """Makes what translates a batch of texts, by a beam of that width."""
        signatures = serving.translate_text(
            translator,
            self.tokenizer,
            self.tokenizer,
            width=width,
            length_penalty=self.length_penalty,
        )
        return lambda texts: signatures["serving_default"](texts)["translation"]

    @functools.cached_property
    def asked(self):
        """Translators that were asked, and what translates by them, by width."""
        return {}

    def bleu(self, model, split, width):
        """Returns the BLEU of a split, 0 to 100, by a beam of that width."""
        if width not in self.asked:
            translator = self.build()
            self.asked[width] = translator, self.translating(translator, width)
        translator, translate = self.asked[width]
        translator.model.set_weights(model.get_weights())
        texts, references = read(split, *self.languages)
        found = answers(translate, texts)
        return sacrebleu.corpus_bleu(found, [references]).score

    def score(self, model):
        """Returns the BLEU of test2016, by the beam and by greedy search."""
        widths = {"test": BEAM, "greedy": 1}
        return {name: self.bleu(model, "test", w) for name, w in widths.items()}

    def compare(self, name, published, **asked):
        """Compares ours with what is published."""
        figure = "BLEU on test2016, higher is better"
        options = {"figure": figure, "published": published, "best": max}
        compare(name, self.train, self.score, **options, **asked)


def answers(translate, texts):
    """Returns the translations of texts, asked in batches of like length."""
    order = np.argsort([len(text) for text in texts])  # little padding
    found = np.empty(len(texts), object)
    for places in np.array_split(order, -(-len(order) // 64)):
        answer = translate(tf.constant([texts[place] for place in places]))
        found[places] = [text.decode() for text in answer.numpy()]
    return found.tolist()
