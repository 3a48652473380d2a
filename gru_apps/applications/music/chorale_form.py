"""Numbers on a whole chorale: does it come home, does it end, does anything move?

`pitches` and `starts` are those of `chorale_statistics`.
"""

import numpy as np

from gru_apps.applications.music.chorale_statistics import MAJOR, OCTAVE
from gru_apps.applications.music.keys import key_of

FOUR_BARS = 64  # sixteenths
BASS = 3


def form(pitches, starts) -> dict[str, float]:
    """Gathers the numbers of one chorale, for a row of a table.

    >>> form([[72, 67, 64, 48]] * 8, [[1, 1, 1, 1]] + [[0, 0, 0, 0]] * 7)
    {'one_scale': 1.0, 'ends_on_tonic': 1.0, 'longest_hold': 8.0}
    """
    return {
        "one_scale": float(begins_and_ends_in_one_scale(pitches)),
        "ends_on_tonic": float(ends_on_tonic(pitches)),
        "longest_hold": float(longest_hold(pitches, starts)),
    }


def scale_of(pitches) -> int:
    """Returns the tonic, 0 to 11, of the major scale that fits sounding time best.

    Each is the scale of a natural minor key as well.

    >>> scale_of([[62, 66, 69]])
    2
    """
    pitches = np.asarray(pitches)
    times = np.bincount(pitches[pitches > 0] % OCTAVE, minlength=OCTAVE)
    tonics = [np.roll(times, -tonic) for tonic in range(OCTAVE)]
    return int(np.argmax([times[list(MAJOR)].sum() for times in tonics]))


def begins_and_ends_in_one_scale(pitches, *, steps: int = FOUR_BARS) -> bool:
    """Tells whether the first and the last `steps` fit the same major scale best.

    By chance one piece in twelve does.

    >>> begins_and_ends_in_one_scale([[60, 64, 67], [61, 65, 68]], steps=1)
    False
    """
    return scale_of(pitches[:steps]) == scale_of(pitches[-steps:])


def ends_on_tonic(pitches, key: int | None = None) -> bool:
    """Tells whether the last bass note is the tonic of the key, 0 to 23.

    Without a `key`, it is that of the notes alone, their end left out.

    >>> ends_on_tonic([[72, 67, 64, 48]], key=7)  # on C, in G major
    False
    """
    pitches = np.asarray(pitches)
    if key is None:
        key = int(key_of(pitches[np.newaxis], is_whole=False)[0])
    return bool(pitches[-1, BASS] > 0 and pitches[-1, BASS] % OCTAVE == key % OCTAVE)


def longest_hold(pitches, starts) -> int:
    """Returns how many sixteenths the longest note lasts, rests left out.

    >>> longest_hold([[60], [60], [62]], [[1], [0], [1]])
    2
    """
    pitches, starts = np.asarray(pitches), np.array(starts, bool)
    starts[:1] = True
    longest = 0
    for voice, begins in zip(pitches.T, starts.T, strict=True):
        places = np.flatnonzero(begins)
        lengths = np.diff(places, append=len(voice))
        longest = max(longest, int(lengths[voice[places] > 0].max(initial=0)))
    return longest
