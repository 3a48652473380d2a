"""What do a GRU, two GRUs and composed lessons add to counting? Three seeds each.

    python benchmarks/sentiment.py [--seeds 0 1 2]
        [--output sentiment.csv]
    python benchmarks/sentiment.py --reviews [--model saved_models/sentiment/1]
        [--output benchmarks/results/whole_reviews.csv]

Without `--reviews`, the models of notebook 01 learn from each seed: from the sentences
that people rated, or from composed ones, too. They are asked the validation sentences,
which give the accuracy of each kind, and the contrast pairs, which give the share of
pairs with both sentences right. The test split has no part. A seed adds its rows to the
CSV once it is done: killed and called again, the script goes on with those that are
missing. Last it prints the mean of the seeds, and half their range.

With `--reviews`, a SavedModel reads every 25th of the whole reviews of the test set of
`imdb_reviews`, which come over the network, and so does counting: 1,000 in all.
"""

import argparse
import pathlib
import tempfile

import keras
import numpy as np
import runs
import tensorflow as tf
import tensorflow_datasets as tfds
from keras import layers

from gru_apps import models, training
from gru_apps.applications.sentiment import comparisons, composing, sentences, spelling

RESULTS = pathlib.Path("benchmarks", "results")
FIGURES = [*sentences.KINDS, "taught", "new"]
COLUMNS = ["model", "lessons", "seed", *FIGURES]
COMPOSED, BATCH, EPOCHS = 18_000, 64, 3


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--reviews", action="store_true")
    parser.add_argument("--model", default="saved_models/sentiment/1")
    parser.add_argument("--output", type=pathlib.Path)
    asked = parser.parse_args()
    if not asked.output:
        rows = runs.rows_path("sentiment.csv")
        asked.output = RESULTS / "whole_reviews.csv" if asked.reviews else rows
    return asked


def signs(some):
    return some.rated().texts, (some.rated().ratings > 0).astype(int)


class Course:
    """What the models of one seed learn from, by name, and how they are asked."""

    def __init__(self, seed):
        self.seed = seed
        self.validation = sentences.read_sentences("validation")
        train, words = sentences.read_sentences("train"), sentences.read_words()
        composer = composing.Composer.of_people(train, words, seed=seed)
        composed = sentences.untold(composer.compose(COMPOSED))
        other = composing.Composer.of_people(train, words, seed=seed + 1)
        other = sentences.untold(other.compose(1000))
        self.chosen_by = {"people": self.validation}
        self.chosen_by["composed, too"] = sentences.join([self.validation, other])
        people = sentences.join([train, sentences.untold(words.items())])
        self.lessons = {"people": people}
        both = sentences.join([people, composed])
        self.lessons["composed, too"] = sentences.vary(both, seed=seed)
        self.tokenizer = spelling.learn_forgiving_tokenizer(
            [*train.texts, *2 * list(words), *composed.texts],
            vocabulary_size=40_000,
            marks=[f"<{kind}>" for kind in sentences.KINDS],
        )

    def train(self, model, lessons, optimizer, rate, seed):
        def batches(some, size, **shuffled):
            ids = sentences.encode(self.tokenizer, some.texts, some.kinds)
            pairs = ids, sentences.targets(some.ratings)
            dataset = tf.data.Dataset.from_tensor_slices(pairs)
            return training.batches(dataset, size, **shuffled)

        with tempfile.TemporaryDirectory() as directory:
            training.fit(
                model,
                batches(self.lessons[lessons], BATCH, seed=seed),
                batches(self.chosen_by[lessons], 256),
                directory=directory,
                epochs=EPOCHS,
                loss=keras.losses.CategoricalCrossentropy(from_logits=True),
                optimizer=optimizer,
                learning_rate=rate,
                seed=seed,
                verbose=0,
            )
        return model

    def score_by(self, model):
        """How likely a Keras model takes texts for positive rather than negative."""

        def score(texts):
            ids = sentences.encode(self.tokenizer, texts, [""] * len(texts)).to_tensor()
            logits = model.predict(ids, batch_size=256, verbose=0)
            return tf.sigmoid(logits[:, 2] - logits[:, 0]).numpy()

        return score

    def figures(self, score):
        """The accuracy on each kind, and the share of pairs, taught and new."""
        found = {}
        for kind in sentences.KINDS:
            texts, positive = signs(self.validation.rated(kind))
            found[kind] = np.mean((score(texts) > 0.5) == positive)
        pairs = comparisons.read_pairs()
        right = comparisons.both_right(pairs, score)
        for frames in ("taught", "new"):
            chosen = [pair.frames == frames for pair in pairs]
            found[frames] = right[np.array(chosen)].mean()
        return {name: f"{figure:.4f}" for name, figure in found.items()}


