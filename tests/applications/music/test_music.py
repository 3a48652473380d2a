import mido
import numpy as np
import pytest
import tensorflow as tf

from gru_apps.applications.music.scores import (
    HIGHEST,
    HOLD,
    LOWEST,
    NUM_TOKENS,
    PAD,
    PAD_TOKEN,
    REST_TOKEN,
    START_TOKEN,
    VOICES,
    cells_from_score,
    cells_from_tokens,
    read_midi,
    score_from_cells,
    tokens_from_cells,
    transpose,
    write_midi,
)

InvalidArgumentError = tf.errors.InvalidArgumentError


def random_score(seed, steps=40, rests_in_a_row=True):
    """Notes and rests of 1 to 5 steps, the first and the last of any kind."""
    random = np.random.default_rng(seed)
    pitches = np.zeros((steps, 4), "int32")
    starts = np.zeros((steps, 4), bool)
    for voice in range(4):
        step, pitch = 0, 1
        while step < steps:
            rest = random.random() < 0.3 and (pitch > 0 or rests_in_a_row)
            pitch = 0 if rest else random.integers(LOWEST, HIGHEST + 1)
            length = random.integers(1, 6)
            pitches[step : step + length, voice] = pitch
            starts[step, voice] = True
            step += length
    return pitches, starts


def assert_same_score(received, expected):
    for array, expected_array in zip(received, expected, strict=True):
        np.testing.assert_array_equal(array, expected_array)


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


@pytest.mark.parametrize("tokens", [[4, 4, 4], [4, 4, 4, NUM_TOKENS], [4, 4, 4, -1]])
def test_tokens_that_mean_no_cells_are_refused(tokens):
    with pytest.raises(InvalidArgumentError):
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


@pytest.mark.parametrize("seed", range(5))
def test_a_midi_file_keeps_every_note_and_rest(seed, tmp_path):
    score = random_score(seed, rests_in_a_row=False)
    write_midi(tmp_path / "a.mid", *score)
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches.dtype == np.int32 and starts.dtype == bool
    assert_same_score((pitches, starts), score)


def test_rests_around_the_music_and_silent_voices_are_kept(tmp_path):
    pitches, starts = np.zeros((9, 4), "int32"), np.zeros((9, 4), bool)
    starts[0] = starts[3, 1] = starts[5, 1] = True
    pitches[3:5, 1] = 60
    write_midi(tmp_path / "a.mid", pitches, starts)
    assert_same_score(read_midi(tmp_path / "a.mid"), (pitches, starts))
    file = mido.MidiFile(tmp_path / "a.mid")
    file.add_track("a shorter one, with nothing in it")
    file.save(tmp_path / "a.mid")
    assert_same_score(read_midi(tmp_path / "a.mid"), (pitches, starts))


def test_two_rests_in_a_row_are_read_back_as_one_with_all_notes_in_place(tmp_path):
    pitches, starts = random_score(3)
    write_midi(tmp_path / "a.mid", pitches, starts)
    read_pitches, read_starts = read_midi(tmp_path / "a.mid")
    np.testing.assert_array_equal(read_pitches, pitches)
    np.testing.assert_array_equal(read_starts[pitches > 0], starts[pitches > 0])
    assert read_starts.sum() < starts.sum()


def test_a_note_held_from_before_the_first_step_is_written(tmp_path):
    pitches = np.full((2, 4), 60)
    write_midi(tmp_path / "a.mid", pitches, np.zeros((2, 4), bool))
    np.testing.assert_array_equal(read_midi(tmp_path / "a.mid")[0], pitches)


def test_a_midi_file_has_named_tracks_on_their_own_channels_and_lasts(tmp_path):
    pitches, starts = np.full((16, 4), 60), np.zeros((16, 4), bool)
    write_midi(tmp_path / "a.mid", pitches, starts, tempo=60)
    file = mido.MidiFile(tmp_path / "a.mid")
    assert tuple(track.name for track in file.tracks) == VOICES
    notes = [message for message in file if message.type == "note_on"]
    assert [note.channel for note in notes] == [0, 1, 2, 3]
    assert file.length == pytest.approx(4)  # a bar of four quarters, a second each


