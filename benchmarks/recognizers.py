"""How many digits recognizers get wrong, trained from several seeds each.

    python benchmarks/recognizers.py [--models "GRU, both directions" convolution ...]
        [--seeds 0 1 2 3 4] [--plain-epochs 6] [--epochs 20]
        [--output recognizers.csv]

One training says little: from another seed, or on another machine, a network has twice
as many errors, or half. The networks, the numbers and the recipe are those of the
notebook `06_speech_recognition`, which prints the rows. `clean` is the word error rate
of its 300 test numbers, and `changed` the mean of those of the same numbers, as
whispers under eight conditions. The test numbers are the same for all seeds.
`validation_clean` and `validation_changed` are those of 300 numbers of the takes of
validation, on which the settings were chosen.

A run adds its row to the CSV once it is done: killed and called again, the script goes
on with those that are missing.
"""

import itertools
import tempfile

import keras
import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds
from runs import complete, options_of

from gru_apps import datasets, decoding, models, training  # noqa: F401
from gru_apps.applications.recognition import comparisons, conditions, connected_digits
from gru_apps.encoding import audio

MODELS = ["GRU, both directions", "GRU, streaming", "convolution"]
KEY = ["model", "seed", "plain_epochs", "epochs"]
BATCH, STEPS = 64, 30  # numbers of a batch, batches of an epoch
VALIDATION, TEST = 150, 300  # numbers
ONE_WAY = {"units": 96, "bidirectional": False}
SIZES = {"num_layers": 2, "dropout": 0.3, "output_dropout": 0.3}
RECIPE = {"optimizer": "muon", "weight_decay": 1e-3, "verbose": 0}


def options():
    parser = options_of(__doc__, "recognizers.csv", seeds=[*range(5)])
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--plain-epochs", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=20)
    return parser.parse_args()


def adapt(model, voices, seed):
    """Tells a network the mean and the variance of some fresh numbers."""
    fresh = connected_digits.fresh_batches(voices, BATCH, steps=1, seed=seed)
    model.get_layer("normalization").adapt(next(iter(fresh))[0].numpy())


def drawn(voices, amount, seed):
    """Draws numbers; returns them, and what was said."""
    numbers = connected_digits.draw_numbers(voices, amount, seed=seed)
    return numbers, [" ".join(map(str, number.digits)) for number in numbers]


def padded(numbers):
    """Returns the frames of numbers, `(numbers, frames, 13)`."""
    examples = connected_digits.examples_of(numbers).padded_batch(len(numbers))
    return next(iter(examples))[0]


def learn(model, voices, numbers, stages, *, seed, learning_rate=1e-2):
    """Trains by CTC and Muon in stages, each varied or not; returns the seconds.

    `stages` are pairs of `varied` and of what else `fit` takes.
    """
    validation = training.batches(connected_digits.examples_of(numbers), 50)
    seconds, loss = 0, training.CTC()
    for varied, more in stages:
        fresh = connected_digits.fresh_batches(
            voices, BATCH, steps=STEPS, seed=seed, varied=varied
        )
        more = RECIPE | {"seed": seed, "learning_rate": learning_rate} | more
        with tempfile.TemporaryDirectory() as directory:
            more |= {"loss": loss, "monitor": "loss", "directory": directory}
            seconds += training.fit(model, fresh, validation, **more).seconds
    return seconds


def heard(model, frames):
    """Returns the digits of each number, as a beam of 16 finds them."""
    logits = model.predict(frames, batch_size=50, verbose=0)
    ids = decoding.prefix_beam_search(logits, width=16).ids[:, 0].numpy()
    return [" ".join(str(label - 1) for label in row if label) for row in ids]


def changed_frames(whispers, condition):
    """Returns the frames of whispered numbers under a condition."""
    clips = []
    for whisper in whispers:
        sound = conditions.sound_under(condition, whisper)
        clips.append(audio.mfcc(audio.remove_offset(audio.trim_padding(sound))))
    return tf.ragged.stack(clips).to_tensor()


def questions(voices, seed):
    """Returns what 300 numbers say, their frames, and those under each condition."""
    numbers, said = drawn(voices, TEST, seed)
    whispers = [audio.whisper(n.mfcc, seed=n.digits[0]) for n in numbers]
    changed = [changed_frames(whispers, c) for c in conditions.CONDITIONS]
    return said, padded(numbers), *changed


class Trials:
    """The voices, and the numbers that every network is asked."""

    def __init__(self):
        names = ["train", "validation", "test"]
        splits = tfds.load("spoken_digits/takes", split=names)
        voices = map(connected_digits.voices_of, splits)
        self.voices = dict(zip(names, voices, strict=True))
        self.asked = {
            "": questions(self.voices["test"], 2),
            "validation_": questions(self.voices["validation"], 7),
        }

    def measure(self, run):
        """Trains one network; returns its seconds and its error rates."""
        name, seed, *epochs = run.values()
        keras.utils.set_random_seed(seed)
        if name == "convolution":
            model, rate = comparisons.build_convolution(10), 5e-3
        else:
            own = ONE_WAY if name == "GRU, streaming" else {"units": 64}
            model, rate = models.build_frame_classifier(13, 10, **SIZES, **own), 1e-2
        adapt(model, self.voices["train"], seed)
        checked, _ = drawn(self.voices["validation"], VALIDATION, 1)
        stages = [
            (False, {"epochs": epochs[0]}),
            # an early end would come before the learning rate has fallen
            (True, {"epochs": epochs[1], "ema_momentum": 0.98, "patience": epochs[1]}),
        ]
        seconds = learn(
            model, self.voices["train"], checked, stages, seed=seed, learning_rate=rate
        )
        found = {}
        for takes, (said, *sounds) in self.asked.items():
            rates = [
                comparisons.error_interval(said, heard(model, frames))[0]
                for frames in sounds
            ]
            found |= {f"{takes}clean": rates[0], f"{takes}changed": np.mean(rates[1:])}
        rounded = {name: f"{rate:.4f}" for name, rate in found.items()}
        return {"seconds": round(seconds)} | rounded


def main():
    asked = options()
    runs = itertools.product(
        asked.models, asked.seeds, [asked.plain_epochs], [asked.epochs]
    )
    runs = (dict(zip(KEY, run, strict=True)) for run in runs)
    complete(asked.output, runs, Trials().measure)


if __name__ == "__main__":
    main()
