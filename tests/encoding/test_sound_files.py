import io
import struct
import wave

import numpy as np
import pytest
import soundfile

from gru_apps.encoding import sound_files

RANDOM = np.random.default_rng(0)


def test_a_written_wav_reads_back_and_reads_the_same_elsewhere(tmp_path):
    path = tmp_path / "clip.wav"
    sound_files.write_wav(path, [0.5, -0.25, 2e-5, 3.0, -np.inf], 22050)
    waveform, sample_rate = sound_files.read_sound(path)
    assert sample_rate == 22050
    assert waveform.dtype == np.float32
    np.testing.assert_array_equal(waveform, [0.5, -0.25, 2**-15, 1 - 2**-15, -1])
    np.testing.assert_array_equal(waveform, soundfile.read(path)[0])
    sound_files.write_wav(path, waveform, 22050)
    np.testing.assert_array_equal(sound_files.read_sound(path)[0], waveform)


def tone(seconds, rate):
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(seconds * rate) / rate)


COMPRESSED = [
    ("FLAC", "PCM_16", 1e-4),
    ("FLAC", "PCM_24", 1e-6),
    ("OGG", "VORBIS", 0.02),
    ("OGG", "OPUS", 0.02),
    ("MP3", "MPEG_LAYER_III", 0.02),
]


@pytest.mark.parametrize(("kind", "subtype", "error"), COMPRESSED)
def test_compressed_files_are_read_whatever_their_name(kind, subtype, error, tmp_path):
    path = tmp_path / "clip.wav"
    sound = tone(1, 48000)
    stereo = np.stack([sound, sound], axis=1)
    soundfile.write(path, stereo, 48000, format=kind, subtype=subtype)
    waveform, sample_rate = sound_files.read_sound(path)
    assert sample_rate == 48000
    assert waveform.shape == sound.shape and waveform.dtype == np.float32
    inner = slice(2400, -2400)  # codecs smear what is at the ends
    assert np.sqrt(np.mean((waveform - sound)[inner] ** 2)) < error


@pytest.mark.parametrize("kind", ["FLAC", "OGG", "MP3"])
def test_a_compressed_file_that_is_cut_short_is_refused(kind, tmp_path):
    path = tmp_path / "clip"
    noise = RANDOM.normal(scale=0.1, size=5 * 16000)
    soundfile.write(path, noise, 16000, format=kind)
    whole = path.read_bytes()
    for length in (10, len(whole) // 2, len(whole) * 3 // 4):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="clip is (cut short|none of .* damaged)"):
            sound_files.read_sound(path)


def test_a_header_that_promises_hours_is_not_believed(tmp_path):
    path = tmp_path / "clip.flac"
    soundfile.write(path, np.zeros(601 * 1000), 1000)
    with pytest.raises(ValueError, match="must last 600 seconds at most"):
        sound_files.read_sound(path)
    content = bytearray(path.read_bytes())
    content[21] |= 15  # the samples that it says it has: as many as 36 bits can say
    content[22:26] = b"\xff" * 4
    path.write_bytes(content)
    with pytest.raises(ValueError, match="must last 600 seconds at most"):
        sound_files.read_sound(path)


def test_a_kind_that_is_none_of_the_four_is_named(tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, np.zeros(9), 8000, format="AIFF")
    with pytest.raises(ValueError, match="clip.wav is AIFF, and none of WAV, FLAC"):
        sound_files.read_sound(path)


@pytest.mark.parametrize("format", ["WAV", "WAVEX"])
@pytest.mark.parametrize(
    "subtype",
    ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW"],
)
def test_every_common_encoding_reads_as_soundfile_reads_it(format, subtype, tmp_path):
    stereo = RANDOM.uniform(-1, 1, size=(9, 2))
    path = tmp_path / "clip.wav"
    soundfile.write(path, stereo, 44100, format=format, subtype=subtype)
    waveform, sample_rate = sound_files.read_sound(path)
    expected = soundfile.read(path)[0].mean(axis=1)
    np.testing.assert_allclose(waveform, expected, rtol=0, atol=1e-7)
    assert sample_rate == 44100


def wav_bytes(frames=b"\1\2" * 9):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8000, 0, "NONE", None))
        writer.writeframes(frames)
    return file.getvalue()


def with_sizes(content, whole, sound):
    """Changes what the header says of the file and of the sound."""
    start = content.index(b"data") + 4
    whole, sound = struct.pack("<I", whole), struct.pack("<I", sound)
    return content[:4] + whole + content[8:start] + sound + content[start + 4 :]


def rf64(name, sizes, content):
    content = with_sizes(content, 0xFFFFFFFF, 0xFFFFFFFF)
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, *sizes, 0)
    return name + content[4:12] + ds64 + content[12:]


