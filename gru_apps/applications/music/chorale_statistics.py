"""Numbers that tell a good chorale from a bad one, and from a copy.

`pitches` are MIDI numbers `(steps, voices)`, the highest voice first and 0 for a rest;
`starts`, of that shape, is True where a note or a rest begins and False where it is
held. `cells` hold both: the pitch where a note starts, 0 where a rest does, and -1
where the step before goes on. A step is a sixteenth. A share of nothing is 0.
"""

import bisect
from collections.abc import Iterable, Sequence

import numpy as np

OCTAVE = 12
FIFTH = 7
MAJOR = (0, 2, 4, 5, 7, 9, 11)
HARMONIC_MINOR = (0, 2, 3, 5, 7, 8, 11)  # the natural one is a major scale as well
DISSONANCES = (1, 2, 6, 10, 11)  # seconds, tritones and sevenths, in semitones

HASH_FACTOR = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2 ** 64


def statistics(pitches, starts) -> dict[str, float]:
    """Gathers what can be said of one score in numbers, for a row of a table.

    >>> statistics([[72, 67, 64, 48], [74, 69, 66, 50]], np.ones([2, 4]))["steps"]
    1.0
    """
    fifths, octaves = parallel_fifths_and_octaves(pitches)
    intervals = melodic_intervals(pitches, starts).sum(axis=0)
    return {
        "in_key": in_key(pitches),
        "dissonance": dissonance(pitches),
        "parallel_fifths": fifths,
        "parallel_octaves": octaves,
        "voice_crossings": voice_crossings(pitches),
        "steps": _share(intervals[1:3], of=intervals),
        "leaps_over_an_octave": _share(intervals[OCTAVE + 1 :], of=intervals),
        "repetition": repetition(np.where(starts, pitches, -1)),
    }


def _share(part, *, of):
    return float(np.sum(part) / max(np.sum(of), 1))


def _notes(pitches, starts):
    pitches, starts = np.array(pitches), np.array(starts, bool)
    starts[:1] = True  # a note held from before counts as well
    starts &= pitches > 0
    return [pitches[voice_starts, voice] for voice, voice_starts in enumerate(starts.T)]


def in_key(pitches) -> float:
    """Returns the share of sounding time in the scale that fits the whole piece best.

    The scales are the 12 major ones (each a natural minor too) and the 12 harmonic
    minor ones. Notes drawn at random come to 7/12 and a little more.

    >>> in_key([[60, 61, 62, 63]])
    0.75
    """
    pitches = np.asarray(pitches)
    times = np.bincount(pitches[pitches > 0] % OCTAVE, minlength=OCTAVE)
    tonics = [np.roll(times, -tonic) for tonic in range(OCTAVE)]
    fits = [times[list(scale)] for times in tonics for scale in (MAJOR, HARMONIC_MINOR)]
    return _share(max(fits, key=np.sum), of=times)


def dissonance(pitches) -> float:
    """Returns how much of the time two voices are a second, seventh or tritone apart.

    The share is of the time that pairs of voices sound together, octaves left aside:
    1/6 if one pair in a chord of four voices clashes all the time.

    >>> dissonance([[71, 67, 65, 55]])
    0.5
    """
    pitches = np.asarray(pitches)
    upper, lower = np.triu_indices(pitches.shape[1], k=1)
    together = (pitches[:, upper] > 0) & (pitches[:, lower] > 0)
    intervals = np.abs(pitches[:, upper] - pitches[:, lower]) % OCTAVE
    return _share(together & np.isin(intervals, DISSONANCES), of=together)


def melodic_intervals(pitches, starts) -> np.ndarray:
    """Counts intervals between successive notes of a voice, over rests too.

    The result is integers `(voices, 14)`: repeated notes, 1 to 12 semitones up or down,
    and more than an octave.

    >>> melodic_intervals([[72, 48], [72, 50], [71, 50]], np.ones([3, 2]))[:, :3]
    array([[1, 1, 0],
           [1, 0, 1]])
    """
    sizes = [np.abs(np.diff(notes)) for notes in _notes(pitches, starts)]
    sizes = [np.minimum(voice_sizes, OCTAVE + 1) for voice_sizes in sizes]
    return np.stack([np.bincount(each, minlength=OCTAVE + 2) for each in sizes])


