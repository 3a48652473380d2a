"""Files that corpora are made of and that lie at a public address, checksums known."""

import pathlib

from tensorflow_datasets.core.download.checksums import UrlInfo
from tensorflow_datasets.core.download.download_manager import (
    NonMatchingChecksumError,
)


def url_infos(folder: str, files: dict[str, tuple[int, str]]) -> dict[str, UrlInfo]:
    """Registers files of one folder by size in bytes and sha256.

    As `url_infos` of a builder: TensorFlow Datasets compares what it fetches, or finds
    in `downloads/manual/` under the same name, with these.
    """
    return {
        folder + name: UrlInfo(size, sha256, name)
        for name, (size, sha256) in files.items()
    }


def fetched(dl_manager, address: str) -> pathlib.Path:
    """Returns the path of a registered file; says what to do where there is none.

    Raises ConnectionError if it cannot be downloaded, ValueError if it is another file
    than the one that was registered.
    """
    name = address.rpartition("/")[2]
    manual = pathlib.Path(dl_manager.download_dir, "manual")
    try:
        return pathlib.Path(dl_manager.download(address))
    except NonMatchingChecksumError as error:
        raise ValueError(
            f"{name} is not the file whose sha256 is registered: fetch it again, or "
            f"lay the right one into {manual}."
        ) from error
    except OSError as error:
        raise ConnectionError(
            f"{address} could not be downloaded: check the network, or lay the file "
            f"into {manual}."
        ) from error