def midi_file(path, *, parts=4, ticks_per_beat=96, notes=((0, 100, 60),)):
    """Writes parts of (begin, end, pitch) in ticks, and then a silent one."""
    file = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    for _ in range(parts):
        track, now = file.add_track(), 0
        events = [(begin, "note_on", pitch) for begin, _, pitch in notes]
        events += [(end, "note_off", pitch) for _, end, pitch in notes]
        for tick, kind, pitch in sorted(events):
            track.append(mido.Message(kind, note=pitch, time=tick - now))
            now = tick
    file.add_track().append(mido.Message("program_change", program=0))
    file.save(path)


def test_notes_of_other_programs_are_rounded_to_sixteenths(tmp_path):
    # 24 ticks a step: one cut short of its quarter, one of 3 ticks, one a tick early
    midi_file(tmp_path / "a.mid", notes=[(0, 91, 60), (96, 99, 62), (119, 121, 64)])
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches[:, 0].tolist() == [60, 60, 60, 60, 62, 64]
    assert starts[:, 3].tolist() == [True, False, False, False, True, True]


def test_of_two_notes_in_one_sixteenth_the_later_stays(tmp_path):
    # 24 ticks a step: two thirty-seconds, then a note that overlaps by a third of one
    midi_file(tmp_path / "a.mid", notes=[(0, 11, 60), (11, 24, 62), (20, 48, 64)])
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches[:, 0].tolist() == [62, 64] and starts.all()


def test_a_note_that_nothing_ends_lasts_to_the_end_of_its_track(tmp_path):
    file = mido.MidiFile(ticks_per_beat=4)
    for _ in range(4):
        track = file.add_track()
        track.append(mido.Message("note_on", note=60, time=1))
        track.append(mido.MetaMessage("end_of_track", time=2))
    file.save(tmp_path / "a.mid")
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches[:, 0].tolist() == [0, 60, 60]
    assert starts[:, 0].tolist() == [True, True, False]


def test_channels_of_a_single_track_are_parts(tmp_path):
    file = mido.MidiFile(type=0, ticks_per_beat=4)
    track = file.add_track()
    chord = [72, 67, 64, 48]
    for velocity in (64, 0, 64, 0):  # a velocity of 0 ends a note
        for channel, pitch in enumerate(chord):
            note = {"channel": channel, "note": pitch, "velocity": velocity}
            track.append(mido.Message("note_on", time=int(channel == 0), **note))
    file.save(tmp_path / "a.mid")
    pitches, starts = read_midi(tmp_path / "a.mid")
    assert pitches.tolist() == [[0] * 4, chord, [0] * 4, chord] and starts.all()


@pytest.mark.parametrize("content", [b"", b"RIFF....WAVE", b"MThd\0\0\0\6\0\1"])
def test_what_is_not_midi_is_named(content, tmp_path):
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.mid is not a MIDI file"):
        read_midi(tmp_path / "a.mid")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parts": 2}, r"must have four parts. It has 2\."),
        ({"parts": 0}, r"must have four parts. It has 0\."),
        ({"ticks_per_beat": -6360}, "film frames"),
        ({"notes": [(0, 96, 60), (0, 96, 64)]}, "part 1, sixteenth 1"),
        ({"notes": [(0, 48, 60), (24, 96, 64)]}, "part 1, sixteenth 2"),
    ],
)
def test_midi_of_another_shape_is_refused(options, message, tmp_path):
    midi_file(tmp_path / "a.mid", **options)
    with pytest.raises(ValueError, match=message):
        read_midi(tmp_path / "a.mid")


def test_a_missing_midi_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_midi(tmp_path / "a.mid")
