"""When a training stops, and with which weights."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from gru_apps import fit


def _data(inputs):
    inputs = np.array(inputs, "float32")[:, None]
    return tf.data.Dataset.from_tensor_slices((inputs, np.ones_like(inputs))).batch(1)


def _model():
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])


OPTIONS = {"epochs": 4, "loss": "mse", "verbose": 0}


def test_a_loss_that_is_nan_from_the_first_step_leaves_the_weights_as_they_were(
    tmp_path,
):
    model = _model()
    before = model.get_weights()
    with pytest.warns(UserWarning, match="nan at step 2 of epoch 1: .*the beginning"):
        fit(model, _data([1, np.nan, 1]), _data([1]), directory=tmp_path, **OPTIONS)
    for ours, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert not list(tmp_path.glob("*.h5"))


class _NanLater(keras.losses.Loss):
    """A squared error that is NaN once it is small."""

    def call(self, y_true, y_pred):
        error = keras.ops.square(y_true - y_pred)
        return keras.ops.where(error < 0.05, np.nan, error)


def test_a_loss_that_turns_nan_leaves_the_weights_of_the_best_epoch(tmp_path, recwarn):
    model = _model()
    options = OPTIONS | {"loss": _NanLater(), "epochs": 50, "learning_rate": 0.1}
    history = fit(
        model, _data([1, 1]), _data([1]), directory=tmp_path, warmup=0, **options
    )
    # not `pytest.warns`, which hands on what Keras's own modules are allowed to say
    messages = [str(warning.message) for warning in recwarn]
    assert [m for m in messages if "nan at step" in m and "the best epoch" in m]
    assert len(history["loss"]) < 50
    assert np.isfinite(model.predict(np.ones((1, 1)), verbose=0)).all()


@pytest.mark.parametrize("mode, best", [("min", min), ("max", max)])
def test_the_best_epoch_is_that_of_the_mode(tmp_path, mode, best):
    model = _model()
    history = fit(
        model,
        _data([1, 2]),
        _data([1]),
        directory=tmp_path,
        mode=mode,
        learning_rate=0.1,
        patience=9,
        **OPTIONS,
    )
    loss = model.evaluate(_data([1]), verbose=0)
    loss = loss if isinstance(loss, float) else loss[0]
    assert loss == pytest.approx(best(history["val_loss"]), rel=1e-4)


@pytest.mark.parametrize("seconds", [0, -1, np.nan])
def test_seconds_that_are_no_time_are_refused(tmp_path, seconds):
    with pytest.raises(ValueError, match=f"above 0. Received: seconds={seconds}"):
        fit(
            _model(),
            _data([1]),
            _data([1]),
            directory=tmp_path,
            seconds=seconds,
            **OPTIONS,
        )


@pytest.mark.parametrize("mode", ["auto", "min", "max"])
def test_a_monitor_that_is_not_measured_is_refused(tmp_path, mode):
    options = OPTIONS | {"monitor": "val_acc", "mode": mode}
    with pytest.raises(ValueError, match=r"val_acc"):
        fit(_model(), _data([1]), _data([1]), directory=tmp_path, **options)
