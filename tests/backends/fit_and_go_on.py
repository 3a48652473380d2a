"""Trains by `fit`, at once and interrupted, on the backend that KERAS_BACKEND names.

python fit_and_go_on.py FOLDER

Prints for how many kinds of data a run was gone on with, and ended with the weights of
one that was not interrupted.
"""

import os
import pathlib
import sys

import keras
import numpy as np

from gru_apps import SequenceCrossEntropy, TokenAccuracy, batches, build_translator, fit

IDS = np.random.default_rng(0).integers(1, 9, size=(12, 4)).astype("int32")
PAIRS = {"source_ids": IDS, "target_ids": IDS}
REPLACE, TRAIN = os.replace, keras.Model.fit
FIRST_EPOCHS = []  # with which trainings begin


class Interrupted(Exception):
    """What an epoch ends with here, once."""


def interrupt(source, target):
    REPLACE(source, target)
    if target.name == "checkpoint.weights.h5":
        os.replace = REPLACE
        raise Interrupted


def note_first_epoch(*arguments, initial_epoch, **options):
    FIRST_EPOCHS.append(initial_epoch)
    return TRAIN(*arguments, initial_epoch=initial_epoch, **options)


def torch_loader():
    import torch

    rows = [({name: ids[i] for name, ids in PAIRS.items()}, IDS[i]) for i in range(12)]
    generator = torch.Generator().manual_seed(7)
    return torch.utils.data.DataLoader(rows, 4, shuffle=True, generator=generator)


def run(folder, data):
    keras.utils.set_random_seed(1)
    model = build_translator(9, 9, units=4, embedding_dim=3).model
    history = fit(
        model,
        data(),
        batches((PAIRS, IDS), 4, seed=3),
        directory=folder,
        epochs=3,
        loss=SequenceCrossEntropy(),
        metrics=[TokenAccuracy()],
        learning_rate=0.03,
        ema_momentum=0.5,
    )
    assert history["loss"][-1] < history["loss"][0], history
    return [history["loss"], *model.get_weights()]


def main(folder):
    keras.Model.fit = note_first_epoch
    kinds = [lambda: batches((PAIRS, IDS), 4, seed=0)]
    if keras.backend.backend() == "torch":
        kinds.append(torch_loader)
        rows = [len(targets) for _, targets in batches(torch_loader(), 5)]
        assert rows == [5, 5, 2], rows
    for number, data in enumerate(kinds):
        at_once = run(folder / "at once", data)
        os.replace = interrupt
        try:
            run(folder / f"interrupted {number}", data)
        except Interrupted:
            again = run(folder / f"interrupted {number}", data)
        for one, other in zip(at_once, again, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)
    assert [0, 0, 1] * len(kinds) == FIRST_EPOCHS
    print(len(kinds))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
