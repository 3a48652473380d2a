"""Decoding, on fake steps over a small alphabet.

Their logits depend on the whole path and not on the last id alone, or a beam that never
reorders its states would pass too.
"""

import numpy as np
import pytest
import tensorflow as tf

import gru_apps
from gru_apps.decoding import Decoded, beam_search, greedy, sample
from gru_apps.decoding.shortlist import largest

END = 2
STARTS = tf.constant([0, 1, 3, 5, 8])


def path_step(seed=0, vocabulary=3):
    """Returns a step whose state, `(batch,)`, is a hash of the path."""
    table = 2 * np.random.default_rng(seed).normal(size=(101, vocabulary))
    table = tf.constant(table, tf.float32)

    def step(ids, path):
        path = (7 * path + ids + 1) % 101
        return tf.gather(table, path), path

    return step


def fixed_step(probabilities):
    logits = np.log(np.array(probabilities, "float32"))

    def step(ids, state):
        return tf.repeat(logits[None], len(ids), axis=0), state

    return step


def counted(step):
    """Returns the step, and a list that grows with every call of it."""
    calls = []

    def counting(ids, state):
        calls.append(ids)
        return step(ids, state)

    return counting, calls


def as_lists(decoded: Decoded):
    """Returns the sequences of the only row, without padding."""
    ids, lengths = decoded.ids.numpy()[0], decoded.lengths.numpy()[0]
    assert not any(row[length:].any() for row, length in zip(ids, lengths, strict=True))
    return [row[:length].tolist() for row, length in zip(ids, lengths, strict=True)]


def assert_same(one: Decoded, other: Decoded):
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_array_equal(one.lengths, other.lengths)
    np.testing.assert_allclose(one.scores, other.scores, rtol=1e-5)


def log_softmax(logits):
    return tf.nn.log_softmax(logits)[0].numpy().tolist()


def all_sequences(step, last, state, steps, end_id):
    """Yields the ids of every sequence, its log-probability, and whether it ended."""
    if steps == 0:
        yield [], 0.0, False
        return
    logits, state = step(tf.constant([last]), state)
    for chosen, gained in enumerate(log_softmax(logits)):
        if chosen == end_id:
            yield [], gained, True
            continue
        for ids, score, ended in all_sequences(step, chosen, state, steps - 1, end_id):
            yield [chosen, *ids], gained + score, ended


def plain_beam_search(step, start, *, width, max_steps, end_id, length_penalty):
    """The same search over one sequence, in lists, stopped only by ended sequences."""

    def penalised(score, length):
        return score / ((5 + length) / 6) ** length_penalty

    live, ended = [(0.0, [start], tf.constant([start]))], []
    for length in range(1, max_steps + 1):
        found = []
        for score, ids, state in live:
            logits, after = step(tf.constant(ids[-1:]), state)
            for chosen, gained in enumerate(log_softmax(logits)):
                found.append((score + gained, [*ids, chosen], after))
        found.sort(key=lambda each: -each[0])
        ended += [
            (penalised(score, length), ids[1:-1])
            for score, ids, _ in found[:width]
            if ids[-1] == end_id
        ]
        live = [each for each in found if each[1][-1] != end_id][:width]
        if len(ended) >= width:
            return sorted(ended, reverse=True)
    live = [(penalised(score, max_steps), ids[1:]) for score, ids, _ in live]
    return sorted(ended, reverse=True) + live


@pytest.mark.parametrize("length_penalty", [-1.0, 0.0, 0.6, 3.0])
@pytest.mark.parametrize("end_id", [None, 0, END])
def test_a_beam_as_wide_as_the_search_space_equals_exhaustive_search(
    end_id, length_penalty
):
    step, start = path_step(), tf.constant([4])
    expected = sorted(
        (not ended, -score / ((5 + len(ids) + ended) / 6) ** length_penalty, ids)
        for ids, score, ended in all_sequences(step, 4, start, 4, end_id)
    )
    options = {"max_steps": 4, "end_id": end_id, "length_penalty": length_penalty}
    found = beam_search(step, start, start, width=81, n_best=len(expected), **options)
    assert as_lists(found) == [ids for *_, ids in expected]
    scores = [-negated for _, negated, _ in expected]
    np.testing.assert_allclose(found.scores[0], scores, rtol=1e-5)


