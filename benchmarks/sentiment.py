"""What does each part of the sentiment committee add? Asks it by cross-validation.

    python benchmarks/sentiment.py [--folds 5] [--epochs 5]

The training and validation sentences of movie_snippets are cut into folds, and every
model of notebook 01 answers those of each fold after it has learned from the others, a
tenth of which tell a reader when to stop. Prints the accuracy over all folds, and its
difference from that of the bag of bigrams with a 95 % confidence interval, which knows
that other sentences would give other figures, and not that other seeds would. Readers
are trained from two seeds, of which "a reader" is the mean. The test split has no part.
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
from sklearn.pipeline import make_pipeline, make_union

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps import baselines, models, serving, training
from gru_apps.encoding import text


def read(name, split):
    rows = list(tfds.as_numpy(tfds.load(name, split=split)))
    texts = np.array([row["text"].decode() for row in rows], dtype=object)
    return texts, np.float32([row["rating"] for row in rows])


def encode(tokenizer, texts, ratings):
    positive = tf.sigmoid(ratings)
    targets = tf.stack([1 - positive, positive], axis=1)
    pairs = tokenizer(tf.constant(list(texts))), targets
    return tf.data.Dataset.from_tensor_slices(pairs)


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
        reader.get_layer("embedding").adapt(tokenizer.spellings)
    with tempfile.TemporaryDirectory() as directory:
        training.fit(
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
    return reader


def fit_bigrams(lessons, labels, *more):
    bigrams = TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+|[^\w\s]"
    )
    regression = LogisticRegression(C=30, max_iter=1000)
    return make_pipeline(make_union(bigrams, *more), regression).fit(lessons, labels)


def answer_fold(known, stop, asked, epochs):
    """Returns, by model, how much speaks for positive in each of the texts `asked`.

    Models learn from the texts and ratings `known`, and readers stop by those of
    `stop`. Where there is more than one answer, each is of another seed.
    """
    spelling = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 6), sublinear_tf=True, min_df=2
    )
    answers = {}
    for name, more in {"bigrams": [], "bigrams and spelling": [spelling]}.items():
        counted = fit_bigrams(known[0], known[1] > 0, *more)
        answers[name] = [counted.decision_function(asked)]
    tokenizer = text.learn_tokenizer(known[0], split="words", vocabulary_size=40_000)
    train, validation = encode(tokenizer, *known), encode(tokenizer, *stop)
    ids = serving.padded(tokenizer(tf.constant(list(asked))))

    def answer(model):
        logits = model.predict(ids, batch_size=256, verbose=0)
        return logits[:, 1] - logits[:, 0]

    counter = baselines.build_pair_classifier(
        len(tokenizer.vocabulary), 2, num_pairs=2**17
    )
    whole = training.batches(train, len(known[0]))
    baselines.adapt_pair_classifier(counter, *next(iter(whole)))
    answers["counter"] = [answer(counter)]
    for num_ngrams, name in [(0, " without spelling"), (2**14, "")]:
        readers = [
            answer(train_reader(tokenizer, num_ngrams, train, validation, epochs, seed))
            for seed in range(2)
        ]
        both = np.mean(readers, axis=0)
        answers[f"a reader{name}"] = readers
        answers[f"both readers{name}"] = [both]
        answers[f"committee{name}"] = [both + answers["counter"][0]]
    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    parts = [read("movie_snippets", name) for name in ["train", "validation"]]
    texts, ratings = (np.concatenate(column) for column in zip(*parts, strict=True))
    words = read("movie_snippets/words", "all")
    right = {}  # by model: whether its answer to each sentence is, or the share of two
    folds = KFold(options.folds, shuffle=True, random_state=0).split(texts)
    for fold, (others, own) in enumerate(folds):
        stop, known = np.split(others, [len(others) // 10])
        known = texts[known], ratings[known]
        known = [np.concatenate(both) for both in zip(known, words, strict=True)]
        stop = texts[stop], ratings[stop]
        answers = answer_fold(known, stop, texts[own], options.epochs)
        for name, several in answers.items():
            hits = [(scores > 0) == (ratings[own] > 0) for scores in several]
            right.setdefault(name, np.zeros(len(texts)))[own] = np.mean(hits, axis=0)
        print(f"fold {fold + 1} of {options.folds}", flush=True)
    print(f"of {len(texts)} sentences          accuracy  against the bigrams")
    for name, hits in right.items():
        difference = hits - right["bigrams"]
        margin = 1.96 * difference.std() / len(texts) ** 0.5
        print(f"{name:<30} {hits.mean():.4f}", end="    ")
        print(f"{difference.mean():+.4f} ± {margin:.4f}")


if __name__ == "__main__":
    main()
