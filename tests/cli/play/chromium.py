"""Where Chromium is, and a page that a subprocess serves."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).parents[3]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium(playwright) -> str | None:
    """Returns the path of Chromium: $CHROMIUM, the system's, or Playwright's own."""
    own = playwright.chromium.executable_path
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), own]
    return next((path for path in found if path and os.path.exists(path)), None)


@contextlib.contextmanager
def served(port: int = 7871):
    """Serves the page by the command line, and yields its address and start in s."""
    command = [sys.executable, "-m", "gru_apps", "play", "--no-browser"]
    begun = time.monotonic()
    command += ["--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            if line.startswith("Loading"):
                line = process.stdout.readline()
            if not line.startswith("The page is at "):
                raise RuntimeError(f"The page does not come up: {line!r}")
            yield line.split()[4], time.monotonic() - begun
        finally:
            process.terminate()
