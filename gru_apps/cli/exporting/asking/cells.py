"""Scores of four voices as the tokens of a composer, and what it knows of each.

A cell is the MIDI number of a note that starts, 0 for a rest that starts, -1 where the
cell before goes on, and -2 where nothing is known.
"""

HOLD, UNKNOWN = -1, -2
PADDING, START, REST = 0, 1, 2  # tokens


def tokens_of(cells, settings):
    """Returns the tokens of cells `(steps, 4)`, four a step in the order of naming.

    Raises `ValueError` for what is no cell, and for pitches that the tokens lack.
    """
    tokens, sounding = [], [0] * 4
    for step in cells:
        _check(step, settings)
        for voice in settings["order"]:
            cell = step[voice]
            if cell != HOLD:
                sounding[voice] = max(cell, 0)
            token = note(sounding[voice], settings)
            # a hold that follows nothing starts a rest
            is_held = cell == HOLD and len(tokens) >= 4
            token += (settings["first_held"] - REST) * is_held
            tokens.append(PADDING if cell == UNKNOWN else token)
    return tokens


def _check(step, settings):
    lowest, highest = settings["lowest"], settings["highest"]
    if len(step) != 4:
        raise ValueError(f"A step has 4 voices. Received: {len(step)}")
    for cell in step:
        if cell not in (UNKNOWN, HOLD, 0) and not lowest <= cell <= highest:  # NaN, too
            raise ValueError(f"Pitches must be {lowest} to {highest}. Received: {cell}")
        if cell != int(cell):
            raise ValueError(f"Pitches must be whole numbers. Received: {cell}")


def check_voices(cells, settings):
    """Raises `ValueError` for what no voice sings, and what goes on from nothing.

    `cells` are such as `tokens_of` takes.
    """
    before = [0] * 4
    for step in cells:
        for name, cell, was in zip(settings["ranges"], step, before, strict=True):
            low, high = settings["ranges"][name]
            if cell > 0 and not low <= cell <= high:
                raise ValueError(f"{name} must be {low} to {high}. Received: {cell}")
            if (was, cell) == (UNKNOWN, HOLD):
                raise ValueError("`voices` must be held after a cell that is given.")
        before = step


def note(pitch, settings):
    """Returns the token of a note or rest that starts."""
    return pitch - settings["lowest"] + REST + 1 if pitch > 0 else REST


def may_follow(pitch, age, settings):
    """Returns the tokens that may follow in a voice in which a pitch has an age.

    The pitch is -1 before the first note. What is held is not held for ever.
    """
    starts = list(range(REST, settings["first_held"]))
    if pitch < 0 or age >= settings["longest_hold"]:
        return starts
    return [*starts, note(pitch, settings) + settings["first_held"] - REST]


def contexts(steps, settings, *, key=-1, is_ending=False):
    """Returns what is known of each token: its place, the key, phrases, the end."""
    ids = []
    for token in range(4 * steps):
        place = token % settings["places"]
        beats = min(-(-(steps - token // 4) // 4), settings["most_beats"] + 1)
        known = [place, key + 1, 0, beats * is_ending]
        ids.append(known if settings["kinds"] else place)
    return ids
