"""What of a SavedModel that hears a digit runs elsewhere: whole clips, and a frame."""

import numpy as np
import tensorflow as tf

from gru_apps import models
from gru_apps.cli.exporting import recordings
from gru_apps.serving.speech import NOBODY

SIGNATURE = "serving_default"
QUESTION = recordings.QUESTION


def networks(trained):
    """Returns the networks by their names, each with an example of its inputs.

    `digit` reads whole clips, `step` a frame at a time.
    """
    model = trained.build("everyday", _classifier)
    step = models.build_streaming_step(model)
    dim = model.input_shape[-1]
    return {
        "digit": (model, {"features": recordings.example_of_frames(dim)}),
        "step": (step, recordings.example_of_step(step, dim)),
    }


def _classifier(shapes):
    # the normalization comes first, of three weights, or more if it tells differences
    first = next(place for place, shape in enumerate(shapes) if len(shape) == 2)
    (dim,), (units, gates), (pooled, classes) = shapes[0], shapes[first + 1], shapes[-2]
    return models.build_feature_classifier(
        dim,
        classes,
        differences=first > 3,
        pooling=pooled != units,
        units=units,
        num_layers=shapes.count((2, gates)),
    )


def encoding(trained):
    """Returns the plain data that sound is read with, and the answer made."""
    (classes,) = trained.weights("everyday")[-1].shape
    digits = trained.constant(tf.int32, classes)
    reasons = trained.constant(tf.string, classes)
    return recordings.settings(remove_offset=_removes_offset(trained)) | {
        "temperature": trained.number("truediv/y"),
        "digits": list(range(classes)) if digits is None else digits.tolist(),
        "reasons": [] if reasons is None else [why.decode() for why in reasons],
        "silence": NOBODY,
    }


def _removes_offset(trained):
    """Tells whether a constant that is added to a sound changes the answer."""
    ask, said = trained.loaded.signatures["serving_default"], []
    sound = np.float32(QUESTION["waveform"][0])
    for offset in (0.0, 0.1):
        asked = {"waveform": tf.constant([sound + np.float32(offset)])}
        answer = ask(sample_rate=tf.constant(QUESTION["sample_rate"]), **asked)
        said.append(answer["probability"].numpy())
    return bool(np.allclose(*said, rtol=1e-4))
