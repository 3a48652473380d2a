"""`python -m gru_apps`: see `cli.commands`."""

import signal
import sys

if not (3, 11) <= sys.version_info < (3, 14):  # before a module that it cannot read
    version = ".".join(map(str, sys.version_info[:3]))
    sys.exit("gru_apps needs Python 3.11, 3.12 or 3.13. Received: Python " + version)

try:
    from gru_apps.cli.commands import main
except KeyboardInterrupt:
    sys.exit(130)

if __name__ == "__main__":
    code = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said: it ends by itself
    sys.exit(code)
