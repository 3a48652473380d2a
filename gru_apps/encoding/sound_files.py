"""Sound files <-> waveforms: WAV, FLAC, OGG and MP3."""

import io
import pathlib
import struct
import wave

import numpy as np

KINDS = ("WAV", "FLAC", "OGG", "MP3")
EXTENSIBLE = 0xFFFE

# outside of these, a few bytes would cost gigabytes when they are resampled
LOWEST_RATE, HIGHEST_RATE = 1_000, 1_000_000  # Hz
MAX_SECONDS = 600
MAX_BYTES = 1 << 28  # ten minutes of 48 kHz floats in stereo, and a little more
LEAST_LEFT = 1e-3  # of the power of the channels, in their mean
BLOCK = 1 << 20  # numbers that are decoded at once: what a header says may be untrue
# what programs write to a pipe, where they cannot come back to the header: 2 or 4 GiB,
# less the bytes of a header
ENDLESS = (range(0x7FFFF000, 0x80000001), range(0xFFFFF000, 0x100000000))


def read_sound(path: str | pathlib.Path) -> tuple[np.ndarray, int]:
    """Reads a sound file as one channel, float32 `(samples,)`, and its rate in Hz.

    WAV of 8, 16, 24 or 32 bits, A-law, mu-law, ADPCM or floats, written to a pipe, RF64
    or BW64 too; FLAC; OGG with Vorbis or Opus; MP3. The content tells which, not the
    name. Integers become -1..1, floats stay; channels are averaged. Raises `ValueError`
    for any other file, one cut short, channels that cancel each other out, a rate
    outside 1,000..1,000,000 Hz, more than ten minutes or 256 MiB; `OSError` if there
    is none.

    References: Microsoft, Multiple Channel Audio Data and WAVE Files, 2001; ITU-R
    BS.2088 (RF64 and BW64); RFC 3533 (Ogg); libsndfile, which decodes.
    """
    content = _read(path)
    if content[:4] in (b"RIFF", b"RF64", b"BW64") and content[8:12] == b"WAVE":
        content = _whole_wav(path, content)
    elif content[:4] == b"OggS" and not _ends(content):
        raise ValueError(f"{path} is cut short: its last page is missing.")
    return _decoded(path, content)


