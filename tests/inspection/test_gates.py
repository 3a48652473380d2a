import logging

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from gru_apps import inspection, models
from gru_apps.inspection import gates


def _random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def _model(layer, dim=3, masked=False):
    sequence = keras.Input((None, dim))
    x = layers.Masking()(sequence) if masked else sequence
    model = keras.Model(sequence, layer(x))
    for index, weight in enumerate(model.trainable_weights):  # biases, too
        weight.assign(_random(*weight.shape, seed=index))
    return model


def _padded(batch, steps, dim=3):
    x = _random(batch, steps, dim)
    x[0, steps // 2 :] = 0
    return x


def _recomposed(read, backwards=False):
    """The state that update and candidate make of the state before."""
    order = -1 if backwards else 1
    state = read.state[:, ::order]
    before = np.pad(state[:, :-1], [(0, 0), (1, 0), (0, 0)])[:, ::order]
    return read.update * before + (1 - read.update) * read.candidate


SHAPES = [(1, 1, 1, 1), (2, 5, 3, 4), (3, 7, 2, 6), (4, 2, 5, 8)]


@pytest.mark.parametrize("batch, steps, dim, units", SHAPES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("reset_after", [False, True])
def test_gates_recompose_to_the_output_of_the_layer(
    batch, steps, dim, units, masked, reset_after
):
    gru = layers.GRU(units, reset_after=reset_after, return_sequences=True)
    model = _model(gru, dim, masked)
    x = _padded(batch, steps, dim)
    read = gates.read_gates(model, x)
    np.testing.assert_allclose(_recomposed(read), model(x), atol=1e-5)
    np.testing.assert_allclose(read.state, model(x), atol=1e-5)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("reset_after", [False, True])
def test_gates_are_those_of_the_equations(reset_after):
    gru = layers.GRU(4, reset_after=reset_after)
    model, x = _model(gru), _random(2, 5, 3)
    read = gates.read_gates(model, x)
    of_x, of_h = (
        np.split(kernel, 3, axis=1)
        for kernel in (gru.cell.kernel, gru.cell.recurrent_kernel)
    )
    bias = gru.cell.bias.numpy().reshape(-1, 3, 4)
    inner = bias[1] if reset_after else np.zeros([3, 4])
    h = np.zeros([2, 4])
    for t in range(5):
        z, r = (
            _sigmoid(x[:, t] @ of_x[n] + h @ of_h[n] + bias[0, n] + inner[n])
            for n in (0, 1)
        )
        recalled = r * (h @ of_h[2] + inner[2]) if reset_after else (r * h) @ of_h[2]
        c = np.tanh(x[:, t] @ of_x[2] + recalled + bias[0, 2])
        h = z * h + (1 - z) * c
        for name, expected in zip(read._fields, (z, r, c, h), strict=True):
            found = getattr(read, name)[:, t]
            np.testing.assert_allclose(found, expected, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("batch, steps, dim, units", SHAPES)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("reset_after", [False, True])
def test_both_directions_recompose_to_the_output_of_a_bidirectional_layer(
    batch, steps, dim, units, masked, reset_after
):
    gru = layers.GRU(units, reset_after=reset_after, return_sequences=True)
    model = _model(layers.Bidirectional(gru), dim, masked)
    x = _padded(batch, steps, dim)
    forward, backward = gates.read_gates(model, x)
    expected = np.split(np.array(model(x)), 2, axis=-1)
    # at padding a Bidirectional layer returns zeros, whatever the state
    real = x.any(axis=-1) | (not masked)
    for recomposed, states in [
        (_recomposed(forward), expected[0]),
        (_recomposed(backward, True), expected[1]),
    ]:
        np.testing.assert_allclose(recomposed[real], states[real], atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"use_bias": False},
        {"use_bias": False, "reset_after": False},
        {"activation": "relu", "recurrent_activation": "hard_sigmoid"},
        {"dropout": 0.5, "recurrent_dropout": 0.5},
        {"unroll": True},
    ],
)
def test_every_option_of_a_gru_is_read_as_the_layer_computes_it(options):
    sequence = keras.Input((5, 3))
    gru = layers.GRU(4, return_sequences=True, **options)
    model = keras.Model(sequence, gru(sequence))
    x = _random(2, 5, 3)
    read = gates.read_gates(model, x)
    np.testing.assert_allclose(read.state, model(x), atol=1e-5)


def test_the_cell_of_an_rnn_is_read():
    model = _model(layers.RNN(layers.GRUCell(4)))
    x = _random(2, 5, 3)
    read = gates.read_gates(model, x)
    np.testing.assert_allclose(read.state[:, -1], model(x), atol=1e-5)


def test_a_layer_that_reads_backwards_comes_to_its_end_at_the_first_step():
    model = _model(layers.GRU(4, go_backwards=True))
    x = _random(2, 5, 3)
    read = gates.read_gates(model, x)
    np.testing.assert_allclose(read.state[:, 0], model(x), atol=1e-5)


def test_a_first_state_that_the_model_sets_is_gone_on_from():
    sequence, start = keras.Input((None, 3)), keras.Input((4,))
    model = keras.Model([sequence, start], layers.GRU(4)(sequence, initial_state=start))
    inputs = [_random(2, 5, 3), 9 * _random(2, 4)]
    read = gates.read_gates(model, inputs)
    np.testing.assert_allclose(read.state[:, -1], model(inputs), atol=1e-5)


def test_a_layer_is_found_by_name_by_itself_or_inside_a_model():
    inner = _model(layers.GRU(4, return_sequences=True, name="inner"))
    sequence = keras.Input((None, 3))
    last = layers.GRU(2, name="last")
    model = keras.Model(sequence, last(inner(sequence)))
    x = _random(2, 5, 3)
    for layer, units in [(None, 4), ("inner", 4), ("last", 2), (last, 2)]:
        assert gates.read_gates(model, x, layer).update.shape == (2, 5, units)
    with pytest.raises(ValueError, match="inner, last. Received: layer=first"):
        gates.read_gates(model, x, "first")


class Reader(layers.Layer):
    """A layer of somebody's own that holds two others."""

    def __init__(self, first, last):
        super().__init__()
        self.first, self.last = first, last

    def call(self, sequence):
        return self.last(self.first(sequence))


def test_a_gru_inside_a_layer_of_ones_own_is_read():
    first = layers.Bidirectional(layers.GRU(4, return_sequences=True), name="first")
    last = layers.GRU(2, name="last")
    model = _model(Reader(first, last))
    x = _random(2, 5, 3)
    assert [part.update.shape for part in gates.read_gates(model, x)] == [(2, 5, 4)] * 2
    read = gates.read_gates(model, x, "last")
    np.testing.assert_allclose(read.state[:, -1], model(x), atol=1e-5)
    with pytest.raises(ValueError, match="has: first, last. Received: layer=gru"):
        gates.read_gates(model, x, "gru")


@pytest.mark.parametrize(
    "layer, shape",
    [
        (layers.LSTM(4), (5, 3)),
        (layers.RNN([layers.GRUCell(4), layers.GRUCell(4)]), (5, 3)),
        (layers.TimeDistributed(layers.GRU(4)), (2, 5, 3)),
    ],
    ids=["LSTM", "two cells", "TimeDistributed"],
)
def test_a_model_without_a_gru_that_can_be_read_is_refused(layer, shape):
    sequence = keras.Input(shape)
    model = keras.Model(sequence, layer(sequence))
    with pytest.raises(ValueError, match="RNN of one GRUCell .*has: none"):
        gates.read_gates(model, _random(2, *shape))


def test_many_readings_are_no_reason_for_tensorflow_to_warn():
    model, logged = _model(layers.GRU(2)), []
    handler = logging.Handler()
    handler.emit = lambda record: logged.append(record.getMessage())
    tf.get_logger().addHandler(handler)
    for _ in range(6):
        gates.read_gates(model, _random(1, 2, 3))
    tf.get_logger().removeHandler(handler)
    assert not logged


def test_reading_leaves_the_model_as_it_was():
    sequence = keras.Input(batch_shape=(2, 5, 3))
    gru = layers.GRU(4, stateful=True, dropout=0.5, return_sequences=True)
    model = keras.Model(sequence, gru(sequence))
    x = _random(2, 5, 3)
    model(x)
    before = [keras.ops.convert_to_numpy(variable) for variable in model.variables]
    state = keras.ops.convert_to_numpy(gru.states[0])
    read = gates.read_gates(model, x)
    inspection.read_memory(model, x)
    assert "call" not in vars(gru)
    np.testing.assert_array_equal(gru.states[0], state)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), value)
    np.testing.assert_allclose(read.state, model(x), atol=1e-5)  # went on from there


