"""WAV files <-> waveforms."""

import pathlib
import struct
import wave

import numpy as np

WAV_ENCODINGS = {(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64)}  # 3: floats


def read_wav(path: str | pathlib.Path) -> tuple[np.ndarray, int]:
    """Reads a WAV file as one channel, float32 `(samples,)`, and its rate in Hz.

    Integers of 8, 16, 24 or 32 bits become -1..1, floats stay; channels are averaged.
    Raises `ValueError` for any other file or one cut short, `OSError` if there is none.
    """
    header, sound = _wav_chunks(path)
    encoding, channels, sample_rate, _, _, bits = struct.unpack_from("<HHIIHH", header)
    if encoding == 0xFFFE and len(header) >= 26:  # "extensible": it stands further on
        (encoding,) = struct.unpack_from("<H", header, 24)
    if not channels or not sample_rate or (encoding, bits) not in WAV_ENCODINGS:
        raise ValueError(
            f"{path} holds sound of an unsupported kind: encoding {encoding}, "
            f"{bits} bits, {channels} channels, {sample_rate} Hz."
        )
    width = bits // 8
    if len(sound) % (width * channels):
        raise ValueError(f"{path} is cut short: it ends in the middle of a sample.")
    if encoding == 3:
        waveform = np.frombuffer(sound, f"<f{width}")
    else:  # into the high bytes of 32-bit integers
        words = np.zeros((len(sound) // width, 4), np.uint8)
        words[:, 4 - width :] = np.frombuffer(sound, np.uint8).reshape(-1, width)
        words[:, 3] ^= 128 if bits == 8 else 0  # 8 bits have no sign: 128 is silence
        waveform = words.view("<i4") / np.float32(2**31)
    return waveform.astype(np.float32).reshape(-1, channels).mean(axis=1), sample_rate


def _wav_chunks(path):
    # by hand, since `wave` refuses floats, and 24 bits as most programs write them
    content = pathlib.Path(path).read_bytes()
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError(f"{path} is {'not a WAV file' if content else 'empty'}.")
    chunks, start = {}, 12
    while b"data" not in chunks and start + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, start)
        start += 8
        if size == 0xFFFFFFFF:  # unknown, from a program that wrote to a pipe
            size = len(content) - start
        if (missing := start + size - len(content)) > 0:
            raise ValueError(f"{path} is cut short: {missing} bytes are missing.")
        chunks[name] = content[start : start + size]
        start += size + size % 2
    if b"data" not in chunks or len(chunks.get(b"fmt ", b"")) < 16:
        raise ValueError(f"{path} is cut short: it has no sound in it.")
    return chunks[b"fmt "], chunks[b"data"]


def write_wav(path: str | pathlib.Path, waveform, sample_rate: int) -> None:
    """Writes floats `(samples,)` as a WAV file of 16-bit integers, cut off at -1 and 1.

    Raises `ValueError` for more than one channel.
    """
    waveform = np.asarray(waveform, np.float32)
    if waveform.ndim != 1:
        raise ValueError(f"`waveform` must be flat. Received: shape={waveform.shape}")
    integers = np.clip(np.round(waveform * 32768), -32768, 32767).astype(np.int16)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, sample_rate, 0, "NONE", None))
        file.writeframes(integers.tobytes())
