"""Hides TensorFlow from a process."""

import sys


class _Finder:
    """Finds what another finder does, as if TensorFlow were not installed."""

    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] != "tensorflow":
            return self.finder.find_spec(name, path, target)


def hide():
    """Has this process find no TensorFlow from now on."""
    sys.meta_path = [_Finder(finder) for finder in sys.meta_path]