@pytest.mark.parametrize("length_penalty", [-1.0, 0.0, 3.0])
@pytest.mark.parametrize("width", [2, 5])
def test_a_narrow_beam_finds_what_the_same_search_in_plain_lists_finds(
    width, length_penalty
):
    options = {"max_steps": 7, "end_id": END, "length_penalty": length_penalty}
    for seed in range(3):
        step, start = path_step(seed, vocabulary=4), tf.constant([seed])
        found = beam_search(step, start, start, width=width, n_best=2, **options)
        expected = plain_beam_search(step, seed, width=width, **options)
        assert as_lists(found) == [ids for _, ids in expected[:2]]
        scores = [score for score, _ in expected[:2]]
        np.testing.assert_allclose(found.scores[0], scores, rtol=1e-5)


@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 3.0])
def test_a_beam_of_one_is_greedy(length_penalty):
    for seed in range(1, 3):
        step = path_step(seed)
        expected = greedy(step, STARTS, STARTS, max_steps=9, end_id=END)
        found = beam_search(
            step,
            STARTS,
            STARTS,
            width=1,
            max_steps=9,
            end_id=END,
            length_penalty=length_penalty,
        )
        np.testing.assert_array_equal(found.ids[:, 0], expected.ids)
        np.testing.assert_array_equal(found.lengths[:, 0], expected.lengths)
        if length_penalty == 0.0:
            np.testing.assert_allclose(found.scores[:, 0], expected.scores, rtol=1e-5)


def test_greedy_follows_the_likeliest_path_and_scores_its_end():
    step, state, last = path_step(seed=1), tf.constant([8]), tf.constant([8])
    expected, score = [], 0.0
    while True:
        logits, state = step(last, state)
        last = tf.argmax(logits, axis=1, output_type=tf.int32)
        score += max(log_softmax(logits))
        if last == END:
            break
        expected.append(int(last[0]))
    found = greedy(step, tf.constant([8]), [8], max_steps=20, end_id=END)
    assert 1 < len(expected) < 20
    assert found.ids.numpy().tolist() == [expected]
    assert found.lengths.numpy().tolist() == [len(expected)]
    np.testing.assert_allclose(found.scores, [score], rtol=1e-5)


@pytest.mark.parametrize("max_steps", [0, 1, 6])
def test_without_an_end_there_are_exactly_max_steps_ids(max_steps):
    options = {"max_steps": max_steps, "end_id": None}
    step = path_step()
    beams = beam_search(step, STARTS, STARTS, width=2, n_best=2, **options)
    assert beams.ids.shape == (5, 2, max_steps)
    sampled = sample(step, STARTS, STARTS, seed=0, **options)
    for found in (greedy(step, STARTS, STARTS, **options), sampled):
        assert found.ids.shape == (5, max_steps)
        assert found.lengths.numpy().tolist() == [max_steps] * 5


def test_sequences_of_a_batch_do_not_disturb_each_other():
    step = path_step(seed=1)

    def search(start):
        options = {"width": 3, "n_best": 2, "max_steps": 9, "end_id": END}
        return beam_search(step, start, start, **options)

    def follow(start):
        return greedy(step, start, start, max_steps=9, end_id=END)

    for decode in (search, follow):
        together = decode(STARTS)
        for row in range(len(STARTS)):
            alone = decode(STARTS[row : row + 1])
            steps = alone.ids.shape[-1]
            np.testing.assert_array_equal(together.ids[row, ..., :steps], alone.ids[0])
            assert not tf.reduce_any(together.ids[row, ..., steps:] != 0)
            np.testing.assert_array_equal(together.lengths[row], alone.lengths[0])
            np.testing.assert_allclose(together.scores[row], alone.scores[0], rtol=1e-5)


