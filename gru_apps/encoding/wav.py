"""The former name of `sound_files`."""

from gru_apps.encoding.sound_files import (  # noqa: F401
    HIGHEST_RATE,
    LOWEST_RATE,
    MAX_SECONDS,
    write_wav,
)
from gru_apps.encoding.sound_files import read_sound as read_wav  # noqa: F401
