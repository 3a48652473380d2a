"""The questions of a SavedModel that hears a word: which one?"""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from gru_apps.encoding.audio import trim_padding
from gru_apps.serving.signatures import Signatures, check, check_finite, spec

MAX_MFCC = 100_000  # the loudest float32 has a tenth of it; much more is no number
MAX_STATE = 1.001  # a GRU stays within -1..1, but for rounding
NOBODY = "nobody spoke"


def classify_speech(
    model,
    streaming_step,
    features: Callable,
    *,
    reasons: Sequence[str] = (),
    temperature: float = 1.0,
) -> Signatures:
    """Answers `waveform` `(batch, samples)` at `sample_rate` with a digit, or with why.

    Answers are `digit`, its `probability` and `reason`. The last logits of `model` are
    those of the `reasons` why there is none of its digits: then `digit` is -1, `reason`
    says why, and `probability` is that of the reason. Else `reason` is "". Logits are
    divided by `temperature`: by one that is fitted on clips training has not seen,
    probabilities are right as often as they say; by 1, nothing changes.

    Waveforms are floats in -1..1; `sample_rate`, in hertz, is a scalar or one for each
    clip. Clips are padded on the right with zeros: a clip ends with its last sample
    other than 0. A clip of zeros alone is answered by -1 and "nobody spoke", with
    probability 1, whatever the `reasons` are. `features` maps one waveform, without its
    padding, and its rate to frames `(frames, dim)`.

    `features` takes frames `mfcc` `(batch, frames, dim)`, padded with frames of zeros.
    `step` takes the next frame, `mfcc` `(batch, dim)`, and `state` `(batch, size)`,
    zeros at the start, and returns what `features` would say of the frames so far, and
    `state`.

    That is what `serving_default` says of a clip only if the frames are those of the
    whole clip: a frame of `audio.mfcc` looks 25 ms ahead, and its levels are cut off 80
    dB below the clip's peak, which is known at its end. Frames computed as the sound
    comes, from the peak so far, are others, and may give another digit.
    """
    digits = model.output_shape[-1] - len(reasons)
    labels = tf.constant([*range(digits), *[-1] * len(reasons)], tf.int32)
    whys = tf.constant([""] * digits + list(reasons))

    def answer(logits):
        p = tf.nn.softmax(tf.cast(logits, tf.float32) / temperature)
        best = tf.argmax(p, axis=-1)
        answers = {"digit": tf.gather(labels, best), "reason": tf.gather(whys, best)}
        return answers | {"probability": tf.reduce_max(p, axis=-1)}

    silent = {"digit": -1, "probability": 1.0, "reason": NOBODY}
    default = _of_waveforms(model, features, answer, silent)
    return {"serving_default": default} | _of_frames(
        model, streaming_step, answer, answer, silent
    )


def _of_waveforms(model, features, answer, silent):
    """Makes a signature that takes sound; `silent` is the answer to a clip of none."""
    dim = model.input_shape[-1]

    @tf.function(
        input_signature=[
            spec([None, None], tf.float32, "waveform"),
            spec(None, tf.int32, "sample_rate"),
        ]
    )
    def of_waveforms(waveform, sample_rate):
        number, size = tf.shape(waveform)[0], tf.size(sample_rate)
        fits = (tf.rank(sample_rate) < 2) & ((size == 1) | (size == number))
        checks = [
            check_finite(waveform, "waveform"),
            check(fits, "sample_rate", "one, or one for each clip", sample_rate),
        ]
        with tf.control_dependencies(checks):
            rates = tf.broadcast_to(sample_rate, [number])
        # one clip of silence more: of no clip at all, the frames would have no shape
        clips = tf.pad(waveform, [[0, 1], [0, 0]])
        rates = tf.pad(rates, [[0, 1]], constant_values=8000)
        frames = tf.map_fn(
            lambda clip: features(trim_padding(clip[0]), clip[1]),
            (clips, rates),
            fn_output_signature=tf.RaggedTensorSpec([None, dim], ragged_rank=0),
        )
        heard = tf.reduce_any(waveform != 0, axis=1)
        answers = answer(model(frames.to_tensor(), training=False)[:-1])
        return _unless_silent(heard, answers, silent)

    return of_waveforms


def _unless_silent(heard, answers, silent):
    heard = {1: heard, 2: heard[:, None]}
    return {k: tf.where(heard[v.shape.rank], v, silent[k]) for k, v in answers.items()}


def _of_frames(model, streaming_step, answer, answer_of_frame, silent):
    """Makes the signatures that take frames: `features` for all of them, and `step`."""
    dim = model.input_shape[-1]
    size = streaming_step.input["state"].shape[-1]
    units = sum(p.units for p in model.layers if isinstance(p, keras.layers.GRU))
    most = MAX_STATE if size == units else MAX_MFCC  # with sums and numbers of frames

    @tf.function(input_signature=[spec([None, None, dim], tf.float32, "mfcc")])
    def of_features(mfcc):
        with tf.control_dependencies([check_finite(mfcc, "mfcc", MAX_MFCC)]):
            frames = tf.pad(mfcc, [[0, 0], [0, 1], [0, 0]])  # no layer likes none
        heard = tf.reduce_any(mfcc != 0, axis=[1, 2])
        return _unless_silent(heard, answer(model(frames, training=False)), silent)

    @tf.function(
        input_signature=[
            spec([None, dim], tf.float32, "mfcc"),
            spec([None, size], tf.float32, "state"),
        ]
    )
    def step(mfcc, state):
        batch, states = tf.shape(mfcc)[0], tf.shape(state)[0]
        checks = [
            check_finite(mfcc, "mfcc", MAX_MFCC),
            check_finite(state, "state", most),
            check(states == batch, "state", "one for each frame", states),
        ]
        with tf.control_dependencies(checks):
            inputs = {"features": tf.identity(mfcc), "state": tf.identity(state)}
        after = streaming_step(inputs, training=False)
        return answer_of_frame(after["logits"]) | {"state": after["state"]}

    return {"features": of_features, "step": step}