def test_the_n_best_are_sorted_and_distinct():
    step = path_step(seed=3, vocabulary=5)
    options = {"width": 6, "n_best": 6, "max_steps": 8, "end_id": END}
    found = beam_search(step, tf.constant([8]), [8], **options)
    assert np.all(np.diff(found.scores[0]) < 0)
    assert len({tuple(ids) for ids in as_lists(found)}) == 6


def test_where_too_few_sequences_exist_the_others_are_empty_and_impossible():
    certain = fixed_step([1.0])  # a vocabulary of one, smaller than any beam
    found = beam_search(certain, (), [0], width=3, n_best=3, max_steps=4, end_id=None)
    assert as_lists(found) == [[0, 0, 0, 0], [], []]
    assert found.scores.numpy().tolist() == [[0, -np.inf, -np.inf]]
    found = beam_search(certain, (), [0], width=3, n_best=3, max_steps=4, end_id=0)
    assert as_lists(found) == [[], [], []]
    assert found.scores.numpy().tolist() == [[0, -np.inf, -np.inf]]


def test_n_best_widens_a_narrower_beam():
    step, options = path_step(), {"n_best": 3, "max_steps": 5, "end_id": END}
    narrow = beam_search(step, STARTS, STARTS, width=1, **options)
    assert_same(narrow, beam_search(step, STARTS, STARTS, width=3, **options))


def test_a_loop_stops_where_all_sequences_have_ended():
    step, calls = counted(path_step(seed=1))
    found = greedy(step, STARTS, STARTS, max_steps=50, end_id=END)
    assert len(calls) == found.ids.shape[1] + 1 == 7


def test_a_step_is_asked_only_about_ids_of_the_vocabulary():
    step, calls = counted(path_step(seed=1))
    greedy(step, STARTS, STARTS, max_steps=50, end_id=END)
    beam_search(step, STARTS, STARTS, width=4, max_steps=50, end_id=END)
    asked = np.concatenate(calls[1:])
    assert set(asked) - set(STARTS.numpy()) <= {0, 1, END}


def test_a_beam_stops_where_no_other_sequence_can_still_win():
    def count(ids, state):
        return 9.0 * tf.one_hot(ids + 1, depth=6), state

    options = {"width": 4, "max_steps": 50, "end_id": 5}
    step, calls = counted(count)
    best = beam_search(step, (), [2], **options)
    assert best.ids.numpy().tolist() == [[[3, 4]]]
    assert len(calls) == 3


@pytest.mark.parametrize(
    ("end_at_once", "length", "length_penalty"),
    [(0.55, 5, 1.0), (0.3, 1, -1.0)],  # the longest gain most, then the shortest
)
def test_a_beam_does_not_stop_while_another_sequence_may_win(
    end_at_once, length, length_penalty
):
    go_on = [[0.999, 0.001]] * (length - 1)
    table = np.log([[1 - end_at_once, end_at_once], *go_on, [0.001, 0.999]])

    def march(ids, place):
        return tf.gather(table, tf.minimum(place, length)), place + 1

    step, calls = counted(march)
    options = {"max_steps": 20, "end_id": 1, "length_penalty": length_penalty}
    best = beam_search(step, tf.constant([0]), [0], width=9, **options)
    assert as_lists(best) == [[0] * length]
    assert len(calls) == length + 1


def test_samples_follow_the_temperature():
    probabilities = np.array([0.5, 0.3, 0.15, 0.05])
    rows = tf.zeros(4000, tf.int32)
    for temperature in (0.5, 1.0, 2.0):
        options = {"temperature": temperature, "max_steps": 1, "seed": 3}
        drawn = sample(fixed_step(probabilities), (), rows, **options)
        shares = np.bincount(drawn.ids[:, 0], minlength=4) / 4000
        expected = probabilities ** (1 / temperature)
        # four standard deviations of a share of 0.5
        np.testing.assert_allclose(shares, expected / expected.sum(), atol=0.032)
        gained = np.log(probabilities)[drawn.ids[:, 0]]
        np.testing.assert_allclose(drawn.scores, gained, rtol=1e-5)


