import numpy as np
import pytest
import tensorflow as tf

from gru_apps import decoding, models, serving
from gru_apps.encoding import audio
from gru_apps.serving import connected_speech
from gru_apps.serving.connected_speech import PieceReader, piece_lengths

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def model():
    return models.build_frame_classifier(13, 3, units=4)


def _compiled(read):
    """Step by step in Python, frames by the hundred would take half a minute."""
    return tf.function(read, input_signature=[tf.TensorSpec([None, None, 13])])


def _frames(size):
    """Frames with a pause after every 70."""
    frames = RANDOM.normal(size=(size, 13)).astype("float32")
    frames[:, 0] = np.where(np.arange(size) % 80 < 70, 5, -50) + frames[:, 0]
    return frames


@pytest.mark.parametrize("size", [0, 1, 1199, 1200, 1201, 2500, 24001])
def test_pieces_are_few_make_the_clip_and_end_in_pauses(size):
    frames = _frames(size)
    lengths = piece_lengths(frames).numpy()
    assert lengths.sum() == size
    assert len(lengths) == max(1, -(-size // 1200))
    assert lengths.max(initial=0) <= 1200 + 200
    pauses = frames[:, 0] < -40
    cuts = np.cumsum(lengths)[:-1]
    assert pauses[cuts].all() and pauses[cuts - 1].all()


def test_a_short_clip_is_read_whole_and_a_long_one_as_its_pieces(model, monkeypatch):
    monkeypatch.setattr(connected_speech, "PIECE", 120)
    monkeypatch.setattr(connected_speech, "SEARCH", 50)
    clips = [_frames(size) for size in (50, 300, 0)]
    longest = max(map(len, clips))
    padded = np.stack([np.pad(c, [(0, longest - len(c)), (0, 0)]) for c in clips])
    logits = _compiled(PieceReader(model))(padded).numpy()
    model = _compiled(model)
    assert logits.shape == (3, longest, 4)
    np.testing.assert_allclose(
        logits[0, :50], model(clips[0][np.newaxis])[0], atol=1e-4
    )
    lengths = piece_lengths(clips[1]).numpy()
    pieces = np.split(clips[1], np.cumsum(lengths)[:-1])
    assert len(pieces) == 3
    alone = [model(piece[np.newaxis]).numpy()[0] for piece in pieces]
    np.testing.assert_allclose(logits[1], np.concatenate(alone), atol=1e-4)
    whole = model(clips[1][np.newaxis]).numpy()[0]
    assert np.abs(whole - logits[1]).max() > 1e-3  # or nothing was cut
    for row, size in zip(logits, (50, 300, 0), strict=True):
        assert (row[size:, 0] == 0).all() and (row[size:, 1:] == -1e4).all()


def test_a_long_recording_is_answered_by_what_is_heard_in_its_pieces(monkeypatch):
    monkeypatch.setattr(connected_speech, "PIECE", 40)
    monkeypatch.setattr(connected_speech, "SEARCH", 10)
    model = models.build_frame_classifier(13, 3, units=4, bidirectional=False)
    step = models.build_streaming_step(model)
    signatures = serving.recognize_speech(
        model, step, lambda waveform, rate: audio.mfcc(waveform), ["a", "b", "c"]
    )
    waveform = np.sin(np.arange(20000) ** 1.3 / 50).astype("float32")
    answer = signatures["serving_default"](waveform[np.newaxis], 8000)
    frames = audio.mfcc(waveform)[tf.newaxis]
    best = [
        decoding.prefix_beam_search(reader(frames), width=16)
        for reader in map(_compiled, (PieceReader(model), model))
    ]
    in_pieces, whole = (np.exp(each.scores[0, 0]) for each in best)
    np.testing.assert_allclose(answer["probability"], [in_pieces], rtol=1e-3)
    assert abs(whole / in_pieces - 1) > 0.01
    said = "".join(" abc"[label] for label in best[0].ids[0, 0])
    assert answer["digits"].numpy()[0].decode() == " ".join(said)
