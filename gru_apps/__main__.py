"""`python -m gru_apps`: see `cli.commands`."""

import sys

from gru_apps.cli.commands import main

if __name__ == "__main__":
    sys.exit(main())