def small_model(number):
    token_ids = keras.Input((None,), dtype="int32")
    vectors = layers.Embedding(number, 32, mask_zero=True)(token_ids)
    return keras.Model(token_ids, layers.Dense(3)(layers.GRU(64)(vectors)))


def reader(number):
    return models.build_text_classifier(
        number, 3, embedding_dim=32, dropout=0.4, output_dropout=0.4
    )


def run_seed(seed):
    """Yields a row for each model and its lessons."""
    course = Course(seed)
    number = len(course.tokenizer.vocabulary)
    for lessons, some in course.lessons.items():
        named = {"lessons": lessons, "seed": seed}
        counting = comparisons.fit_bigrams(signs(some), signs(course.validation))
        yield (
            named
            | {"model": "counting"}
            | course.figures(
                lambda texts, counting=counting: counting.predict_proba(texts)[:, 1]
            )
        )
        keras.utils.set_random_seed(seed)
        small = course.train(small_model(number), lessons, "adam", 3e-3, seed)
        yield named | {"model": "ten lines"} | course.figures(course.score_by(small))
    readers = []
    for own in (seed, seed + 100):
        keras.utils.set_random_seed(own)
        one = course.train(reader(number), lessons, "muon", 6e-3, own)
        readers.append(keras.Model(one.input, one.output, name=f"reader_{own}"))
    token_ids = keras.Input((None,), dtype="int32")
    mean = layers.Average()([one(token_ids) for one in readers])
    average = keras.Model(token_ids, mean)
    for name, model in {"a reader": readers[0], "two readers": average}.items():
        yield named | {"model": name} | course.figures(course.score_by(model))


def read_reviews(path):
    """Yields a row for each way to read the reviews of IMDB."""
    rows = list(tfds.as_numpy(tfds.load("imdb_reviews", split="test")))[::25]
    texts = [row["text"].decode() for row in rows]
    positive = np.array([row["label"] for row in rows]) == 1
    loaded = tf.saved_model.load(path)

    def score(name, **told):
        ask, found = loaded.signatures[name], []
        for start in range(0, len(texts), 100):
            some = texts[start : start + 100]
            kinds = {key: tf.fill([len(some)], kind) for key, kind in told.items()}
            found.append(ask(text=tf.constant(some), **kinds)["score"].numpy())
        return np.concatenate(found)

    train, words = sentences.read_sentences("train"), sentences.read_words()
    films = [train.rated("movies"), sentences.untold(words.items())]
    validation = sentences.read_sentences("validation").rated("movies")
    counting = comparisons.fit_bigrams(signs(sentences.join(films)), signs(validation))
    ways = {
        "GRU, sentence by sentence": score("serving_default"),
        "the same, told that it reads of films": score("of_kind", kind="movies"),
        "counting, from sentences of films": counting.predict_proba(texts)[:, 1],
    }
    for name, scores in ways.items():
        called = scores > 0.5
        figures = [np.mean(called == positive), np.mean(called)]
        accuracy, share = (f"{figure:.3f}" for figure in figures)
        yield {"reader": name, "accuracy": accuracy, "called positive": share}


def report(rows):
    """Prints the mean over seeds of each figure, and half of the range."""
    print(f"{'':<27}" + "".join(f"{name:>15}" for name in FIGURES))
    groups = {}
    for row in rows:
        groups.setdefault((row["lessons"], row["model"]), []).append(row)
    for (lessons, model), some in groups.items():
        line = f"{lessons:>13}, {model:<12}"
        for name in FIGURES:
            found = np.array([float(row[name]) for row in some])
            line += f"{found.mean():>8.3f} ± {np.ptp(found) / 2:.3f}"
        print(line)


def main():
    asked = options()
    if asked.reviews:
        rows = list(read_reviews(asked.model))
        runs.write(asked.output, rows)
        for row in rows:
            print(*row.values(), sep="   ")
        return
    rows = runs.read(asked.output)
    for seed in asked.seeds:
        if str(seed) not in {str(row["seed"]) for row in rows}:
            rows += run_seed(seed)
            rows = [{name: row[name] for name in COLUMNS} for row in rows]
            runs.write(asked.output, rows)
    report(rows)


if __name__ == "__main__":
    main()
