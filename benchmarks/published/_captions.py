"""What the two comparisons on translation share: captions, model and BLEU.

Captions are lower-cased, in training and in the test. One byte-pair encoding is learned
from both languages, and one embedding serves both. BLEU is that of sacreBLEU with its
tokenizer 13a, from one model, by a beam of five; `greedy` is that of greedy search. The
best epoch is the one with the least loss on validation.
"""

import functools

import numpy as np
import sacrebleu
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401 registers the corpus
from benchmarks.published._comparison import Trained
from gru_apps import serving, training
from gru_apps.encoding import learn_tokenizer
from gru_apps.encoding.text import END, START
from gru_apps.models import build_translator

MODEL = {"units": 512, "embedding_dim": 256, "dropout": 0.4, "output_dropout": 0.4}
MODEL |= {"shared_embeddings": True}
RECIPE = {"epochs": 14, "optimizer": "muon", "learning_rate": 2e-3}
SUBWORDS, BATCH, BEAM, LENGTH_PENALTY = 8_000, 128, 5, 1.0


def read(split, *languages):
    """Returns the captions of a split in lower case, a list for each language."""
    rows = list(tfds.as_numpy(tfds.load("multi30k", split=split)))
    return [[row[name].decode().lower() for row in rows] for name in languages]


@functools.cache
def tokenizer():
    """Learns the subwords of both languages, from the training split."""
    texts = sum(read("train", "en", "de"), [])
    return learn_tokenizer(texts, split="subwords", vocabulary_size=SUBWORDS)


def batches(split, source, target, *, tokenizers=None, **shuffling):
    """Batches of source, of target with its start, and of target with its end."""
    tokenizers = tokenizers or [tokenizer()] * 2
    texts = zip(tokenizers, read(split, source, target), strict=True)
    ids = [ids_of(tf.constant(captions)) for ids_of, captions in texts]
    rows = ids[1].nrows()
    begun = tf.concat([tf.fill([rows, 1], START), ids[1]], axis=1)
    ended = tf.concat([ids[1], tf.fill([rows, 1], END)], axis=1)
    examples = {"source_ids": ids[0], "target_ids": begun}, ended
    return training.batches(examples, BATCH, **shuffling)


def build():
    """Builds an untrained translator."""
    size = len(tokenizer().vocabulary)
    return build_translator(size, size, **MODEL)


def train(source, target, seed, directory):
    """Trains a translator from one language into the other."""
    model = build().model
    log = training.fit(
        model,
        batches("train", source, target, seed=seed),
        batches("validation", source, target),
        directory=directory,
        loss=training.SequenceCrossEntropy(label_smoothing=0.1),
        seed=seed,
        verbose=2,
        **RECIPE,
    )
    found = bleu(model, "validation", source, target, BEAM)
    return Trained(model, log.seconds, found, log["val_loss"])


def translating(translator, width):
    """Makes what translates a batch of texts, by a beam of that width."""
    signatures = serving.translate_text(
        translator, tokenizer(), tokenizer(), width=width, length_penalty=LENGTH_PENALTY
    )
    return lambda texts: signatures["serving_default"](texts)["translation"]


def answers(translate, texts):
    """Returns the translations of texts, asked in batches of like length."""
    order = np.argsort([len(text) for text in texts])  # little padding
    found = np.empty(len(texts), object)
    for places in np.array_split(order, -(-len(order) // 64)):
        answer = translate(tf.constant([texts[place] for place in places]))
        found[places] = [text.decode() for text in answer.numpy()]
    return found.tolist()


def bleu(model, split, source, target, width):
    """Returns the BLEU of a split, 0 to 100, by a beam of that width."""
    translator = build()
    translator.model.set_weights(model.get_weights())
    texts, references = read(split, source, target)
    found = answers(translating(translator, width), texts)
    return sacrebleu.corpus_bleu(found, [references]).score


def score(source, target, model):
    """Returns the BLEU of test2016, by the beam and by greedy search."""
    widths = {"test": BEAM, "greedy": 1}
    return {n: bleu(model, "test", source, target, w) for n, w in widths.items()}