@pytest.mark.parametrize("by_xla", [False, True])
@pytest.mark.parametrize("temperature", [0.0, 1e-30, 1e-38, 1e-300])
def test_samples_without_heat_are_greedy(temperature, by_xla):
    step, options = path_step(seed=4), {"max_steps": 4, "end_id": None}

    def draw(temperature):
        return sample(step, STARTS, STARTS, seed=0, temperature=temperature, **options)

    draw = tf.function(draw, jit_compile=True) if by_xla else draw
    for number in (temperature, tf.constant(temperature)):
        assert_same(draw(number), greedy(step, STARTS, STARTS, **options))


def test_a_new_temperature_needs_no_other_compilation():
    @tf.function(jit_compile=True)
    def draw(temperature):
        options = {"max_steps": 30, "seed": 3, "temperature": temperature}
        return sample(path_step(seed=4), STARTS, STARTS, top_k=2, **options).ids

    drawn = [draw(tf.constant(t)).numpy() for t in (0.0, 0.5, 1.0, 50.0)]
    found = greedy(path_step(seed=4), STARTS, STARTS, max_steps=30).ids
    np.testing.assert_array_equal(drawn[0], found)
    assert len({ids.tobytes() for ids in drawn}) == 4


def test_numbers_of_numpy_are_taken_where_a_signature_leaves_the_batch_open():
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def draw(starts):
        options = {"top_k": np.int64(1), "top_p": np.float64(0.9), "seed": np.int64(3)}
        return sample(path_step(), starts, starts, max_steps=np.int64(3), **options).ids

    expected = greedy(path_step(), STARTS, STARTS, max_steps=3).ids
    np.testing.assert_array_equal(draw(STARTS), expected)


@pytest.mark.parametrize("by_xla", [False, True])
def test_minus_zero_is_zero_to_every_search(by_xla):
    logits = tf.constant([[-1.0, -0.0, 0.0, -2.0]])

    def step(ids, state):
        return state, state

    def search():
        options = {"max_steps": 1, "end_id": None}
        beam = beam_search(step, logits, [0], width=3, n_best=3, **options)
        return greedy(step, logits, [0], **options).ids, beam.ids

    found = tf.function(search, jit_compile=by_xla or None)()
    assert [ids.numpy().ravel().tolist() for ids in found] == [[1], [1, 2, 0]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"top_k": 0, "top_p": 1.0}, {0, 1, 2, 3}),
        ({"top_k": 2}, {1, 3}),
        ({"top_k": 9}, {0, 1, 2, 3}),
        ({"top_p": 0.0}, {1}),
        ({"top_p": 0.49}, {1}),
        ({"top_p": 0.51}, {1, 3}),
        ({"top_p": 0.79}, {1, 3}),
        ({"top_p": 0.81}, {0, 1, 3}),
        ({"top_k": 2, "top_p": 0.6}, {1}),  # 0.5 / 0.8 is more than 0.6
        ({"temperature": 0.5, "top_p": 0.6}, {1}),  # 0.5 ** 2 / 0.365 too
    ],
)
def test_samples_are_of_the_likeliest_ids(options, expected):
    step, rows = fixed_step([0.15, 0.5, 0.05, 0.3]), tf.zeros(500, tf.int32)
    drawn = sample(step, (), rows, max_steps=1, seed=0, **options)
    assert set(drawn.ids.numpy().ravel()) == expected


