"""Trains each builder's model on the backend that KERAS_BACKEND names, and saves it.

python train_and_save.py FOLDER

TensorFlow cannot be imported. FOLDER gets `NAME.keras` and `NAME.npz`, inputs and
answers, for each model; the gates that are read recompose to the layer's states.
"""

import pathlib
import sys


class _NoTensorFlow:
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "tensorflow":
            raise ModuleNotFoundError(f"{name} is kept out", name=name)


if __name__ == "__main__":  # and not where doctests are looked for
    sys.meta_path.insert(0, _NoTensorFlow())

import keras  # noqa: E402
import numpy as np  # noqa: E402

import gru_apps  # noqa: E402
from gru_apps import training  # noqa: E402
from gru_apps.inspection import read_gates, survival  # noqa: E402

RNG = np.random.default_rng(0)
IDS = RNG.integers(1, 20, size=(8, 6)).astype("int32")
IDS[:3, 4:] = 0
FRAMES = RNG.normal(size=(8, 12, 3)).astype("float32")
ONE_LABEL = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
SEQUENCE = training.SequenceCrossEntropy(label_smoothing=0.1)


def models():
    """Yields name, model, inputs, targets and loss."""
    text = gru_apps.build_text_classifier(20, 2, units=4, num_ngrams=8)
    yield "text", text, IDS, IDS[:, 0] % 2, ONE_LABEL
    pair = {"source_ids": IDS, "target_ids": IDS}
    translator = gru_apps.build_translator(20, 20, units=4, embedding_dim=4)
    yield "translator", translator.model, pair, IDS, SEQUENCE
    language = gru_apps.build_language_model(20, units=4, embedding_dim=4)
    yield "language", language.model, {"token_ids": IDS}, IDS, SEQUENCE
    feature = gru_apps.build_feature_classifier(3, 4, units=4)
    yield "feature", feature, FRAMES, IDS[:, 0] % 4, ONE_LABEL
    frame = gru_apps.build_frame_classifier(3, 4, units=4)
    yield "frame", frame, FRAMES, IDS[:, :2] % 4, training.CTC()


def recompose(model, inputs):
    gates = read_gates(model, inputs)
    gates = gates[0] if isinstance(gates[0], tuple) else gates  # forward
    before = np.pad(gates.state, [(0, 0), (1, 0), (0, 0)])[:, :-1]
    state = gates.update * before + (1 - gates.update) * gates.candidate
    np.testing.assert_allclose(state, gates.state, atol=1e-5)
    assert (survival(gates.update).median >= 1).all()


def main(folder):
    for name, model, inputs, targets, loss in models():
        metrics = [training.TokenAccuracy()] if loss is SEQUENCE else []
        model.compile(keras.optimizers.Adam(0.01), loss, metrics=metrics)
        history = model.fit(inputs, targets, batch_size=4, epochs=10, verbose=0)
        losses = history.history["loss"]
        assert min(losses[5:]) < losses[0], (name, losses)
        recompose(model, inputs)
        answers = model.predict(inputs, verbose=0)
        model.save(folder / f"{name}.keras")
        again = keras.saving.load_model(folder / f"{name}.keras")
        loaded = _arrays(again.predict(inputs, verbose=0))
        for one, other in zip(_arrays(answers), loaded, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)
        given = inputs if isinstance(inputs, dict) else {"inputs": inputs}
        made = {f"answer_{n}": array for n, array in enumerate(_arrays(answers))}
        np.savez(folder / f"{name}.npz", **given, **made)
        print(name)


def _arrays(nested):
    return [np.asarray(array) for array in keras.tree.flatten(nested)]


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