def test_a_builders_model_with_padding_is_read():
    model = models.build_text_classifier(9, 2, embedding_dim=4, units=4)
    ids = np.array([[5, 2, 8, 0, 0]])
    forward, backward = gates.read_gates(model, ids)
    alone, _ = gates.read_gates(model, ids[:, :3])
    np.testing.assert_allclose(forward.update[:, :3], alone.update, atol=1e-6)
    assert (forward.update[:, 3:] == 1).all() and (backward.update[:, 3:] == 1).all()


@pytest.mark.parametrize("reset_after", [False, True])
def test_memory_is_the_gradient_of_the_final_state(reset_after):
    model = _model(layers.GRU(3, reset_after=reset_after), masked=True)
    x = _padded(2, 6)
    memory = inspection.read_memory(model, x)
    states = gates.read_gates(model, x).state
    # by small changes of the state, from which the layer goes on
    sequence, start = keras.Input((None, 3)), keras.Input((3,))
    gru = model.layers[-1]
    # Keras would not pass the mask of Masking on to a layer with a first state
    mask = keras.ops.any(keras.ops.not_equal(sequence, 0), axis=-1)
    after = gru(sequence, initial_state=start, mask=mask)
    goes_on = keras.Model([sequence, start], after)
    step = 1e-2
    for t in range(5):
        columns = [
            (
                goes_on([x[:, t + 1 :], states[:, t] + change])
                - goes_on([x[:, t + 1 :], states[:, t] - change])
            )
            / (2 * step)
            for change in step * np.eye(3, dtype="float32")
        ]
        norm = np.linalg.norm(np.stack(columns), axis=(0, 2)) / 3**0.5
        # of padding alone, Keras returns zeros instead of the first state
        norm = np.where(x[:, t + 1 :].any(axis=(1, 2)), norm, 1)
        np.testing.assert_allclose(memory[:, t], norm, rtol=2e-2)