@pytest.mark.parametrize("vocabulary", [1, 31, 32, 33, 500])
@pytest.mark.parametrize("levels", [3, 1000])  # with many equal logits, and with few
def test_the_largest_are_those_of_all_and_of_equal_ones_the_first(vocabulary, levels):
    logits = np.random.default_rng(0).integers(levels, size=(9, vocabulary))
    logits = np.where(logits == 0, -np.inf, logits).astype("float32")
    for count in {1, min(7, vocabulary), vocabulary}:
        expected = tf.math.top_k(logits, count)
        for ours, theirs in zip(largest(logits, count), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_samples_keep_top_k_ids_even_where_all_are_alike():
    drawn = sample(fixed_step([1.0] * 6), (), [0] * 99, max_steps=1, seed=0, top_k=2)
    assert len(set(drawn.ids.numpy().ravel())) == 2


def test_a_seed_is_a_sample():
    coin, rows = fixed_step([0.5, 0.5]), tf.zeros(4, tf.int32)
    drawn = sample(coin, (), rows, max_steps=30, seed=1).ids.numpy()
    again = sample(coin, (), rows, max_steps=12, seed=1).ids.numpy()
    other = sample(coin, (), rows, max_steps=30, seed=2).ids.numpy()
    np.testing.assert_array_equal(again, drawn[:, :12])
    assert not np.array_equal(other, drawn)
    assert len({tuple(row) for row in drawn}) == 4  # each sequence for itself
    assert all({0, 1} == set(row) for row in drawn)  # and each step


def test_a_sequence_that_ended_gains_nothing_more():
    step = path_step(seed=1)
    drawn = sample(step, STARTS, STARTS, max_steps=30, seed=0, end_id=END)
    for row, length in enumerate(drawn.lengths.numpy()):
        path, expected, state = (
            drawn.ids[row, :length].numpy().tolist(),
            0.0,
            STARTS[row],
        )
        state = state[None]
        for last, chosen in zip([STARTS[row], *path], [*path, END], strict=True):
            logits, state = step(tf.reshape(last, [1]), state)
            expected += log_softmax(logits)[chosen]
        np.testing.assert_allclose(drawn.scores[row], expected, rtol=1e-5)
        assert not drawn.ids[row, length:].numpy().any()
    assert drawn.ids.shape[1] == max(drawn.lengths) > min(drawn.lengths)


def test_half_precision_logits_are_summed_in_single_precision():
    def half(ids, state):
        return tf.constant([[1.0, 0.0]], tf.float16), state

    options, expected = {"max_steps": 5, "end_id": None}, [-5 * np.log1p(np.exp(-1))]
    beams = beam_search(half, (), [0], width=1, length_penalty=0.0, **options)
    drawn = sample(half, (), [0], seed=0, temperature=0.0, **options)
    for found in (greedy(half, (), [0], **options), drawn):
        np.testing.assert_allclose(found.scores, expected, rtol=1e-5)
    np.testing.assert_allclose(beams.scores[0], expected, rtol=1e-5)


walk = path_step(vocabulary=4)


def reading_step(ids, state):
    """Reads a masked memory of its own sentence, beside the path."""
    path, memory = state["path"], state["encoder"]["memory"]
    logits, path = walk(ids, path)
    seen = tf.where(state["encoder"]["mask"][..., None], memory, 0.0)
    return logits + tf.reduce_sum(seen, axis=1), {**state, "path": path}


def sentences():
    memory = np.random.default_rng(0).normal(size=(5, 3, 4)).astype("float32")
    mask = tf.sequence_mask([1, 3, 2, 3, 1], 3)
    return {"path": STARTS, "encoder": {"memory": tf.constant(memory), "mask": mask}}


def test_an_unchanged_memory_stays_with_its_sentence():
    def copying(ids, state):
        logits, state = reading_step(ids, state)
        return logits, tf.nest.map_structure(tf.identity, state)

    options = {"width": 3, "max_steps": 6, "end_id": END, "n_best": 2}
    search = tf.function(beam_search, autograph=False)
    found = search(reading_step, sentences(), STARTS, **options)
    assert_same(found, search(copying, sentences(), STARTS, **options))
    assert_same(found, beam_search(reading_step, sentences(), STARTS, **options))


def test_a_state_that_only_some_steps_change_is_reordered_even_eagerly():
    inner = path_step(seed=2, vocabulary=4)

    def forgetful(ids, state):
        turn, path = state
        logits, after = inner(ids, path)
        # eagerly this hands through the very tensor that came in
        path = tf.cond(turn[0] % 2 == 0, lambda: after, lambda: path)
        return logits, (turn + 1, path)

    state = 0 * STARTS, STARTS
    options = {"width": 3, "max_steps": 8, "end_id": None, "n_best": 3}
    graph = tf.function(beam_search, autograph=False)
    found = beam_search(forgetful, state, STARTS, **options)
    assert_same(found, graph(forgetful, state, STARTS, **options))


class Decoder(tf.Module):
    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, 4]),
            tf.TensorSpec([None, None], tf.bool),
            tf.TensorSpec([None], tf.int32),
            tf.TensorSpec([], tf.int32),
            tf.TensorSpec([]),
        ]
    )
    def __call__(self, memory, mask, start_ids, number, fraction):
        state = {"path": start_ids, "encoder": {"memory": memory, "mask": mask}}
        start = (reading_step, state, start_ids)
        ends = {"max_steps": 2 * number, "end_id": number}
        options = {"width": number, "n_best": number, "length_penalty": fraction}
        cuts = {"seed": number, "temperature": fraction, "top_k": number}
        return {
            "greedy": greedy(*start, **ends),
            "sample": sample(*start, **ends, **cuts, top_p=fraction),
            "beam": beam_search(*start, **ends, **options),
        }


