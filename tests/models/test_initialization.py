import keras
import numpy as np
import pytest
from keras import layers

from gru_apps import models


def _sequential(*parts):
    return keras.Sequential([keras.Input((None, 3)), *parts])


def _gru_cells(model):
    flat = model._flatten_layers()
    return [layer for layer in flat if isinstance(layer, layers.GRUCell)]


def _steps(cell):
    """For how long the units of a GRU's cell keep, with nothing on its input."""
    bias = np.reshape(cell.bias, [-1, 3 * cell.units]).sum(axis=0)
    assert not bias[cell.units :].any()
    return np.exp(bias[: cell.units])  # z = t / (t + 1)


@pytest.mark.parametrize("reset_after", [True, False])
def test_a_gru_with_a_lengthened_memory_keeps_for_up_to_the_steps_asked(reset_after):
    layer = layers.GRU(200, reset_after=reset_after)
    models.lengthen_memory(_sequential(layer), steps=50)
    bias = np.reshape(layer.cell.bias, [-1, 600]).sum(axis=0)
    steps = 1 / (1 - 1 / (1 + np.exp(-bias[:200]))) - 1  # z = t / (t + 1)
    assert 1 <= steps.min() < 3 and 48 < steps.max() <= 50
    assert not bias[200:].any()


def test_a_lengthened_lstm_forgets_as_much_as_it_takes_in():
    layer = layers.LSTM(5)
    models.lengthen_memory(_sequential(layer), steps=50)
    take, forget, candidate, output = np.split(layer.cell.bias.numpy(), 4)
    np.testing.assert_allclose(take, -forget)
    assert forget.min() > 0 and not candidate.any() and not output.any()


def test_biases_of_a_plain_model_are_those_drawn_from_its_seed_in_order():
    first, second = layers.GRU(4, return_sequences=True), layers.LSTM(2)
    models.lengthen_memory(_sequential(first, second), steps=50, seed=3)
    rng = np.random.default_rng(3)
    keep = [np.log(rng.uniform(1, 50, units)) for units in (4, 2)]
    np.testing.assert_allclose(first.cell.bias[0, :4], keep[0], rtol=1e-6)
    np.testing.assert_allclose(second.cell.bias[2:4], keep[1], rtol=1e-6)


class _Reader(layers.Layer):
    """A layer of somebody else, which holds a GRU."""

    def __init__(self):
        super().__init__()
        self.parts = {"reads": [layers.GRU(4)]}

    def build(self, shape):
        self.parts["reads"][0].build(shape)

    def call(self, x):
        return self.parts["reads"][0](x)


class _Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.reader = layers.GRU(4)

    def call(self, x):
        return self.reader(x)


def _subclassed():
    model = _Subclassed()
    model(np.zeros((1, 2, 3)))
    return model


def _language_model():
    return models.build_language_model(9, embedding_dim=4, units=4, num_layers=2)


def _translator():
    return models.build_translator(9, 9, embedding_dim=4, units=4)


def _nested():
    return _sequential(layers.Dense(3), _sequential(layers.GRU(4)))


BUILDERS = {
    "bidirectional": (lambda: _sequential(layers.Bidirectional(layers.GRU(4))), 2),
    "cell": (lambda: _sequential(layers.RNN(layers.GRUCell(4))), 1),
    "stacked cells": (
        lambda: _sequential(layers.RNN([layers.GRUCell(4), layers.GRUCell(3)])),
        2,
    ),
    "nested": (_nested, 1),
    "distributed over time": (
        lambda: keras.Sequential(
            [keras.Input((2, 5, 3)), layers.TimeDistributed(layers.GRU(4))]
        ),
        1,
    ),
    "a layer that holds it": (lambda: _sequential(_Reader()), 1),
    "subclassed": (_subclassed, 1),
    "text classifier": (lambda: models.build_text_classifier(9, 2, units=4), 2),
    "forecaster": (lambda: models.build_forecaster(2, 1, 3, units=4), 2),
}


@pytest.mark.parametrize("build, number", BUILDERS.values(), ids=BUILDERS)
def test_every_gru_of_a_model_is_reached_wherever_it_is(build, number):
    model = build()
    models.lengthen_memory(model, steps=50)
    cells = _gru_cells(model)
    assert len(cells) == number
    kept = np.concatenate([_steps(cell) for cell in cells])
    assert kept.min() > 1 and kept.max() < 50 and len(np.unique(kept)) == len(kept)


def test_an_lstm_cell_in_a_stack_is_reached():
    cell = layers.LSTMCell(4)
    models.lengthen_memory(_sequential(layers.RNN([cell, layers.GRUCell(2)])), steps=50)
    assert np.all(cell.bias[4:8] > 0) and np.all(cell.bias[:4] < 0)


@pytest.mark.parametrize("build", [_translator, _language_model])
def test_views_of_one_model_are_lengthened_once(build):
    views = build()
    models.lengthen_memory(views, steps=50)
    cells = {id(c): c for view in views for c in _gru_cells(view)}.values()
    before = [_steps(cell) for cell in cells]
    assert len(before) == (3 if build is _translator else 2)
    assert min(steps.min() for steps in before) > 1
    models.lengthen_memory(views, steps=50)
    for cell, steps in zip(cells, before, strict=True):
        np.testing.assert_array_equal(_steps(cell), steps)


def test_a_simple_rnn_beside_a_gru_stays():
    simple = layers.SimpleRNN(4, return_sequences=True)
    model = _sequential(simple, layers.GRU(4))
    before = simple.get_weights()
    models.lengthen_memory(model, steps=50)
    for weight, old in zip(simple.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


class _Odd(layers.GRUCell):
    def call(self, inputs, states, training=False):
        return inputs, states


NOTHING_TO_SET = {
    "simple": (lambda: _sequential(layers.SimpleRNN(4)), "a GRU or an LSTM"),
    "empty": (keras.Sequential, "a GRU or an LSTM"),
    "no views": (lambda: (), r"a GRU or an LSTM. Received: model=\(\)"),
    "no bias": (lambda: _sequential(layers.GRU(4, use_bias=False)), "without a bias"),
    "unbuilt": (lambda: keras.Sequential([layers.GRU(4)]), "without weights"),
    "equations": (lambda: _sequential(layers.RNN(_Odd(4))), "Received: _Odd"),
    "hard gates": (
        lambda: _sequential(layers.LSTM(4, recurrent_activation="hard_sigmoid")),
        "Received: LSTMCell with hard_sigmoid",
    ),
}


@pytest.mark.parametrize("build, message", NOTHING_TO_SET.values(), ids=NOTHING_TO_SET)
def test_a_model_whose_memory_cannot_be_lengthened_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        models.lengthen_memory(build(), steps=50)


def test_a_refused_model_keeps_the_biases_that_it_has():
    first = layers.GRU(4, return_sequences=True)
    model = _sequential(first, layers.GRU(4, use_bias=False))
    with pytest.raises(ValueError, match="without a bias"):
        models.lengthen_memory(model, steps=50)
    assert not np.any(first.cell.bias)


@pytest.mark.parametrize("steps", [1, np.nan, np.inf])
def test_steps_that_are_none_to_keep_for_are_refused(steps):
    with pytest.raises(ValueError, match=f"Received: steps={steps}"):
        models.lengthen_memory(_sequential(layers.GRU(4)), steps=steps)
