"""Survival, and writing above chance, against what can be said by hand."""

import numpy as np
import pytest

from gru_apps.inspection import survival, writing, writing_by_chance


def test_a_unit_that_holds_and_then_writes_keeps_for_as_long_as_it_holds():
    # its mean rate of forgetting would be that of 1.2 steps
    update = np.tile([[0.99]] * 11 + [[1e-4]], [9, 1])[np.newaxis]
    found = survival(update)
    assert (found.median.tolist(), found.percentile_90.tolist()) == ([6], [11])


@pytest.mark.parametrize(("gate", "steps"), [(0.5, 1), (0.71, 3), (0.9, 7), (0, 1)])
def test_a_constant_gate_keeps_until_its_power_is_one_half(gate, steps):
    found = survival(np.full((2, 30, 1), gate))
    assert found.median == found.percentile_90 == steps


def test_survival_equals_a_count_step_by_step():
    update = np.random.default_rng(0).uniform(0.8, 1, size=(1, 300, 1))
    ends = []
    for start in range(299):
        products = np.cumprod(update[0, start + 1 :, 0])
        ends.append(1 + np.argmax(products <= 0.5) if products[-1] <= 0.5 else 300)
    median, most = np.quantile(ends, [0.5, 0.9], method="inverted_cdf")
    assert (survival(update).median, survival(update).percentile_90) == (median, most)


def test_what_outlives_its_sequence_counts_as_far_as_it_was_seen():
    assert survival(np.ones((3, 5, 1))).median == np.inf
    # Kaplan and Meier by hand: of two starts, one is gone after a step; the other was
    # seen for one step alone
    update = np.array([[[1.0], [0.1], [1.0]]])
    found = survival(update)
    assert found.median == 1 and found.percentile_90 == np.inf


def test_only_steps_of_the_mask_count():
    update = np.array([[[1.0], [1.0], [1.0], [0.1]]])
    assert survival(update).median == 2
    assert survival(update, [[True, True, True, False]]).median == np.inf


def test_a_layer_that_reads_backwards_is_measured_backwards():
    update = np.array([[[1.0], [1.0], [1.0], [0.1]]])
    assert survival(update).median == 2
    assert survival(update, backwards=True).median == np.inf
    assert survival(update[:, ::-1], backwards=True).median == 2


def test_sequences_of_one_step_have_no_survival():
    with pytest.raises(ValueError, match="must have two steps"):
        survival(np.ones((3, 1, 2)))
    with pytest.raises(ValueError, match="must have two steps"):
        survival(np.ones((3, 4, 2)), np.zeros((3, 4), bool))


def test_writing_finds_the_unit_that_writes_there():
    where = np.array([[False, True, False, True]])
    update = np.stack([np.where(where, 0.1, 0.9), np.full([1, 4], 0.5)], axis=-1)
    more = writing(update, where)
    assert more[0] == pytest.approx(2) and more[1] == 0
    with pytest.raises(ValueError, match="Received: 0 of 4"):
        writing(update, where & False)


def test_one_unit_in_twenty_goes_beyond_what_chance_does():
    rng = np.random.default_rng(0)
    update, where = rng.uniform(size=(40, 30, 400)), rng.random((40, 30)) < 0.2
    beyond = np.abs(writing(update, where)) > writing_by_chance(update, where)
    assert 0.02 < beyond.mean() < 0.09
    update[..., 0] = np.where(where, 0.2, 0.8)
    assert writing(update, where)[0] > 5 * writing_by_chance(update, where)


def test_chance_knows_that_gates_and_labels_change_slowly():
    rng = np.random.default_rng(0)
    waves = 2 * np.pi * (np.arange(200) / 50 + rng.random((9, 51, 1)))
    update, slow = 1 / (1 + np.exp(np.sin(waves[:, 1:]))), np.sin(waves[:, 0]) > 0
    update = update.swapaxes(1, 2)
    shuffled = rng.permuted(slow, axis=1)
    assert writing_by_chance(update, slow) > 3 * writing_by_chance(update, shuffled)


def test_chance_is_the_same_for_the_same_seed_and_leaves_padding_out():
    rng = np.random.default_rng(0)
    update, where = rng.uniform(size=(5, 9, 3)), rng.random((5, 9)) < 0.5
    mask = np.arange(9) < np.array([[9], [7], [3], [5], [0]])
    levels = [writing_by_chance(update, where, mask, seed=s, draws=9) for s in (1, 1)]
    assert levels[0] == levels[1]
    update[~mask], where[~mask] = np.nan, True
    assert writing_by_chance(update, where, mask, seed=1, draws=9) == levels[0]


MEASURES = {
    "survival": lambda update, mask: survival(update, mask),
    "writing": lambda update, mask: writing(update, np.eye(2, 5) > 0, mask),
    "where": lambda update, where: writing(update, where),
    "chance": lambda update, where: writing_by_chance(update, where),
}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@pytest.mark.parametrize("shape", [(2,), (2, 4), (2, 5, 4), (5, 2)])
def test_a_mask_of_another_shape_is_refused(shape, measure):
    with pytest.raises(ValueError, match=r"`\(batch, steps\)`, here \(2, 5\)"):
        measure(np.full((2, 5, 4), 0.5), np.ones(shape, bool))


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_gates_that_are_nan_where_they_count_are_refused(measure):
    update = np.full((2, 5, 4), 0.5)
    update[0, 1] = np.nan
    with pytest.raises(ValueError, match="must be finite"):
        measure(update, np.ones((2, 5), bool))


@pytest.mark.parametrize("gate", [0.1, 0.2, 0.3, 0.7])
def test_a_unit_that_never_changes_does_not_write(gate):
    where = np.arange(100)[np.newaxis] % 3 == 0
    assert writing(np.full((1, 100, 1), gate), where) == 0  # but for rounding, it would