def test_a_saved_model_decodes_like_the_code_it_came_from(tmp_path):
    tf.saved_model.save(Decoder(), tmp_path)
    saved = tf.saved_model.load(tmp_path)
    state = sentences()
    encoder = state["encoder"]
    found = saved(encoder["memory"], encoder["mask"], STARTS, 2, 0.9)
    start, ends = (reading_step, state, STARTS), {"max_steps": 4, "end_id": 2}
    drawn = sample(*start, **ends, seed=2, temperature=0.9, top_k=2, top_p=0.9)
    options = {"width": 2, "n_best": 2, "length_penalty": 0.9}
    assert_same(Decoded(*found["greedy"]), greedy(*start, **ends))
    assert_same(Decoded(*found["sample"]), drawn)
    assert_same(Decoded(*found["beam"]), beam_search(*start, **ends, **options))


@pytest.mark.parametrize("search", [greedy, beam_search])
def test_a_compiled_search_takes_any_batch_that_a_signature_leaves_open(search):
    options = {"max_steps": 7, "end_id": END}
    options |= {"width": 3} if search is beam_search else {}
    any_batch = [tf.TensorSpec([None], tf.int32)]

    @tf.function(jit_compile=True, input_signature=any_batch)
    def compiled(starts):
        return search(path_step(), starts, starts, **options)

    for starts in (STARTS, STARTS[:2]):
        expected, found = (
            search(path_step(), starts, starts, **options),
            compiled(starts),
        )
        missing = 7 - expected.ids.shape[-1]
        places = [[0, 0]] * (expected.ids.ndim - 1) + [[0, missing]]
        assert_same(expected._replace(ids=tf.pad(expected.ids, places)), found)


def test_a_compiled_search_refuses_a_number_of_steps_that_is_not_known():
    @tf.function(jit_compile=True)
    def compiled(max_steps):
        return greedy(path_step(), STARTS, STARTS, max_steps=max_steps)

    with pytest.raises(ValueError, match="`max_steps` must be a number"):
        compiled(tf.constant(3))


def test_an_empty_batch_decodes_to_an_empty_batch():
    none = tf.zeros(0, tf.int32)
    found = greedy(path_step(), none, none, max_steps=3, end_id=END)
    assert found.scores.shape == found.lengths.shape == (0,)
    found = beam_search(path_step(), none, none, width=2, max_steps=3, end_id=END)
    assert found.scores.shape == found.lengths.shape == (0, 1)


@pytest.mark.parametrize(
    "option",
    [
        {"max_steps": -1},
        {"max_steps": 2.5},
        {"max_steps": True},
        {"seed": 2**63},
        {"seed": np.uint64(2**63)},
        {"seed": 1.5},
        {"temperature": float("nan")},
        {"temperature": -1.0},
        {"temperature": float("inf")},
        {"top_k": -1},
        {"top_p": float("nan")},
        {"top_p": 1.5},
        {"top_p": -0.1},
    ],
)
def test_a_sample_refuses_numbers_that_mean_nothing(option):
    (name,) = option
    with pytest.raises(ValueError, match=f"Received: {name}="):
        sample(path_step(), STARTS, STARTS, **{"max_steps": 1, "seed": 0, **option})