@pytest.mark.parametrize("name", [b"RF64", b"BW64"])
def test_sizes_of_64_bits_are_read_and_what_is_missing_is_said(name, tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(wav_bytes())
    expected = sound_files.read_sound(path)[0]
    for size in (18, 0, 2**64 - 1):
        path.write_bytes(rf64(name, (90, size, 9), wav_bytes()))
        np.testing.assert_array_equal(sound_files.read_sound(path)[0], expected)
    path.write_bytes(rf64(name, (90, 2**33, 9), wav_bytes()))
    with pytest.raises(ValueError, match="bytes are missing"):
        sound_files.read_sound(path)


def test_a_file_of_soundfile_in_64_bits_is_read(tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, [0.5, -0.25], 8000, format="RF64", subtype="FLOAT")
    np.testing.assert_array_equal(sound_files.read_sound(path)[0], [0.5, -0.25])


def test_no_sound_that_is_said_to_be_none_is_no_samples(tmp_path):
    path = tmp_path / "clip.wav"
    note = b"LIST" + struct.pack("<I", 4) + b"abcd"
    path.write_bytes(with_sizes(wav_bytes(b"") + note, 48, 0))
    assert sound_files.read_sound(path)[0].shape == (0,)


@pytest.mark.parametrize(
    ("rate", "bytes_", "message"),
    [
        (1, 4000, "must have 1000 to 1000000 samples a second. Received: 1 Hz$"),
        (1_000_001, 8, "Received: 1000001 Hz$"),
        (
            1000,
            1_210_000,
            "must last 600 seconds at most. Received: 605 ",
        ),
    ],
)
def test_what_a_few_bytes_would_make_gigabytes_of_is_refused(
    rate, bytes_, message, tmp_path
):
    path = tmp_path / "clip.wav"
    content = wav_bytes(bytes(bytes_)).replace(
        struct.pack("<I", 8000), struct.pack("<I", rate)
    )
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"clip.wav .*{message}"):
        sound_files.read_sound(path)


def test_a_file_without_an_end_is_not_read_to_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(sound_files, "MAX_BYTES", 1 << 20)
    path = tmp_path / "clip.wav"
    path.write_bytes(wav_bytes(bytes(1 << 20)))
    with pytest.raises(ValueError, match="clip.wav has more than 1 MiB"):
        sound_files.read_sound(path)
    with pytest.raises(ValueError, match="/dev/zero has more than 1 MiB"):
        sound_files.read_sound("/dev/zero")


def test_floats_beyond_float32_are_read_as_infinity_without_a_warning(tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, [[1e300, 1e300], [3e38, 3e38]], 8000, subtype="DOUBLE")
    waveform = sound_files.read_sound(path)[0]
    assert np.isinf(waveform[0]) and waveform.shape == (2,)


def test_a_wav_cut_anywhere_is_refused_in_one_sentence_with_its_name(tmp_path):
    path = tmp_path / "clip.wav"
    for length in range(len(wav_bytes())):
        path.write_bytes(wav_bytes()[:length])
        with pytest.raises(ValueError, match=r"clip\.wav (is|holds) .*\.$"):
            sound_files.read_sound(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a text that someone named .wav", "is none of WAV, FLAC, OGG, MP3, or "),
        (wav_bytes()[:-5], "5 bytes are missing"),
        (wav_bytes()[:36], "has no sound in it"),
        (wav_bytes()[:12] + wav_bytes()[36:], "has no sound in it"),
        (wav_bytes(b"\1\2\3"), "in the middle of a sample"),
        (wav_bytes().replace(struct.pack("<IH", 16, 1), struct.pack("<IH", 16, 7)),
         "unsupported kind: encoding 7, 16 bits, 1 channels, 8000 Hz"),
    ],
    ids=["empty", "text", "cut", "header", "headless", "half a sample", "mu-law"],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(content, message, tmp_path):
    path = tmp_path / "clip.wav"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"clip.wav .*{message}"):
        sound_files.read_sound(path)


def test_a_wav_written_to_a_pipe_and_one_with_further_chunks_are_read(tmp_path):
    path = tmp_path / "clip.wav"
    plain = wav_bytes()
    path.write_bytes(plain)
    expected = sound_files.read_sound(path)[0]
    assert len(expected) == 9
    sizes = [0xFFFFFFFF, 0xFFFFFFDB, 0x7FFFFFFF, 0x7FFFF000, 0]
    piped = [with_sizes(plain, size, size) for size in sizes]
    piped.append(with_sizes(plain, 36, 0))
    note = b"LIST" + struct.pack("<I", 3) + b"abc"
    noted = [plain[:36] + note + pad + plain[36:] + b"junk" for pad in (b"\0", b"")]
    for content in (*piped, *noted):
        path.write_bytes(content)
        np.testing.assert_array_equal(sound_files.read_sound(path)[0], expected)


def test_what_cannot_be_written_as_one_channel_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"Received: shape=\(9, 2\)$"):
        sound_files.write_wav(tmp_path / "clip.wav", np.zeros((9, 2)), 8000)


@pytest.mark.parametrize(
    ("waveform", "rate", "message"),
    [
        ([0.0, np.nan], 8000, "Received: waveform=nan"),
        ([0.0], 0, "Received: sample_rate=0"),
        ([0.0], -8000, "Received: sample_rate=-8000"),
        ([0.0], float("nan"), "Received: sample_rate=nan"),
    ],
)
def test_what_would_be_written_wrongly_is_refused(waveform, rate, message, tmp_path):
    with pytest.raises(ValueError, match=f"{message}$"):
        sound_files.write_wav(tmp_path / "clip.wav", waveform, rate)
    assert not (tmp_path / "clip.wav").exists()


def test_channels_that_cancel_each_other_out_are_refused(tmp_path):
    path, sound = tmp_path / "clip.wav", tone(1, 8000)
    for other in (-sound, -0.99 * sound):
        soundfile.write(path, np.stack([sound, other], axis=1), 8000)
        with pytest.raises(ValueError, match="clip.wav: its channels cancel each"):
            sound_files.read_sound(path)
    for channels in ([sound, 0 * sound], [0 * sound] * 2, [sound, -0.8 * sound]):
        soundfile.write(path, np.stack(channels, axis=1), 8000)
        assert sound_files.read_sound(path)[0].shape == sound.shape


def test_integers_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="must be floats. Received: int16"):
        sound_files.write_wav(tmp_path / "clip.wav", np.int16([3000, -3000]), 8000)
    assert not any(tmp_path.iterdir())