def test_a_unit_held_open_or_shut_remembers_nothing_or_all():
    gru = layers.GRU(2)
    model = _model(gru)
    gru.cell.recurrent_kernel.assign(np.zeros([2, 6]))  # or the candidate remembers
    for bias, expected in [(-50, 0), (50, 1)]:
        gru.cell.bias.assign(np.repeat([[bias, bias, 0, 0, 0, 0]], 2, axis=0))
        memory = inspection.read_memory(model, _random(1, 4, 3))
        np.testing.assert_allclose(memory[0], [expected] * 3 + [1], atol=1e-5)


def test_backward_memory_ends_at_the_first_step():
    model = _model(layers.Bidirectional(layers.GRU(3)))
    forward, backward = inspection.read_memory(model, _random(1, 5, 3))
    assert forward[0, -1] == 1 and backward[0, 0] == 1
    assert backward[0, -1] != 1


class Leaky(keras.layers.GRUCell):
    """A cell with an equation of its own."""

    def call(self, inputs, states, training=False):
        output, _ = super().call(inputs, states, training)
        return output + 1, [output + 1]


def test_a_cell_with_other_equations_is_refused():
    model = keras.Sequential([keras.Input((None, 3)), keras.layers.RNN(Leaky(4))])
    with pytest.raises(ValueError, match="must compute .*Received: Leaky"):
        gates.read_gates(model, np.ones((2, 5, 3)))


@pytest.mark.parametrize("nothing", [np.nan, np.inf])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_what_stands_at_padding_changes_no_gate(nothing, bidirectional):
    gru = keras.layers.GRU(4, return_sequences=True)
    gru = keras.layers.Bidirectional(gru) if bidirectional else gru
    x, mask = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask], gru(x, mask=mask))
    inputs = np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    known = np.array([[True] * 5, [True, True, False, False, False]])
    clean = gates.read_gates(model, [inputs, known])
    dirty = np.where(known[..., None], inputs, nothing)
    found = gates.read_gates(model, [dirty, known])
    pairs = zip(clean, found, strict=True) if bidirectional else [(clean, found)]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours.state, theirs.state, rtol=1e-6)
        assert np.isfinite(theirs.candidate).all()
    for memory in np.atleast_3d(inspection.read_memory(model, [dirty, known])):
        assert np.isfinite(memory).all()


