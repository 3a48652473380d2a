"""`python -m gru_apps`: see `cli.commands`."""

import signal
import sys

try:
    from gru_apps.cli.commands import main
except KeyboardInterrupt:
    sys.exit(130)

if __name__ == "__main__":
    code = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said: it ends by itself
    sys.exit(code)
