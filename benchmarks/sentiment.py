"""What does each part of the sentiment committee add? Asks it by cross-validation.

    python benchmarks/sentiment.py [--folds 5] [--epochs 5]

The training and validation sentences of movie_snippets are cut into folds, and every
model of notebook 01 answers those of each fold after it has learned from the others, a
tenth of which tell a reader when to stop. Prints the accuracy over all folds, with the
95 % confidence interval of its difference from the bag of bigrams, and the seconds of
training a reader. The test split has no part in it.
"""

import argparse
import tempfile

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps import models, text, training


def read(name, split):
    rows = list(tfds.as_numpy(tfds.load(name, split=split)))
    texts = np.array([row["text"].decode() for row in rows], dtype=object)
    return texts, np.float32([row["rating"] for row in rows])


def encode(tokenizer, texts, ratings):
    positive = tf.sigmoid(ratings)
    examples = (
        tokenizer(tf.constant(list(texts))),
        tf.stack([1 - positive, positive], 1),
    )
    return tf.data.Dataset.from_tensor_slices(examples)


def train_reader(tokenizer, num_ngrams, train, validation, epochs, seed):
    keras.utils.set_random_seed(seed)
    reader = models.build_text_classifier(
        len(tokenizer.vocabulary),
        2,
        embedding_dim=32,
        num_ngrams=num_ngrams,
        dropout=0.4,
        output_dropout=0.4,
    )
    if num_ngrams:
        reader.get_layer("embedding").adapt(tokenizer.vocabulary)
    with tempfile.TemporaryDirectory() as directory:
        history = training.fit(
            reader,
            training.batches(train, 64, seed=seed),
            training.batches(validation, 256),
            directory=directory,
            epochs=epochs,
            loss=keras.losses.CategoricalCrossentropy(from_logits=True),
            optimizer="muon",
            learning_rate=6e-3,
            seed=seed,
            verbose=0,
        )
    return reader, history.seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    parts = [read("movie_snippets", name) for name in ["train", "validation"]]
    texts, ratings = (np.concatenate(column) for column in zip(*parts, strict=True))
    words, word_ratings = read("movie_snippets/words", "all")
    said, seconds = {}, {}  # by model: for each sentence, how much speaks for positive
    folds = KFold(options.folds, shuffle=True, random_state=0).split(texts)
    for fold, (others, own) in enumerate(folds):
        few = len(others) // 10
        lessons = np.concatenate([texts[others[few:]], words])
        lesson_ratings = np.concatenate([ratings[others[few:]], word_ratings])
        bigrams = make_pipeline(
            TfidfVectorizer(
                ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]"
            ),
            LogisticRegression(C=30, max_iter=1000),
        ).fit(lessons, lesson_ratings > 0)
        tokenizer = text.learn_tokenizer(lessons, split="words", vocabulary_size=40_000)
        train = encode(tokenizer, lessons, lesson_ratings)
        validation = encode(tokenizer, texts[others[:few]], ratings[others[:few]])
        asked = training.batches(encode(tokenizer, texts[own], ratings[own]), 256)
        counter = models.build_pair_classifier(
            len(tokenizer.vocabulary), 2, num_pairs=2**17
        )
        known = training.batches(train, len(lessons))
        models.adapt_pair_classifier(counter, *next(iter(known)))
        answers = {"bigrams": bigrams.decision_function(texts[own]), "counter": counter}
        readers = {
            "reader, words alone": (0, 0),
            "reader": (2**14, 0),
            "2nd": (2**14, 1),
        }
        for name, (num_ngrams, seed) in readers.items():
            answers[name], taken = train_reader(
                tokenizer, num_ngrams, train, validation, options.epochs, seed
            )
            seconds[name] = seconds.get(name, 0) + taken
        for name, model in answers.items():
            if isinstance(model, keras.Model):
                logits = model.predict(asked, verbose=0)
                answers[name] = logits[:, 1] - logits[:, 0]
        answers["both readers"] = (answers["reader"] + answers.pop("2nd")) / 2
        answers["one reader, counter"] = answers["reader"] + answers["counter"]
        answers["committee"] = answers["both readers"] + answers["counter"]
        for name, answer in answers.items():
            said.setdefault(name, np.zeros(len(texts)))[own] = answer
        print(f"fold {fold + 1} of {options.folds}", flush=True)
    right = {name: (score > 0) == (ratings > 0) for name, score in said.items()}
    print(f"{len(texts)} sentences    accuracy  against the bigrams  seconds")
    for name, hits in right.items():
        difference = hits * 1.0 - right["bigrams"]
        margin = 1.96 * difference.std() / len(texts) ** 0.5
        taken = f"{seconds[name]:8.0f}" if name in seconds else ""
        print(f"{name:<20} {hits.mean():.4f}", end="  ")
        print(f"{difference.mean():+.4f} ± {margin:.4f}   {taken}")


if __name__ == "__main__":
    main()
