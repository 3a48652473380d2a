"""A lock of a folder, which ends with the process that holds it."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keeps other trainings out of `directory`, which it makes, as long as it is open.

    The lock is the system's, and not the file's presence: one that is killed leaves no
    lock behind. Raises `ValueError` if another holds it, or `directory` is a file.
    """
    if directory.exists() and not directory.is_dir():
        raise ValueError(f"`directory` is a file. Received: directory={directory}")
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "training.lock"
    descriptor = _opened(path, directory)
    try:
        yield
    finally:
        if fcntl:  # while it is held: the next one then makes a file of its own
            path.unlink(missing_ok=True)
        os.close(descriptor)
        if not fcntl:  # Windows removes no file that is open
            with contextlib.suppress(OSError):
                path.unlink()


def _opened(path, directory):
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            _lock(descriptor)
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        except FileNotFoundError:  # removed between, by the one that held it
            pass
        except OSError as error:
            if error.errno not in _HELD:  # a file system without locks
                return descriptor
            os.close(descriptor)
            raise ValueError(
                "Another training is going on in the directory: two would overwrite "
                f"each other's checkpoints. Received: directory={directory}"
            ) from error
        os.close(descriptor)


def _lock(descriptor):
    if fcntl:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
