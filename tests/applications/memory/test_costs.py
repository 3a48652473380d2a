import keras
import pytest
from keras import layers

from gru_apps.applications.memory import adding_problem
from gru_apps.applications.memory.costs import memory_per_step, milliseconds


@pytest.mark.parametrize(
    ("kind", "of_a_unit"), [("SimpleRNN", 1), ("LSTM", 7), ("GRU", 6)]
)
@pytest.mark.parametrize("units", [3, 8])
def test_memory_of_a_step_is_a_cells_numbers_of_each_unit_and_the_input(
    kind, of_a_unit, units
):
    """An LSTM: three gates, candidate, two states, a tanh; a GRU: two gates and so on.

    With as few features as rows and units differ, no number counts twice.
    """
    layer = getattr(layers, kind)(units)
    assert memory_per_step(layer, features=2) == of_a_unit * units + 2


def test_memory_of_a_step_is_not_that_of_weights():
    few, many = (memory_per_step(layers.GRU(4), features=f) for f in (2, 5))
    assert many - few == 3


def test_a_layer_without_a_cell_is_refused():
    with pytest.raises(ValueError, match="recurrent. Received: layer="):
        memory_per_step(layers.Dense(3), features=2)


def test_milliseconds_are_those_of_training_and_of_answering():
    model = keras.Sequential([keras.Input((None, 2)), layers.GRU(3), layers.Dense(1)])
    model.compile("sgd", "mse")
    times = milliseconds({"gru": model}, *adding_problem(4, 5, seed=(0, 0)), repeats=2)
    assert list(times["gru"]) == ["training", "answering"]
    assert all(0 < value < 10_000 for value in times["gru"].values())
