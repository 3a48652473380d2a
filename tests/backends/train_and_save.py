"""Trains each builder's model on the backend that KERAS_BACKEND names, and saves it.

python train_and_save.py FOLDER

TensorFlow cannot be imported. FOLDER gets `NAME.keras` and `NAME.npz`, inputs and
answers, for each model; the gates that are read recompose to the layer's states, and
views of one step answer as the whole does.
"""

import pathlib
import sys

import without_tensorflow

if __name__ == "__main__":  # and not where doctests are looked for
    without_tensorflow.hide()

import keras  # noqa: E402
import numpy as np  # noqa: E402

import gru_apps  # noqa: E402
from gru_apps import baselines, models, training  # noqa: E402
from gru_apps.inspection import read_gates, survival  # noqa: E402

RNG = np.random.default_rng(0)
IDS = RNG.integers(1, 20, size=(8, 6)).astype("int32")
IDS[:3, 4:] = 0
FRAMES = RNG.normal(size=(8, 12, 3)).astype("float32")
FRAMES[:3, 9:] = 0  # padding
SERIES = RNG.normal(7, 3, size=(40, 2)).astype("float32")
PAST, FUTURE = SERIES[:24].reshape(2, 12, 2), SERIES[24:30].reshape(2, 3, 2)
WORDS = [""] + [f"word{number}" for number in range(19)]
ONE_LABEL = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
SEQUENCE = training.SequenceCrossEntropy(label_smoothing=0.1)
PINBALL = training.PinballLoss((0.1, 0.5, 0.9))
LABELS = IDS[:, 0] % 4


def texts():
    """Yields name, model, inputs, targets and loss, as all these functions do."""
    plain = gru_apps.build_text_classifier(20, 4, units=4)
    yield "text", plain, IDS, LABELS, ONE_LABEL
    options = {"embedding_dim": 6, "num_ngrams": 8, "units": 4, "num_layers": 2}
    shares = {"recurrent_dropout": 0.1, "dropout": 0.1, "output_dropout": 0.1}
    spelled = gru_apps.build_text_classifier(20, 4, **options, **shares)
    spelled.get_layer("embedding").adapt(WORDS)
    yield "text_spelled", spelled, IDS, LABELS, ONE_LABEL
    pairs = baselines.build_pair_classifier(20, 4, num_pairs=32)
    baselines.adapt_pair_classifier(pairs, IDS, np.eye(4)[LABELS])
    yield "pairs", pairs, IDS, LABELS, ONE_LABEL


def next_tokens():
    pair = {"source_ids": IDS, "target_ids": IDS}
    for attention in ("dot_product", "additive"):
        options = {"attention": attention, "bigram_rows": 8, "num_layers": 2}
        translator = gru_apps.build_translator(
            20, 20, units=4, embedding_dim=4, **options
        )
        yield f"translator_{attention}", translator.model, pair, IDS, SEQUENCE
    for shared in (False, True):
        options = {"tokens_per_step": 2, "num_contexts": [3, 2], "given_units": 3}
        language = gru_apps.build_language_model(
            20, units=4, embedding_dim=4, shared_outputs=shared, **options
        )
        context = np.stack([IDS % 3, IDS % 2], axis=-1)
        told = {"token_ids": IDS, "context_ids": context, "given_ids": IDS * (IDS > 9)}
        yield f"language_{shared}", language.model, told, IDS, SEQUENCE
    options = {"embedding_dim": 4, "num_heads": 2, "num_layers": 1}
    rival = baselines.build_transformer_language_model(20, 6, **options)
    yield "transformer", rival, {"token_ids": IDS}, IDS, SEQUENCE