@pytest.mark.parametrize(
    "option",
    [
        {"width": 0},
        {"width": 2.5},
        {"n_best": 0},
        {"n_best": -1},
        {"max_steps": -1},
        {"length_penalty": float("nan")},
    ],
)
def test_a_beam_refuses_numbers_that_mean_nothing(option):
    (name,) = option
    options = {"width": 2, "max_steps": 1, "end_id": None, **option}
    with pytest.raises(ValueError, match=f"Received: {name}="):
        beam_search(path_step(), STARTS, STARTS, **options)


@pytest.mark.parametrize("jit_compile", [None, True])
def test_a_seed_may_have_sixty_three_bits(jit_compile):
    coin, rows = fixed_step([0.5, 0.5]), tf.zeros(4, tf.int32)
    seeds = [0, 2**31, -(2**31), 2**32, 2**63 - 1, -(2**63)]

    def draw(seed):
        return sample(coin, (), rows, max_steps=20, seed=seed).ids

    drawn = [tf.function(draw, jit_compile=jit_compile)(seed) for seed in seeds]
    assert len({bytes(ids.numpy()) for ids in drawn}) == len(seeds)


SEARCHES = {
    "greedy": lambda step, start: greedy(step, (), start, max_steps=3),
    "sample": lambda step, start: sample(step, (), start, max_steps=3, seed=1),
    "beam": lambda step, start: beam_search(
        step, (), start, width=2, max_steps=3, end_id=0
    ),
}


@pytest.mark.parametrize("in_graph", [False, True])
@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
@pytest.mark.parametrize("bad", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("part", ["ids", "scores"])
def test_logits_without_a_softmax_are_refused(bad, search, in_graph, part):
    def step(ids, state):
        rows = tf.range(tf.size(ids))[:, None]
        return tf.where(rows > 0, float(bad), tf.zeros([1, 4])), state

    def run(start_ids):  # who needs one part alone must be told, too
        return getattr(search(step, start_ids), part)

    run = tf.function(run) if in_graph else run
    with pytest.raises(tf.errors.InvalidArgumentError, match="must have a softmax"):
        run(tf.constant([1, 2]))


@pytest.mark.parametrize("length_penalty", [-200, 200, 1000])
def test_a_penalty_beyond_all_numbers_is_no_error(length_penalty):
    step, options = path_step(), {"width": 3, "max_steps": 9, "end_id": END}
    found = beam_search(step, STARTS, STARTS, length_penalty=length_penalty, **options)
    assert not np.isnan(found.scores).any()


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_ids_that_are_impossible_are_no_error(search):
    def step(ids, state):
        only = tf.one_hot(tf.zeros_like(ids) + 3, 4, 0.0, float("-inf"))
        return only, state

    assert search(step, tf.constant([1, 2])).ids.numpy().reshape(2, -1).max() == 3


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_start_ids_of_another_rank_are_refused(search):
    with pytest.raises(ValueError, match=r"`start_ids` must .*shape=\(2, 1\)"):
        search(None, tf.constant([[1], [2]]))


@pytest.mark.parametrize("search", ["greedy", "sample", "beam_search"])
def test_what_an_ended_sequence_says_counts_for_nothing(search):
    def step(ids, state):
        rows = tf.range(tf.size(ids))[:, None]
        last = tf.where(ids[:, None] == 1, 0.0, float("nan"))  # the row has ended
        of_first = tf.one_hot(tf.zeros_like(ids), 4, 0.0, float("-inf")) + last
        going_on = tf.one_hot(tf.zeros_like(ids) + 2, 4, 0.0, float("-inf"))
        return tf.where(rows < tf.size(ids) // 2, of_first, going_on), state

    options = {"seed": 1} if search == "sample" else {}
    options |= {"width": 2} if search == "beam_search" else {}
    function = getattr(gru_apps, search)
    found = function(step, (), [1, 1], max_steps=3, end_id=0, **options)
    assert found.ids.numpy().reshape(2, 3).tolist() == [[0, 0, 0], [2, 2, 2]]
    assert found.scores.numpy().ravel().tolist() == [0, 0]
