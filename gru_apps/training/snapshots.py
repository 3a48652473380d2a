"""A file of arrays and their story, which is whole or is not there."""

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

_CHECKSUM = hashlib.sha256().digest_size


class DamagedError(ValueError):
    """What a snapshot holds is not what was written."""


def write_snapshot(
    path: Path, story: Mapping, arrays: Mapping[str, Sequence[np.ndarray]]
) -> None:
    """Replaces the file `path` in a single step, or leaves it as it was.

    The file is HDF5, with the SHA-256 of all before it at its end. `story` is what JSON
    can hold. Raises `OSError`, with the folder in its message, where the disk is full
    or the folder is not to be written to.
    """
    # HDF5 brings the process down where a disk is full, so it writes into memory
    with h5py.File.in_memory() as file:
        file["story"] = json.dumps(story)
        for name, group in arrays.items():
            file.create_group(name)
            for index, array in enumerate(group):
                file[f"{name}/{index}"] = _storable(np.asarray(array))
        file.flush()
        image = file.id.get_file_image()
    unfinished = path.with_name("unfinished.weights.h5")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(unfinished, "wb") as file:
            file.write(image)
            file.write(hashlib.sha256(image).digest())
            file.flush()
            os.fsync(file.fileno())  # or a power cut leaves an empty file
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        left = "the last one is kept" if path.exists() else "there is none yet"
        raise OSError(
            error.errno,
            f"The checkpoint of {len(image)} bytes cannot be written into "
            f"{path.parent}, {left}: {error.strerror or error}",
        ) from error


def read_snapshot(path: Path) -> tuple[dict, dict[str, list[np.ndarray]]]:
    """Returns what was written; raises `DamagedError` if that is not what is there."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamagedError(f"it cannot be read: {error.strerror or error}") from error
    image, checksum = content[:-_CHECKSUM], content[-_CHECKSUM:]
    if hashlib.sha256(image).digest() != checksum:
        raise DamagedError("its checksum is wrong, or of an older version")
    try:
        with h5py.File(io.BytesIO(image)) as file:
            arrays = {
                name: [group[str(index)][()] for index in range(len(group))]
                for name, group in file.items()
                if isinstance(group, h5py.Group)
            }
            return json.loads(file["story"][()]), arrays
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise DamagedError(f"it holds something else: {error}") from error


def _storable(array):
    """Widens what HDF5 does not know, such as bfloat16."""
    return array if array.dtype.kind in "biuf" else array.astype("float32")
