import itertools

import numpy as np
import pytest

from gru_apps.applications.memory import memory_tasks
from gru_apps.training.losses import SequenceCrossEntropy


def adding_problem(number=2000, length=6, seed=(0, 0)):
    drawn = memory_tasks.adding_problem(number, length, seed=seed)
    return [tensor.numpy() for tensor in drawn]


def delayed_copy(number=4, delay=3, **options):
    drawn = memory_tasks.delayed_copy(number, delay, seed=(0, 0), **options)
    return [tensor.numpy() for tensor in drawn]


@pytest.mark.parametrize("length", [2, 3, 6])
def test_the_sum_is_that_of_two_marked_numbers(length):
    inputs, targets = adding_problem(length=length)
    numbers, marks = inputs[..., 0], inputs[..., 1]
    assert numbers.min() >= 0 and numbers.max() < 1
    assert {*np.unique(marks)} <= {0, 1} and np.all(marks.sum(axis=1) == 2)
    marked = numbers[marks == 1].reshape(-1, 2)
    np.testing.assert_allclose(marked.sum(axis=1), targets[:, 0], rtol=1e-6)


def test_all_pairs_of_steps_are_marked_alike():
    marks = adding_problem(number=6000, length=4)[0][..., 1]
    _, counts = np.unique(marks, axis=0, return_counts=True)
    assert len(counts) == 6  # of 4 steps
    assert np.all(np.abs(counts - 1000) < 150)  # five standard deviations


def test_answering_the_mean_has_the_error_that_the_docstring_says():
    _, targets = adding_problem(number=50_000)
    np.testing.assert_allclose(np.mean((targets - 1) ** 2), 1 / 6, rtol=0.03)


def test_a_copy_is_asked_for_after_the_delay_and_in_order():
    inputs, targets = delayed_copy(delay=3, symbols=5, count=2)
    assert np.all(inputs.sum(axis=2) == 1)
    ids = inputs.argmax(axis=2)
    assert ids[:, :2].min() >= 1 and ids[:, :2].max() <= 5
    np.testing.assert_array_equal(ids[:, 2:], [[0, 0, 0, 6, 6]] * 4)
    np.testing.assert_array_equal(targets[:, :5], np.zeros((4, 5)))
    np.testing.assert_array_equal(targets[:, 5:], ids[:, :2])


def test_guessing_a_copy_costs_the_logarithm_of_the_symbols():
    _, targets = delayed_copy(symbols=5)
    logits = np.zeros((*targets.shape, 6), "float32")
    logits[..., 0] = -1e9  # id 0 is never an answer
    loss = SequenceCrossEntropy()(targets, logits)
    np.testing.assert_allclose(loss, np.log(5), rtol=1e-6)


@pytest.mark.parametrize(
    "draw", [memory_tasks.adding_problem, memory_tasks.delayed_copy]
)
def test_a_seed_draws_the_same_again_and_another_one_does_not(draw):
    first, again, other = (draw(3, 5, seed=s)[0] for s in [(1, 0), (1, 0), (2, 0)])
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_batch_comes_twice_and_a_seed_brings_the_same_ones():
    def sums(seed):
        dataset = memory_tasks.fresh_batches(
            memory_tasks.adding_problem, 2, 3, steps=3, seed=seed
        )
        assert len(dataset) == 3
        return [float(targets[0, 0]) for _, targets in dataset.repeat(2)]

    assert len(set(sums(0))) == 6
    assert sums(0) == sums(0) != sums(1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: memory_tasks.adding_problem(1, 1, seed=(0, 0)),
        lambda: memory_tasks.delayed_copy(1, -1, seed=(0, 0)),
    ],
)
def test_impossible_lengths_are_refused(call):
    with pytest.raises(ValueError, match=r"Received: (length=1|delay=-1)"):
        call()


@pytest.mark.parametrize(("symbols", "count"), [(8, 2), (3, 2), (2, 3), (3, 4)])
def test_who_has_lost_the_order_loses_what_all_rows_together_cost(symbols, count):
    losses = []
    for row in itertools.product(range(symbols), repeat=count):
        shares = np.bincount(row, minlength=symbols) / count
        losses.append(np.mean([-np.log(shares[symbol]) for symbol in row]))
    found = memory_tasks.loss_without_order(symbols, count)
    np.testing.assert_allclose(found, np.mean(losses))
    assert found < np.log(2) or count > 2
