"""Ctrl-C while TensorFlow computes."""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator

EXIT_CODE = 130  # 128 and the number of SIGINT, as shells have it


@contextlib.contextmanager
def end_the_process() -> Iterator[None]:
    """Lets Ctrl-C end the process at once, with exit code 130.

    A loop in a graph runs in C++ for minutes, in which Python handles no signal, and
    an exception that is raised amidst the import of a library may be lost. So a thread
    waits for the signal's number, which Python's C handler writes into a socket. Does
    nothing outside the main thread, and where the signal is ignored or handled already.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) != signal.default_int_handler:
        yield
        return
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, lambda *_: None)  # no exception beside it
    threading.Thread(target=_watch, args=(receiver,), daemon=True).start()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(before)
        sender.close()


def _watch(receiver):
    with receiver:
        while numbers := receiver.recv(64):  # none once the sender is closed
            if signal.SIGINT in numbers:
                os._exit(EXIT_CODE)