def test_each_call_of_a_layer_that_two_inputs_share_can_be_read():
    gru = keras.layers.GRU(4)
    inputs = [keras.Input((None, 3)), keras.Input((None, 3))]
    model = keras.Model(inputs, [gru(x) for x in inputs])
    x = np.random.default_rng(0).normal(size=(2, 2, 5, 3)).astype("float32")
    for call, answer in enumerate(model([x[0], x[1]])):
        state = gates.read_gates(model, [x[0], x[1]], call=call).state
        np.testing.assert_allclose(state[:, -1], answer, rtol=1e-4, atol=1e-6)
    for call in (2, -1):
        with pytest.raises(ValueError, match="which they reach 2 times"):
            gates.read_gates(model, [x[0], x[1]], call=call)


def test_one_step_from_a_state_is_a_call_like_any_other():
    inputs = keras.Input((1, 3)), keras.Input((4,)), keras.Input((None, 3))
    gru = models.GRU(4, return_sequences=True)
    answers = [gru(inputs[0], initial_state=inputs[1]), gru(inputs[2])]
    model = keras.Model(inputs, answers)
    x = [np.random.default_rng(0).normal(size=(2, *n)) for n in [(1, 3), (4,), (5, 3)]]
    x = [part.astype("float32") for part in x]
    for call, answer in enumerate(model(x)):
        state = gates.read_gates(model, x, call=call).state
        np.testing.assert_allclose(state[:, -answer.shape[1] :], answer, atol=1e-6)


class AlwaysDropping(keras.Model):
    """A model that drops out some of its inputs whatever it is told."""

    def __init__(self):
        super().__init__()
        self.gru = keras.layers.GRU(4, dropout=0.5)

    def call(self, inputs, training=False):
        return self.gru(inputs, training=True)


def test_a_layer_that_drops_out_some_of_its_inputs_is_refused():
    with pytest.raises(ValueError, match="without dropout.*training=True"):
        gates.read_gates(AlwaysDropping(), np.ones((2, 5, 3)))


class Halving(keras.layers.GRUCell):
    """A cell that keeps half of what it says."""

    def call(self, inputs, states, training=False):
        output, state = super().call(inputs, states, training=training)
        return output, [state[0] / 2]


def test_a_cell_whose_state_is_not_its_output_is_refused():
    model = keras.Sequential([keras.Input((None, 3)), keras.layers.RNN(Halving(4))])
    with pytest.raises(ValueError, match="must compute .*Received: Halving"):
        gates.read_gates(model, np.ones((2, 5, 3)))


class Shifted(keras.layers.GRU):
    """A layer that goes through its sequence in a way of its own."""

    def inner_loop(self, sequences, initial_state, mask, training=False):
        return super().inner_loop(sequences + 1, initial_state, mask, training=training)


def test_a_layer_with_a_loop_of_its_own_is_refused_unless_it_computes_the_same():
    with pytest.raises(ValueError, match="must compute"):
        gates.read_gates(_model(Shifted(4)), _random(2, 5, 3))
    model = _model(models.GRU(4))
    state = gates.read_gates(model, _random(2, 5, 3)).state
    np.testing.assert_allclose(state[:, -1], model(_random(2, 5, 3)), atol=1e-6)


class InsideAFunction(keras.Model):
    """A model that answers in a function of TensorFlow's, and was never called."""

    def __init__(self):
        super().__init__()
        self.gru = keras.layers.GRU(4)

    @tf.function
    def call(self, inputs):
        return self.gru(inputs)


def test_a_model_that_was_never_called_and_answers_in_a_function_is_read():
    model = InsideAFunction()
    state = gates.read_gates(model, _random(2, 5, 3)).state
    np.testing.assert_allclose(state[:, -1], model(_random(2, 5, 3)), atol=1e-6)
    assert not tf.config.functions_run_eagerly()


def test_a_batch_of_none_has_no_memory():
    model = _model(layers.GRU(4))
    assert inspection.read_memory(model, np.zeros((0, 5, 3), "float32")).shape == (0, 5)