def parallel_fifths_and_octaves(pitches) -> tuple[float, float]:
    """Counts the two faults that every textbook forbids, per 100 changes of chord.

    Two voices are parallel if they move at the same time in the same direction, from a
    perfect fifth to a perfect fifth, or from a unison or octave to another; octaves
    between them are left aside, so that a twelfth is a fifth. A change of chord is a
    step at which any voice moves to another pitch; a rest on either side is no motion.

    >>> parallel_fifths_and_octaves([[72, 67, 64, 48], [74, 69, 66, 50]])
    (100.0, 100.0)
    """
    pitches = np.asarray(pitches)
    sounding = (pitches[1:] > 0) & (pitches[:-1] > 0)
    motion = np.sign(np.diff(pitches, axis=0)) * sounding
    upper, lower = np.triu_indices(pitches.shape[1], k=1)
    similar = (motion[:, upper] == motion[:, lower]) & (motion[:, upper] != 0)
    intervals = np.abs(pitches[:, upper] - pitches[:, lower]) % OCTAVE
    kept = np.where(similar & (intervals[1:] == intervals[:-1]), intervals[1:], -1)
    changes = motion.any(axis=1)
    return 100 * _share(kept == FIFTH, of=changes), 100 * _share(kept == 0, of=changes)


def voice_crossings(pitches) -> float:
    """Returns the share of steps in which a voice lies above its upper neighbour.

    >>> voice_crossings([[72, 67, 64, 48], [72, 67, 69, 48]])
    0.5
    """
    pitches = np.asarray(pitches)
    upper, lower = pitches[:, :-1], pitches[:, 1:]
    crossed = (upper > 0) & (lower > upper)
    return _share(crossed.any(axis=1), of=np.ones(len(pitches)))


def repetition(cells, *, window: int = 16) -> float:
    """Returns the share of windows of a score that occurred in it before.

    A window is `window` steps of all voices, from any step on.

    >>> repetition([[72], [-1], [72], [-1], [67]], window=2)
    0.25
    """
    cells = np.asarray(cells)
    if len(cells) < window:
        return 0.0
    windows = np.lib.stride_tricks.sliding_window_view(cells, window, axis=0)
    windows = windows.reshape(len(windows), -1)
    return 1 - len(np.unique(windows, axis=0)) / len(windows)


def longest_copy(
    cells, corpus: Iterable, *, voices: Sequence[int] = (0, 1, 2, 3)
) -> int:
    """Returns the steps of the longest passage that also stands in a piece of a corpus.

    It has the same cells in all `voices` (`voices=[0]` asks for the melody), moved up
    or down together by an octave at most. `cells` and every piece of `corpus` are
    `(steps, 4)`, without padding.

    >>> corpus = [[[60], [-1], [62], [64]], [[65], [65], [67], [69]]]
    >>> longest_copy([[67], [69], [71], [67]], corpus, voices=[0])
    3
    """
    voices = list(voices)
    wall = np.full([1, len(voices)], -2)  # like no cell: a passage is of one piece
    pieces = [np.asarray(piece)[:, voices] for piece in corpus]
    library = np.concatenate([part for piece in pieces for part in (piece, wall)])
    cells = np.asarray(cells)[:, voices]
    shifts = np.arange(-OCTAVE, OCTAVE + 1)[:, np.newaxis, np.newaxis]
    known_sums = _running_sums(library)
    sums = _running_sums(np.where(cells > 0, cells + shifts, cells))

    def is_new(length):
        known = np.sort(_window_hashes(known_sums, length))
        hashes = np.sort(_window_hashes(sums, length), axis=None)
        ends = [np.searchsorted(known, hashes, side) for side in ("left", "right")]
        return np.array_equal(*ends)

    # Parts of a copy are copies: every length beyond the longest is new.
    return bisect.bisect(range(1, len(cells) + 1), False, key=is_new)


# Windows are compared by 64-bit hashes, sum(step[i] * HASH_FACTOR ** i) modulo 2 ** 64:
# running sums give those of all windows of any length in a few operations on arrays.


def _running_sums(cells):
    places = 256 ** np.arange(cells.shape[-1], dtype=np.uint64)
    steps = (cells + 2).astype(np.uint64) @ places
    steps *= _powers(HASH_FACTOR, steps.shape[-1])
    return np.insert(np.cumsum(steps, axis=-1), 0, 0, axis=-1)


def _window_hashes(sums, length):
    hashes = sums[..., length:] - sums[..., :-length]
    # as if each window began at step 0
    return hashes * _powers(pow(HASH_FACTOR, -1, 2**64), hashes.shape[-1])


def _powers(base, count):
    powers = np.full(count, base, np.uint64)
    powers[:1] = 1
    return np.cumprod(powers)
