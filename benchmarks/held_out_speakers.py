"""How many digits a recognizer gets wrong of a voice that it never heard: six voices.

    python benchmarks/held_out_speakers.py [--speakers george jackson ...]
        [--seeds 0] [--plain-epochs 4] [--epochs 4]
        [--output held_out_speakers.csv]

One speaker is left out of training, and all recordings of that voice make the numbers
of the test. The model, the numbers and the recipe are those of the GRU in both
directions of the notebook `06_speech_recognition`, which draws the file, but for fewer
epochs and without a moving average: plain numbers first, then varied ones. `known` is
the word error rate of 150 numbers of the other five, of takes that training never
hears, and `unknown` that of 150 numbers of the voice left out; `low` and `high` are the
ends of its 95 % interval.

A run adds its row to the CSV once it is done: killed and called again, the script goes
on with those that are missing.
"""

import keras
import tensorflow_datasets as tfds
from recognizers import SIZES, adapt, drawn, heard, learn, padded
from runs import complete, options_of

from gru_apps import datasets, models  # noqa: F401 registers the corpora
from gru_apps.applications.recognition import comparisons, connected_digits

SPEAKERS = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"]
KEY = ["speaker", "seed", "plain_epochs", "epochs"]
FOUND = ["known", "unknown", "low", "high"]


def options():
    parser = options_of(__doc__, "held_out_speakers.csv", seeds=[0])
    parser.add_argument("--speakers", nargs="+", choices=SPEAKERS, default=SPEAKERS)
    parser.add_argument("--plain-epochs", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=4)
    return parser.parse_args()


def train_without(speaker, seed, plain_epochs, epochs):
    """Returns the model, its seconds, and voices: those it knows, and the other one."""
    parts = tfds.load(f"spoken_digits/{speaker}", split=["train", "validation", "test"])
    known, checked, unknown = map(connected_digits.voices_of, parts)
    keras.utils.set_random_seed(seed)
    model = models.build_frame_classifier(13, 10, units=64, **SIZES)
    adapt(model, known, seed)
    numbers, _ = drawn(checked, 50, seed)
    stages = [(False, {"epochs": plain_epochs}), (True, {"epochs": epochs})]
    seconds = learn(model, known, numbers, stages, seed=seed)
    return model, seconds, checked, unknown


def errors(model, voices, seed):
    """Returns the word error rate of 150 numbers, and its interval."""
    numbers, said = drawn(voices, 150, seed)
    return comparisons.error_interval(said, heard(model, padded(numbers)))


def measure(run):
    """Trains one model; returns its error rates."""
    speaker, *numbers = run.values()
    model, seconds, known, unknown = train_without(speaker, *map(int, numbers))
    seed = int(run["seed"])
    rates = [errors(model, known, seed)[0], *errors(model, unknown, seed)]
    found = dict(zip(FOUND, (f"{rate:.4f}" for rate in rates), strict=True))
    return {"seconds": round(seconds)} | found


def main():
    asked = options()
    complete(
        asked.output,
        (
            dict(
                zip(KEY, (speaker, seed, asked.plain_epochs, asked.epochs), strict=True)
            )
            for seed in asked.seeds
            for speaker in asked.speakers
        ),
        measure,
    )


if __name__ == "__main__":
    main()
