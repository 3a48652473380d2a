"""Searches on the backend that KERAS_BACKEND names, without TensorFlow.

python search_and_save.py FOLDER

FOLDER gets the view of a step of a language model as `step.keras`, and what searches
found with it as `NAME.npz`. Prints their names.
"""

import functools
import pathlib
import sys

import without_tensorflow

if __name__ == "__main__":  # and not where doctests are looked for
    without_tensorflow.hide()

import keras  # noqa: E402
import numpy as np  # noqa: E402

from gru_apps import beam_search, build_language_model, greedy, sample  # noqa: E402
from gru_apps.decoding import ctc  # noqa: E402
from gru_apps.decoding.shortlist import log_softmax  # noqa: E402

FRAMES = np.random.default_rng(0).normal(size=(4, 9, 4)).astype("float32")
START = np.array([1, 2, 3, 4, 5], "int32")
SEARCHES = {
    "greedy": (greedy, {"max_steps": 12, "end_id": 7}),
    "to_the_end": (greedy, {"max_steps": 6}),
    "beam": (beam_search, {"width": 3, "max_steps": 12, "end_id": 7, "n_best": 2}),
    "endless": (beam_search, {"width": 4, "max_steps": 5, "end_id": None}),
    "cold": (sample, {"temperature": 0, "max_steps": 12, "end_id": 7, "seed": 3}),
    "likeliest": (sample, {"top_k": 1, "max_steps": 12, "end_id": 7, "seed": 3}),
}


HAS_COMPILER = keras.backend.backend() != "torch"


