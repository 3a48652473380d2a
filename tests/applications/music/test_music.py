import numpy as np
import pytest
import tensorflow as tf
from random_scores import assert_same_score, random_score

from gru_apps.applications.music.scores import (
    HIGHEST,
    HOLD,
    LOWEST,
    NUM_TOKENS,
    PAD,
    PAD_TOKEN,
    REST_TOKEN,
    START_TOKEN,
    cells_from_score,
    cells_from_tokens,
    checked_score,
    score_from_cells,
    tokens_from_cells,
    transpose,
)

InvalidArgumentError = tf.errors.InvalidArgumentError


@pytest.mark.parametrize("seed", range(5))
def test_score_cells_tokens_and_back_is_the_identity(seed):
    score = random_score(seed)
    tokens = tokens_from_cells(cells_from_score(*score))
    assert tokens.shape == (160,) and tokens.dtype == tf.int32
    assert_same_score(score_from_cells(cells_from_tokens(tokens)), score)


def test_a_batch_in_the_graph_equals_its_pieces_one_by_one():
    @tf.function(input_signature=[tf.TensorSpec([None, None, 4], tf.int32)])
    def round_trip(cells):
        tokens = tokens_from_cells(transpose(cells, 0))
        return tokens, *score_from_cells(cells_from_tokens(tokens))

    scores = [random_score(seed) for seed in range(3)]
    tokens, *batch = round_trip(tf.stack([cells_from_score(*each) for each in scores]))
    for index, score in enumerate(scores):
        expected = tokens_from_cells(cells_from_score(*score))
        np.testing.assert_array_equal(tokens[index], expected)
        assert_same_score([array[index] for array in batch], score)
    assert round_trip(tf.zeros([2, 0, 4], tf.int32))[0].shape == (2, 0)


def test_a_saved_model_carries_the_tokens(tmp_path):
    class Music(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
        def pitches(self, tokens):
            return score_from_cells(cells_from_tokens(tokens))[0]

        @tf.function(input_signature=[tf.TensorSpec([None, None, 4], tf.int32)])
        def tokens(self, cells):
            return tokens_from_cells(cells)

    tf.saved_model.save(Music(), tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    pitches, starts = random_score(0)
    tokens = loaded.tokens(cells_from_score(pitches, starts)[tf.newaxis])
    np.testing.assert_array_equal(loaded.pitches(tokens)[0], pitches)
    with pytest.raises(InvalidArgumentError, match="Received: pitches=99 to 99"):
        loaded.tokens([[[99, HOLD, 0, PAD]]])


def test_tokens_go_step_by_step_from_the_outer_voices_to_the_inner_ones():
    cells = [[LOWEST, LOWEST + 1, LOWEST + 2, LOWEST + 3], [0, HOLD, PAD, HIGHEST]]
    tokens = [3, 6, 4, 5, REST_TOKEN, 60, 63, PAD_TOKEN]
    np.testing.assert_array_equal(tokens_from_cells(cells), tokens)
    np.testing.assert_array_equal(cells_from_tokens(tokens), cells)


def test_every_pitch_and_the_rest_have_a_token_to_start_and_one_to_go_on():
    pitches = [[0, *range(LOWEST, HIGHEST + 1)]] * 4
    cells = np.stack([np.transpose(pitches), np.full((59, 4), HOLD)], axis=1)
    tokens = tokens_from_cells(cells).numpy()
    assert sorted({*tokens.flatten()}) == [*range(REST_TOKEN, NUM_TOKENS)]
    np.testing.assert_array_equal(cells_from_tokens(tokens), cells)
    assert (cells_from_tokens([START_TOKEN] * 4).numpy() == PAD).all()


@pytest.mark.parametrize("pitch", [1, LOWEST - 1, HIGHEST + 1, PAD - 1])
def test_a_pitch_without_a_token_is_refused(pitch):
    with pytest.raises(
        InvalidArgumentError, match=f"pitches=[0-9-]+ to {max(pitch, 60)}"
    ):
        tokens_from_cells([[60, 60, 60, pitch]])


@pytest.mark.parametrize(
    "tokens, message",
    [
        ([4, 4, 4], "steps of 4. Received: 3 tokens"),
        ([4, 4, 4, NUM_TOKENS], f"tokens=4 to {NUM_TOKENS}"),
        ([4, 4, 4, -1], "tokens=-1 to 4"),
    ],
)
def test_tokens_that_mean_no_cells_are_refused(tokens, message):
    with pytest.raises(InvalidArgumentError, match=message):
        cells_from_tokens(tokens)


def test_a_hold_goes_on_with_what_sounded_before_or_with_a_rest():
    cells = [[HOLD, HOLD, 60, 0], [HOLD, 62, HOLD, HOLD]]
    pitches, starts = score_from_cells(cells, before=[72, 67, 64, 48])
    assert pitches.numpy().tolist() == [[72, 67, 60, 0], [72, 62, 60, 0]]
    assert starts.numpy().tolist() == [[0, 0, 1, 1], [0, 1, 0, 0]]
    pitches, starts = score_from_cells(cells)
    assert pitches.numpy().tolist() == [[0, 0, 60, 0], [0, 62, 60, 0]]
    assert starts.numpy().tolist() == [[1, 1, 1, 1], [0, 1, 0, 0]]


def test_a_score_cut_in_two_continues_where_it_was_cut():
    pitches, starts = random_score(1)
    cells = cells_from_score(pitches, starts)
    assert not starts[20].all()  # or there would be nothing to continue
    rest = score_from_cells(cells[20:], before=pitches[19])
    assert_same_score(rest, (pitches[20:], starts[20:]))


def test_padding_becomes_rests():
    pitches, starts = score_from_cells([[60, 62, 64, 65], [PAD] * 4, [PAD] * 4])
    assert pitches.numpy()[1:].max() == 0 and starts.numpy().all()


def test_transposing_moves_every_note_and_nothing_else():
    pitches, starts = random_score(2)
    cells = transpose(cells_from_score(pitches, starts), 5)
    moved = np.where(pitches > 0, pitches + 5, 0)
    assert_same_score(score_from_cells(cells), (moved, starts))
    np.testing.assert_array_equal(
        transpose([[PAD, HOLD, 0, 60]], -3)[0, :3], [PAD, HOLD, 0]
    )


def test_a_pitch_that_changes_begins_whether_or_not_it_is_said():
    pitches = np.repeat([[60], [60], [62], [0], [0]], 4, axis=1)
    said = np.eye(5, 4, dtype=bool)[:, :1].repeat(4, axis=1)  # at the first step alone
    begins = [True, False, True, True, False]
    assert checked_score(pitches, said)[1][:, 0].tolist() == begins
    cells = cells_from_score(pitches, said)
    assert cells.numpy()[:, 0].tolist() == [60, -1, 62, 0, -1]
    held = cells_from_score(pitches, said & False)[:, 0]
    assert held.numpy().tolist() == [-1, -1, 62, 0, -1]  # from before the first step


@pytest.mark.parametrize("voices", [3, 5])
def test_cells_of_another_number_of_voices_are_refused(voices):
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"Received: {voices} voi"):
        tokens_from_cells(np.full((2, voices), 60))
