"""What attention adds to a translator, by the length of the sentence: three seeds each.

    python benchmarks/attention.py [--attentions none dot_product additive]
        [--seeds 0 1 2] [--epochs 3] [--units 128]
        [--output attention.csv]

`none` is the same encoder and decoder, which is handed the plain average of the memory
at every word: it can look up no character. `dot_product` and `additive` are what
`build_translator` has; the first two are the default. The recipe is shorter and
smaller than that of the notebook `02_machine_translation`, which draws the file:
`units` wide, 2,000 subwords, no dictionary. The loss is that of the validation split,
without sentences of more than 30 subwords; BLEU is that of greedy translations of the
test split (sacreBLEU 13a, cased), of all sentences and of those of up to 8, 9 to 12, 13
to 17 and more characters.

A run adds its row to the CSV once it is done: killed and called again, the script goes
on with those that are missing.
"""

import functools
import itertools
import tempfile

import keras
import sacrebleu
import tensorflow as tf
import tensorflow_datasets as tfds
from keras import layers, ops
from runs import complete, options_of

import gru_apps.datasets  # noqa: F401  registers the corpora
from gru_apps import decoding, training
from gru_apps.encoding import text
from gru_apps.models import translators
from gru_apps.training import losses

BOUNDS = {"to_8": (0, 8), "to_12": (9, 12), "to_17": (13, 17), "longer": (18, 1000)}
KEY = ["attention", "seed", "epochs", "units"]


@keras.saving.register_keras_serializable(package="benchmarks")
class PlainAverage(layers.Layer):
    """Averages memory by equal weights, in the place of attention."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def call(self, query, memory, memory_mask):
        mask = ops.cast(memory_mask, memory.dtype)[:, None, :]
        weights = mask / ops.maximum(ops.sum(mask, axis=-1, keepdims=True), 1)
        weights = ops.repeat(weights, ops.shape(query)[1], axis=1)
        return ops.matmul(weights, memory), weights


translators.ATTENTIONS["none"] = PlainAverage


def options():
    parser = options_of(__doc__, "attention.csv")
    choices, default = list(translators.ATTENTIONS), ["none", "dot_product"]
    parser.add_argument("--attentions", nargs="+", choices=choices, default=default)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--units", type=int, default=128)
    return parser.parse_args()


class Data:
    """The corpus, and the tokenizers that are learned from its training split."""

    def __init__(self):
        self.pairs = {}
        for split in ["train", "validation", "test"]:
            loaded = tfds.load("tatoeba_zh_en", split=split, batch_size=-1)
            columns = tfds.as_numpy(loaded)
            self.pairs[split] = columns["zh"].tolist(), columns["en"].tolist()
        chinese, english = self.pairs["train"]
        self.source = text.learn_tokenizer(
            chinese, split="characters", vocabulary_size=4000, min_count=2
        )
        self.target = text.learn_tokenizer(
            english, split="subwords", vocabulary_size=2000
        )

    def batches(self, split, batch_size, **shuffling):
        chinese, english = self.pairs[split]
        target_ids = self.target(english)
        edge = tf.ones([target_ids.nrows(), 1], tf.int32)
        begun = tf.concat([text.START * edge, target_ids], axis=1)
        inputs = {"source_ids": self.source(chinese), "target_ids": begun}
        examples = inputs, tf.concat([target_ids, text.END * edge], axis=1)
        dataset = tf.data.Dataset.from_tensor_slices(examples)
        dataset = dataset.filter(lambda _, target_ids: len(target_ids) <= 30)
        return training.batches(dataset, batch_size, **shuffling)


def translate(translator, data, chinese):
    """Returns greedy translations of sentences, in their order."""

    def step(ids, state):
        answer = translator.step({"token_ids": ids, **state}, training=False)
        return answer["logits"], {**state, "state": answer["state"]}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def search(sentences):
        ids = data.source(sentences).to_tensor()
        start = tf.fill([tf.shape(ids)[0]], text.START)
        state = translator.encoder(ids, training=False)
        found = decoding.greedy(step, state, start, max_steps=60, end_id=text.END)
        return data.target.detokenize(found.ids)

    order = sorted(range(len(chinese)), key=lambda place: len(chinese[place]))
    answers = [""] * len(chinese)
    for start in range(0, len(order), 64):
        places = order[start : start + 64]
        found = search(tf.constant([chinese[place] for place in places])).numpy()
        for place, answer in zip(places, found, strict=True):
            answers[place] = answer.decode()
    return answers


def scores(answers, pairs):
    """Returns the BLEU of all translations, and of those of each length."""
    lengths = [len(chinese.decode()) for chinese in pairs[0]]
    references = [line.numpy().decode() for line in text.normalize(pairs[1])]
    found = {}
    for name, (low, high) in {"bleu": (0, 1000), **BOUNDS}.items():
        places = [n for n, length in enumerate(lengths) if low <= length <= high]
        ours, theirs = ([lines[n] for n in places] for lines in (answers, references))
        found[name] = f"{sacrebleu.corpus_bleu(ours, [theirs]).score:.2f}"
    return found


def train(run, data):
    """Trains one translator; returns what was found."""
    seed, units = int(run["seed"]), int(run["units"])
    keras.utils.set_random_seed(seed)
    translator = translators.build_translator(
        len(data.source.vocabulary),
        len(data.target.vocabulary),
        units=units,
        embedding_dim=units,
        attention=run["attention"],
        dropout=0.2,
        output_dropout=0.2,
    )
    with tempfile.TemporaryDirectory() as directory:
        history = training.fit(
            translator.model,
            data.batches("train", 128, seed=seed),
            data.batches("validation", 256),
            directory=directory,
            epochs=int(run["epochs"]),
            loss=losses.SequenceCrossEntropy(label_smoothing=0.1),
            optimizer="muon",
            learning_rate=3e-3,
            seed=seed,
            verbose=0,
        )
    found = {"seconds": f"{history.seconds:.0f}"}
    found["loss"] = f"{min(history['val_loss']):.3f}"
    pairs = data.pairs["test"]
    return found | scores(translate(translator, data, pairs[0]), pairs)


def main():
    asked, data = options(), Data()
    kinds = itertools.product(asked.seeds, asked.attentions)
    runs = [(kind, seed, asked.epochs, asked.units) for seed, kind in kinds]
    runs = [dict(zip(KEY, run, strict=True)) for run in runs]
    complete(asked.output, runs, functools.partial(train, data=data))


if __name__ == "__main__":
    main()
