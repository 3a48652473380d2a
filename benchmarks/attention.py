"""Additive or dot-product attention? Trains a translator with each and compares them.

    python benchmarks/attention.py [--epochs 3] [--seeds 1] [--units 256]

Prints, on the validation split of tatoeba_zh_en, the smoothed loss and the BLEU of
greedy translations (sacreBLEU 13a, cased), and the seconds that training took.
"""

import argparse
import tempfile

import sacrebleu
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps import serving, training
from gru_apps.encoding import text
from gru_apps.models import translators
from gru_apps.training import losses


def read_pairs(split):
    columns = tfds.as_numpy(tfds.load("tatoeba_zh_en", split=split, batch_size=-1))
    return columns["zh"].tolist(), columns["en"].tolist()


def encode(chinese, english, source, target):
    source_ids, target_ids = source(chinese), target(english)
    starts = tf.fill([target_ids.nrows(), 1], text.START)
    ends = tf.fill([target_ids.nrows(), 1], text.END)
    inputs = {
        "source_ids": source_ids,
        "target_ids": tf.concat([starts, target_ids], axis=1),
    }
    examples = inputs, tf.concat([target_ids, ends], axis=1)
    dataset = tf.data.Dataset.from_tensor_slices(examples)
    return dataset.filter(lambda _, target_ids: len(target_ids) <= 30)


def bleu(translator, source, target, chinese, english):
    asked = serving.translate_text(translator, source, target, width=1)
    pairs = sorted(zip(chinese, english, strict=True), key=lambda pair: len(pair[0]))
    answers = []
    for start in range(0, len(pairs), 64):
        some = tf.constant([chinese for chinese, _ in pairs[start : start + 64]])
        answers += asked["serving_default"](some)["translation"].numpy().tolist()
    references = [text.normalize(english).numpy().decode() for _, english in pairs]
    answers = [answer.decode() for answer in answers]
    return sacrebleu.corpus_bleu(answers, [references]).score


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--units", type=int, default=256)
    options = parser.parse_args()
    pairs = {split: read_pairs(split) for split in ["train", "validation"]}
    source = text.learn_tokenizer(
        pairs["train"][0], split="characters", vocabulary_size=5000, min_count=2
    )
    target = text.learn_tokenizer(
        pairs["train"][1], split="subwords", vocabulary_size=3000
    )
    print("attention    seed  validation loss  BLEU  seconds")
    for seed in range(options.seeds):
        for attention in translators.ATTENTIONS:
            train, validation = (
                training.batches(encode(*pairs[split], source, target), 128, seed=order)
                for split, order in [("train", seed), ("validation", None)]
            )
            translator = translators.build_translator(
                len(source.vocabulary),
                len(target.vocabulary),
                units=options.units,
                embedding_dim=options.units // 2,
                attention=attention,
                dropout=0.2,
                output_dropout=0.2,
            )
            with tempfile.TemporaryDirectory() as directory:
                history = training.fit(
                    translator.model,
                    train,
                    validation,
                    directory=directory,
                    epochs=options.epochs,
                    loss=losses.SequenceCrossEntropy(label_smoothing=0.1),
                    learning_rate=3e-3,
                    seed=seed,
                    verbose=0,
                )
            score = bleu(translator, source, target, *pairs["validation"])
            loss = min(history["val_loss"])
            print(
                f"{attention:<11} {seed:5} {loss:16.3f} {score:5.1f} "
                f"{history.seconds:8.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