def compiled(function):
    """Has XLA compile a function as a whole."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(function, jit_compile=True)
    import jax

    return jax.jit(function)


def search(step_model, name):
    """Returns ids, scores and lengths."""
    find, options = SEARCHES[name]

    def step(ids, state):
        answer = step_model({"token_ids": ids, "state": state})
        return 5 * answer["logits"], answer["state"]

    size = step_model.input["state"].shape[-1]
    return find(step, keras.ops.zeros((len(START), size)), START, **options)


def read_frames():
    """Returns ids and scores of labels, by name, as found by operations of Keras."""
    logs = log_softmax(FRAMES)
    return {
        "path": ctc.likeliest_path(logs),
        "wide": ctc.likeliest_labels(logs, 20, 3),
        "narrow": ctc.likeliest_labels(logs, 3, 2),
    }


def check_public_frames():
    """The public searches find this, too, eagerly and compiled."""
    found = read_frames()

    def public():
        wide = ctc.prefix_beam_search(FRAMES, width=20, n_best=3)
        narrow = ctc.prefix_beam_search(FRAMES, width=3, n_best=2)
        return {"path": ctc.best_path(FRAMES), "wide": wide, "narrow": narrow}

    runs = [compiled(public)] if HAS_COMPILER else []
    if keras.backend.backend() != "tensorflow":  # whose kernel has other narrow beams
        runs.append(public)
    for answer in (run() for run in runs):
        for name, (ids, scores) in found.items():
            padded = keras.ops.convert_to_numpy(answer[name].ids)
            np.testing.assert_array_equal(padded[..., : ids.shape[-1]], ids)
            assert not padded[..., ids.shape[-1] :].any()
            np.testing.assert_allclose(answer[name].scores, scores, atol=1e-5)
    for frames in (np.zeros((2, 0, 4)), np.zeros((0, 3, 4)), np.zeros((2, 3, 1))):
        for nothing in (
            ctc.best_path(frames),
            ctc.prefix_beam_search(frames, width=1),
        ):
            ids = keras.ops.convert_to_numpy(nothing.ids)
            assert ids.shape[:2] == (len(frames), 1) and not ids.any()


def check_samples(run=lambda function: function):
    """Samples follow the probabilities and the seed, and stay in the nucleus."""
    p = np.array([0.5, 0.3, 0.15, 0.05], "float32")

    def step(ids, state):
        logits = keras.ops.log(keras.ops.convert_to_tensor(p))
        return keras.ops.broadcast_to(logits, (len(ids), 4)), state

    def drawn(**options):
        start = np.zeros(500, "int32")
        found = run(lambda: sample(step, (), start, max_steps=4, **options))()
        return keras.ops.convert_to_numpy(found.ids)

    ids = drawn(seed=2**40 + 1)
    shares = np.bincount(ids.ravel(), minlength=4) / ids.size
    np.testing.assert_allclose(shares, p, atol=0.04)
    np.testing.assert_array_equal(ids, drawn(seed=2**40 + 1))
    assert (ids != drawn(seed=1)).any() and (ids != drawn(seed=2)).any()
    assert set(drawn(seed=1, top_p=0.7).ravel()) == {0, 1}
    assert set(drawn(seed=1, top_k=3).ravel()) == {0, 1, 2}


def check_refusals():
    """Logits without a softmax are an error on every backend."""
    calls = []
    for bad in (np.nan, np.inf, -np.inf):

        def step(ids, state, bad=bad):
            return keras.ops.full((len(ids), 4), bad), state

        calls += [
            functools.partial(find, step, (), START, **options)
            for find, options in SEARCHES.values()
        ]
    frames = np.full((1, 2, 3), np.nan)
    calls += [functools.partial(ctc.best_path, frames)]
    calls += [functools.partial(ctc.prefix_beam_search, frames, width=2)]
    for call in calls:
        try:
            call()
        except ValueError as error:
            assert "softmax" in str(error), error
        else:
            raise AssertionError(call)


def check_compiled(step_model):
    """Compiled as a whole, a search finds the same, and samples as it should."""
    for name in SEARCHES:
        found = search(step_model, name)
        other = compiled(lambda name=name: search(step_model, name))()
        np.testing.assert_allclose(found.scores, other.scores, atol=1e-5)
        np.testing.assert_array_equal(found.lengths, other.lengths)
        ids, longest = np.asarray(other.ids), found.ids.shape[-1]
        np.testing.assert_array_equal(found.ids, ids[..., :longest])
        assert ids.shape[-1] == SEARCHES[name][1]["max_steps"]
        assert not ids[..., longest:].any()
    check_samples(compiled)
    check_one_bad_row()


def check_one_bad_row():
    """Its score says that it has no softmax; the other rows are as without it."""

    def step(ids, added):
        more = keras.ops.take_along_axis(added, ids[:, None], axis=1)
        return 3.0 * keras.ops.one_hot(ids + 1, 8) + more, added

    good, is_bad = np.zeros([5, 8], "float32"), np.arange(5) == 1
    bad = good.copy()
    bad[1, 3] = np.nan  # the second step of the second row
    for find, options in SEARCHES.values():
        run = compiled(lambda added, f=find, o=options: f(step, added, START, **o))
        expected, found = [list(map(np.asarray, run(x))) for x in (good, bad)]
        for one, other in zip(expected, found, strict=True):
            np.testing.assert_array_equal(one[~is_bad], other[~is_bad])
        scores = np.reshape(found[1], [5, -1])
        assert not scores[1, 0] < np.inf and np.all(scores[~is_bad] < np.inf)


def main(folder):
    keras.utils.set_random_seed(1)
    step_model = build_language_model(20, units=8, embedding_dim=6).step
    step_model.save(folder / "step.keras")
    for name in SEARCHES:
        found = search(step_model, name)
        parts = map(keras.ops.convert_to_numpy, found)
        np.savez(folder / f"{name}.npz", *parts)
        print(name)
    for name, found in read_frames().items():
        np.savez(folder / f"{name}.npz", *map(keras.ops.convert_to_numpy, found))
    check_public_frames()
    check_samples()
    check_refusals()
    if HAS_COMPILER:
        check_compiled(step_model)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
