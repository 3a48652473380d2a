"""Standard input, output and error: closed, full, endless, or of few characters."""

import contextlib
import errno
import os
import sys
from collections.abc import Iterator

MAX_LINE = 1 << 20  # bytes; what has no line ends would fill the memory
# what a terminal obeys: control characters, and what turns the direction of writing;
# separators would make two lines of one, and surrogates, the bytes of a path that are
# no UTF-8, cannot be written
_OBEYED = [*range(32), *range(127, 160), 0x61C, 0x200E, 0x200F, 0x2028, 0x2029]
_OBEYED += [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)]
_ESCAPES = {code: ascii(chr(code))[1:-1] for code in _OBEYED}


def prepare() -> None:
    """Makes the standard streams fit to be used, by Python and by TensorFlow.

    Raises `OSError` where standard output is closed.
    """
    # what is opened next would become the stream, and be written into
    with contextlib.suppress(OSError):
        while (nowhere := os.open(os.devnull, os.O_RDWR)) < 3:
            os.set_inheritable(nowhere, True)
        os.close(nowhere)
    if sys.stdout is None:
        raise OSError(errno.EBADF, "It is closed", "standard output")
    # not every terminal writes Chinese; a file or a pipe does, as stdin is read
    encoding = None if sys.stdout.isatty() else "utf-8"
    sys.stdout.reconfigure(encoding=encoding, errors="replace")


def escaped(text: str, *, lines: bool = False) -> str:
    r"""Writes out what a terminal would obey; `lines` keeps line ends and tabs.

    >>> print(escaped("\x1b[2J, and a\nline"))
    \x1b[2J, and a\nline
    """
    kept = dict.fromkeys(map(ord, "\n\t")) if lines else ()
    return text.translate({k: v for k, v in _ESCAPES.items() if k not in kept})


def write(text: str) -> None:
    """Writes a line for people on standard output.

    Raises `OSError` that names it where it cannot be written, the disk full perhaps.
    """
    write_raw(escaped(text, lines=True))


def write_raw(text: str) -> None:
    """Writes a line as it is on standard output, at once; raises as `write`."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from error


def complain(text: str) -> None:
    """Writes a line on standard error, if there is one."""
    if sys.stderr is not None:  # `print` would write on standard output
        with contextlib.suppress(OSError):
            print(f"gru_apps: error: {escaped(text)}", file=sys.stderr, flush=True)


def finish() -> None:
    """Writes what waits; what cannot be written is not tried again as Python ends."""
    try:
        sys.stdout.flush()
    except (OSError, AttributeError):
        with contextlib.suppress(OSError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_typed() -> bool:
    """Tells whether somebody types on standard input."""
    return sys.stdin is not None and sys.stdin.isatty()


def lines() -> Iterator[bytes]:
    """Yields the lines of standard input without their ends.

    Raises `ValueError` where it is closed, and for a line of more than a mebibyte.
    """
    if sys.stdin is None:
        raise ValueError("There is no INPUT, and standard input is closed.")
    while line := sys.stdin.buffer.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise ValueError(
                f"A line of standard input has more than {MAX_LINE:,} bytes."
            )
        yield line.rstrip(b"\r\n")
