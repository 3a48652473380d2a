"""WAV files <-> waveforms."""

import pathlib
import struct
import wave

import numpy as np

FLOATS, A_LAW, MU_LAW = 3, 6, 7  # 1 are integers
EXTENSIBLE = 0xFFFE
WAV_ENCODINGS = {(1, 8), (1, 16), (1, 24), (1, 32), (FLOATS, 32), (FLOATS, 64)}
WAV_ENCODINGS |= {(A_LAW, 8), (MU_LAW, 8)}

# outside of these, a few bytes would cost gigabytes when they are resampled
LOWEST_RATE, HIGHEST_RATE = 1_000, 1_000_000  # Hz
MAX_SECONDS = 600
MAX_BYTES = 1 << 28  # ten minutes of 48 kHz floats in stereo, and a little more
# what programs write to a pipe, where they cannot come back to the header: 2 or 4 GiB,
# less the bytes of a header
ENDLESS = (range(0x7FFFF000, 0x80000001), range(0xFFFFF000, 0x100000000))


def read_wav(path: str | pathlib.Path) -> tuple[np.ndarray, int]:
    """Reads a WAV file as one channel, float32 `(samples,)`, and its rate in Hz.

    Integers of 8, 16, 24 or 32 bits, A-law and mu-law become -1..1, floats stay;
    channels are averaged. The file may come from a pipe, and be RF64 or BW64. Raises
    `ValueError` for any other file, one cut short, a rate outside 1,000..1,000,000 Hz,
    more than ten minutes or 256 MiB; `OSError` if there is none.

    References: Microsoft, Multiple Channel Audio Data and WAVE Files, 2001; ITU-R
    BS.2088 (RF64 and BW64); ITU-T G.711 (A-law and mu-law).
    """
    header, sound = _wav_chunks(path)
    encoding, channels, sample_rate, _, _, bits = struct.unpack_from("<HHIIHH", header)
    if encoding == EXTENSIBLE and len(header) >= 26:  # it stands further on
        (encoding,) = struct.unpack_from("<H", header, 24)
    if not channels or not sample_rate or (encoding, bits) not in WAV_ENCODINGS:
        raise ValueError(
            f"{path} holds sound of an unsupported kind: encoding {encoding}, "
            f"{bits} bits, {channels} channels, {sample_rate} Hz."
        )
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise ValueError(
            f"{path} must have {LOWEST_RATE} to {HIGHEST_RATE} samples a second. "
            f"Received: {sample_rate} Hz"
        )
    frame = channels * bits // 8
    if len(sound) % frame:
        raise ValueError(f"{path} is cut short: it ends in the middle of a sample.")
    if (seconds := len(sound) / frame / sample_rate) > MAX_SECONDS:
        raise ValueError(
            f"{path} must last {MAX_SECONDS} seconds at most. "
            f"Received: {seconds:.0f} seconds"
        )
    waveform = _decoded(sound, encoding, bits).reshape(-1, channels)
    with np.errstate(over="ignore", invalid="ignore"):  # of floats of any size
        return waveform.astype(np.float32).mean(axis=1), sample_rate


def _decoded(sound, encoding, bits):
    if encoding == FLOATS:
        return np.frombuffer(sound, f"<f{bits // 8}")
    if encoding in (A_LAW, MU_LAW):
        levels = _a_law_levels() if encoding == A_LAW else _mu_law_levels()
        return (levels / np.float32(2**15))[np.frombuffer(sound, np.uint8)]
    width = bits // 8  # into the high bytes of 32-bit integers
    words = np.zeros((len(sound) // width, 4), np.uint8)
    words[:, 4 - width :] = np.frombuffer(sound, np.uint8).reshape(-1, width)
    words[:, 3] ^= 128 if bits == 8 else 0  # 8 bits have no sign: 128 is silence
    return words.view("<i4") / np.float32(2**31)


def _a_law_levels():
    """Returns what the 256 bytes of A-law mean, in 16 bits: G.711, table 1."""
    codes = np.arange(256) ^ 0x55
    exponents, mantissas = codes >> 4 & 7, (codes & 15) * 16 + 8
    larger = (mantissas + 256) << np.maximum(exponents - 1, 0)
    sizes = np.where(exponents == 0, mantissas, larger)
    return np.where(codes & 128, sizes, -sizes)


def _mu_law_levels():
    """Returns what the 256 bytes of mu-law mean, in 16 bits: G.711, table 2."""
    codes = np.arange(256) ^ 0xFF
    sizes = (((codes & 15) * 8 + 132) << (codes >> 4 & 7)) - 132
    return np.where(codes & 128, -sizes, sizes)


def _wav_chunks(path):
    # by hand, since `wave` refuses floats, and 24 bits as most programs write them
    content = _read(path)
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
    if b"data" not in chunks or len(chunks.get(b"fmt ", b"")) < 16:
        raise ValueError(f"{path} is cut short: it has no sound in it.")
    return chunks[b"fmt "], chunks[b"data"]


def _read(path):
    with open(path, "rb") as file:
        content = file.read(12)
        names = content[:4], content[8:]
        if names[0] not in (b"RIFF", b"RF64", b"BW64") or names[1] != b"WAVE":
            raise ValueError(f"{path} is {'not a WAV file' if content else 'empty'}.")
        content += file.read(MAX_BYTES)
    if len(content) > MAX_BYTES:
        raise ValueError(f"{path} has more than {MAX_BYTES >> 20} MiB.")
    return content


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


def write_wav(path: str | pathlib.Path, waveform, sample_rate: int) -> None:
    """Writes floats `(samples,)` as a WAV file of 16-bit integers, cut off at -1 and 1.

    Raises `ValueError` for more than one channel, for NaN, and for a rate outside
    1,000..1,000,000 Hz.
    """
    waveform = np.asarray(waveform, np.float32)
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