def _read(path):
    with open(path, "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if not content:
        raise ValueError(f"{path} is empty.")
    if len(content) > MAX_BYTES:
        raise ValueError(f"{path} has more than {MAX_BYTES >> 20} MiB.")
    return content


def _decoded(path, content):
    import soundfile  # a library in C, which few need

    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            rate, kind = file.samplerate, file.format.removesuffix("EX")
            known = file.frames if file.frames < 2**40 else 0  # or nobody knows
            if kind not in KINDS:
                raise ValueError(f"{path} is {kind}, and none of {', '.join(KINDS)}.")
            _check_rate(path, rate)
            _check_length(path, known, rate)
            waveform = _blocks(path, file)
    except soundfile.SoundFileError as error:
        words = f"is none of {', '.join(KINDS)}, or is damaged"
        raise ValueError(f"{path} {words}.") from error
    # of an MP3 the header may only estimate it
    if (missing := known / rate - len(waveform) / rate) > (kind == "MP3"):
        raise ValueError(f"{path} is cut short: {missing:.3f} seconds are missing.")
    return waveform, rate


def _blocks(path, file):
    blocks, samples, power = [np.zeros(0, np.float32)], 0, np.zeros(2)
    frames = max(1, BLOCK // file.channels)
    while len(block := file.read(frames, dtype="float32", always_2d=True)):
        samples += len(block)
        _check_length(path, samples, file.samplerate)
        with np.errstate(over="ignore", invalid="ignore"):  # of floats of any size
            blocks.append(block.mean(axis=1))
            pair = blocks[-1], block
            power += [np.square(sound, dtype=np.float64).sum() for sound in pair]
    if power[0] < power[1] / file.channels * LEAST_LEFT:
        raise ValueError(
            f"{path}: its channels cancel each other out. Save one of them alone."
        )
    return np.concatenate(blocks)


def _check_rate(path, rate):
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise ValueError(
            f"{path} must have {LOWEST_RATE} to {HIGHEST_RATE} samples a second. "
            f"Received: {rate} Hz"
        )


def _check_length(path, samples, rate):
    if samples > MAX_SECONDS * rate:
        raise ValueError(
            f"{path} must last {MAX_SECONDS} seconds at most. "
            f"Received: {samples / rate:.0f} seconds or more"
        )


def _whole_wav(path, content):
    """Returns a WAV file whose header is right, or says what is missing.

    libsndfile reads what is there of a file cut short, without a word, and nothing of
    one whose writer did not know its size.
    """
    chunks, start = {}, 12
    while b"data" not in chunks and start + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, start)
        start += 8
        if name == b"data":
            size = _data_size(content, size, start, chunks.get(b"ds64", b""))
        if (missing := start + size - len(content)) > 0:
            raise ValueError(f"{path} is cut short: {missing} bytes are missing.")
        chunks[name] = content[start : start + size]
        start += size
        # after an odd size comes a zero, which some programs forget
        start += size % 2 and content[start : start + 1] == b"\0"
    header, sound = chunks.get(b"fmt ", b""), chunks.get(b"data")
    if sound is None or len(header) < 16:
        raise ValueError(f"{path} is cut short: it has no sound in it.")
    _check_samples(path, header, sound)
    chunks = {b"fmt ": header, b"data": sound}
    parts = [name + struct.pack("<I", len(c)) + c for name, c in chunks.items()]
    body = b"WAVE" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _check_samples(path, header, sound):
    encoding, channels, sample_rate, _, _, bits = struct.unpack_from("<HHIIHH", header)
    _check_rate(path, sample_rate)
    if encoding == EXTENSIBLE and len(header) >= 26:  # it stands further on
        (encoding,) = struct.unpack_from("<H", header, 24)
    if not channels or (encoding in (6, 7) and bits != 8):
        raise ValueError(
            f"{path} holds sound of an unsupported kind: encoding {encoding}, "
            f"{bits} bits, {channels} channels, {sample_rate} Hz."
        )
    frame = channels * bits // 8
    if encoding in (1, 3, 6, 7) and frame and len(sound) % frame:
        raise ValueError(f"{path} is cut short: it ends in the middle of a sample.")


def _data_size(content, size, start, sizes):
    """Returns the bytes of sound: to the end of the file if its writer did not know."""
    rest = len(content) - start
    if size == 0xFFFFFFFF and len(sizes) >= 16:  # RF64
        (size,) = struct.unpack_from("<Q", sizes, 8)
        return rest if size in (0, 2**64 - 1) else size
    (whole,) = struct.unpack_from("<I", content, 4)
    empty = whole + 8 >= len(content)  # all of the file is known, and has no sound
    unknown = not empty if size == 0 else any(size in each for each in ENDLESS)
    return rest if unknown else size


def _ends(content):
    """Whether the last page of an Ogg stream is marked as such, and is all there."""
    page = content.rfind(b"OggS")
    if len(content) < page + 27 or not content[page + 5] & 4:
        return False
    segments = content[page + 27 : page + 27 + content[page + 26]]
    whole = page + 27 + content[page + 26] + sum(segments)
    return len(segments) == content[page + 26] and len(content) >= whole


def write_wav(path: str | pathlib.Path, waveform, sample_rate: int) -> None:
    """Writes floats `(samples,)` as a WAV file of 16-bit integers, cut off at -1 and 1.

    Raises `ValueError` for more than one channel, for integers and NaN, and for a rate
    outside 1,000..1,000,000 Hz.
    """
    waveform = np.asarray(waveform)
    if waveform.dtype.kind != "f":  # 16-bit integers would be cut off
        raise ValueError(f"`waveform` must be floats. Received: {waveform.dtype}")
    waveform = waveform.astype(np.float32)
    if waveform.ndim != 1:
        raise ValueError(f"`waveform` must be flat. Received: shape={waveform.shape}")
    if np.isnan(waveform).any():
        raise ValueError("`waveform` must be numbers. Received: waveform=nan")
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise ValueError(
            f"`sample_rate` must be {LOWEST_RATE} to {HIGHEST_RATE} Hz. "
            f"Received: sample_rate={sample_rate}"
        )
    integers = np.clip(np.round(waveform * 32768), -32768, 32767).astype(np.int16)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, sample_rate, 0, "NONE", None))
        file.writeframes(integers.tobytes())