def of_frames():
    for differences in (False, True):
        options = {"differences": differences, "units": 4, "mask_input": True}
        model = gru_apps.build_feature_classifier(3, 4, pooling=True, **options)
        inputs = {"features": FRAMES, "mask": FRAMES.any(axis=-1)}
        model.get_layer("normalization").adapt(FRAMES)
        yield f"pooled_{differences}", model, inputs, LABELS, ONE_LABEL
        step = gru_apps.build_streaming_step(model)
        compare_step(model, step, inputs)
    last = gru_apps.build_feature_classifier(3, 4, units=4)
    yield "feature", last, FRAMES, LABELS, ONE_LABEL
    frame = gru_apps.build_frame_classifier(3, 4, units=4)
    frame.get_layer("normalization").adapt(list(FRAMES))
    yield "frame", frame, FRAMES, IDS[:, :2] % 4, training.CTC()


def forecasters():
    options = {"quantiles": PINBALL.quantiles, "units": 4}
    series = gru_apps.build_forecaster(2, horizon=3, length=8, segment=2, **options)
    models.adapt_forecaster(series, SERIES)
    yield "series", series, PAST, FUTURE, PINBALL
    dated = gru_apps.build_forecaster(2, 1, horizon=3, seasons=[2, 4], **options)
    models.adapt_forecaster(dated, SERIES)
    inputs = {"history": PAST, "calendar": RNG.normal(size=(2, 15, 1))}
    yield "calendar", dated, inputs, FUTURE[:, :, 0], PINBALL
    linear = gru_apps.build_linear_forecaster(12, 3, window=5)
    models.adapt_forecaster(linear, SERIES[:, :1])
    yield "linear", linear, PAST[:, :, :1], FUTURE[:, :, :1], "mse"


def compare_step(model, step, inputs):
    """Asks frame by frame what the model answers to a whole clip without padding."""
    clips = {name: array[-2:] for name, array in inputs.items()}
    state = np.zeros((2, step.input["state"].shape[-1]), "float32")
    for frame in clips["features"].swapaxes(0, 1):
        answer = step.predict({"features": frame, "state": state}, verbose=0)
        state = answer["state"]
    whole = model.predict(clips, verbose=0)
    np.testing.assert_allclose(answer["logits"], whole, atol=1e-5)


def recompose(model, inputs):
    names = [layer.name for layer in model.layers]
    # the first one of a language model that is told tokens reads backwards
    gates = read_gates(model, inputs, "gru_1" if "reader" in names else None)
    gates = gates[0] if isinstance(gates[0], tuple) else gates  # forward
    before = np.pad(gates.state, [(0, 0), (1, 0), (0, 0)])[:, :-1]
    state = gates.update * before + (1 - gates.update) * gates.candidate
    np.testing.assert_allclose(state, gates.state, atol=1e-5)
    assert (survival(gates.update).median >= 1).all()


def main(folder):
    for made in (forecasters, texts, next_tokens, of_frames):
        for name, model, inputs, targets, loss in made():
            train(name, model, inputs, targets, loss)
            if name not in ("pairs", "transformer", "linear"):
                recompose(model, inputs)
            save(folder, name, model, inputs)
            print(name)


def train(name, model, inputs, targets, loss):
    metrics = [training.TokenAccuracy()] if loss is SEQUENCE else []
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=metrics)
    history = model.fit(inputs, targets, batch_size=4, epochs=10, verbose=0)
    losses = history.history["loss"]
    assert min(losses[5:]) < losses[0], (name, losses)


def save(folder, name, model, inputs):
    answers = _arrays(model.predict(inputs, verbose=0))
    model.save(folder / f"{name}.keras")
    again = keras.saving.load_model(folder / f"{name}.keras")
    loaded = _arrays(again.predict(inputs, verbose=0))
    for one, other in zip(answers, loaded, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    given = inputs if isinstance(inputs, dict) else {"inputs": inputs}
    numbered = {f"answer_{n}": array for n, array in enumerate(answers)}
    np.savez(folder / f"{name}.npz", **given, **numbered)


def _arrays(nested):
    return [np.asarray(array) for array in keras.tree.flatten(nested)]


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
