"""What of a SavedModel that hears digits in a row runs elsewhere: both its networks."""

from gru_apps import models
from gru_apps.cli.exporting import recordings

SIGNATURE = "serving_default"
QUESTION = recordings.QUESTION


def networks(trained):
    """Returns the networks by their names, each with an example of its inputs.

    `frames` reads whole clips in both directions, `step` a frame at a time.
    """
    both = trained.build("both-directions", _in_both_directions)
    step = models.build_streaming_step(trained.build("streaming", _streaming))
    dim = both.input_shape[-1]
    return {
        "frames": (both, {"features": recordings.example_of_frames(dim)}),
        "step": (step, recordings.example_of_step(step, dim)),
    }


def _in_both_directions(shapes):
    num_layers = (len(shapes) - 5) // 6  # three weights in each direction
    return _classifier(shapes, num_layers=num_layers, bidirectional=True)


def _streaming(shapes):
    return _classifier(shapes, num_layers=(len(shapes) - 5) // 3, bidirectional=False)


def _classifier(shapes, **options):
    # three of the normalization come first, then kernel and recurrent kernel
    (dim,), units, labels = shapes[0], shapes[4][0], shapes[-1][0]
    return models.build_frame_classifier(dim, labels - 1, units=units, **options)


def encoding(trained):
    """Returns the plain data that sound is read with, and the answer made."""
    (labels,) = trained.weights("streaming")[-1].shape
    return recordings.settings(remove_offset=True) | {
        "labels": [str(digit) for digit in range(labels - 1)],
        "width": trained.nodes("CTCBeamSearchDecoder")[0].attr["beam_width"].i,
    }
