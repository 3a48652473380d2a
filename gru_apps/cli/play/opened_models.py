"""Opens `.keras` files of strangers: architecture and numbers, and no code."""

import io
import json
import pathlib
import zipfile
import zlib

from gru_apps.cli import console
from gru_apps.cli.play.limits import Refused, checked_file

MAX_UNPACKED = 200 * 2**20  # bytes
MAX_NUMBERS = 2 * 10**7  # in the weights
LARGEST = 500_000  # of any size in the architecture: more would fill the memory
# what runs code of the file, or reads other files
_CODE = {"Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "TorchModuleWrapper"}
_FILES = {"StringLookup", "IntegerLookup", "TextVectorization"}
_PLAIN = {"__tuple__", "__keras_tensor__", "__bytes__", "__ellipsis__", "slice"}
_NAMES = {"seed", "shared_object_id"}  # numbers that are no sizes
_PLAIN |= {"__numpy__", "__tensor__", "Functional", "Sequential"}
# what reading a member raises: of bytes that are none, cut off, packed otherwise
_DAMAGED = KeyError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error


def open_model(path: str | None):
    """Returns the Keras model of a `.keras` file, opened in safe mode.

    Raises `Refused` for a file that is none, that is larger than 20 MB or 200 MB
    unpacked, that holds a function, a class that is neither of Keras nor of this
    package, or a layer that runs code or reads files, and that Keras cannot make a
    model of.
    """
    path = checked_file(path, "`.keras` file")
    with _opened(path) as file:
        if sum(member.file_size for member in file.infolist()) > MAX_UNPACKED:
            raise Refused(f"Unpacked, a model may have {MAX_UNPACKED >> 20} MB.")
        try:
            config = json.loads(file.read("config.json"))
            weights = file.read("model.weights.h5")
        except _DAMAGED as error:
            raise Refused(
                f"{pathlib.Path(path).name} has no Keras 3 model in it, or is damaged."
            ) from error
    _check_config(config)
    _check_weights(weights)
    import keras

    import gru_apps.models  # noqa: F401 registers its layers

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # of many kinds, by what is wrong
        why = console.sentence(error)
        raise Refused(f"Keras cannot make a model of the file: {why}") from error


def _opened(path):
    if not path.endswith(".keras"):
        raise Refused(
            "The file must end in .keras, as `model.save('mine.keras')` writes it. "
            f"Received: {pathlib.Path(path).name}"
        )
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise Refused(f"{pathlib.Path(path).name} is no `.keras` file.") from error


def _check_config(config):
    if not isinstance(config, dict):
        raise Refused("The file has no architecture in it.")
    # of the whole model it is not read, for nothing is trained here
    parts = [{k: v for k, v in config.items() if k != "compile_config"}]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            _check_class(part)
            parts += [value for name, value in part.items() if name not in _NAMES]
        elif isinstance(part, list):
            parts += part
        elif isinstance(part, int) and abs(part) > LARGEST:
            raise Refused(f"The model may have no size above {LARGEST:,}.")


def _check_class(part):
    if "class_name" not in part:
        return
    name, module = str(part["class_name"]), str(part.get("module"))
    ours = str(part.get("registered_name")).startswith("gru_apps>")
    if name in _CODE or name in ("__lambda__", "function"):
        raise Refused(
            f"The model holds code, and this page runs none but its own. Found: {name}"
        )
    if name in _FILES:
        raise Refused(
            "The model must take numbers or ids of tokens, for layers that look up "
            f"words may read other files. Found: {name}"
        )
    known = module == "keras" or module.startswith("keras.") or ours
    if name not in _PLAIN and not known:
        raise Refused(
            "The model may have layers of Keras and of gru_apps alone. "
            f"Found: {name} of {module}"
        )


def _check_weights(content):
    """Refuses weights that lie in other files, and more of them than fit."""
    import h5py

    numbers = 0
    try:
        with h5py.File(io.BytesIO(content), "r") as file:
            groups = [file]
            while groups:
                group = groups.pop()
                for name in group:
                    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                        raise Refused("Weights must stand in the file itself.")
                    part = group[name]
                    if isinstance(part, h5py.Group):
                        groups.append(part)
                    elif part.external or part.is_virtual:
                        raise Refused("Weights must stand in the file itself.")
                    else:
                        numbers += part.size or 0
    except OSError as error:
        raise Refused("The weights in the file are damaged.") from error
    if numbers > MAX_NUMBERS:
        raise Refused(
            f"A model may have {MAX_NUMBERS:,} numbers. This has {numbers:,}."
        )
