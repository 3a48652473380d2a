"""Stacks of GRU layers, as the builders share them, and their single steps."""

import numbers

from keras import layers, ops

from gru_apps.models.gru import GRU


def check_sizes(least=1, /, **sizes):
    """Returns sizes as a list of plain integers, in the order in which they are named.

    Those of NumPy are taken too. Raises `ValueError`, by its name, for one that is no
    integer (a boolean is none) or is below `least`.

    >>> vocabulary_size, units = check_sizes(vocabulary_size=100, units=64)
    """
    for name, size in sizes.items():
        if not isinstance(size, numbers.Integral) or isinstance(size, bool):
            raise ValueError(f"`{name}` must be an integer. Received: {name}={size!r}")
        if size < least:
            raise ValueError(
                f"`{name}` must be at least {least}. Received: {name}={size}"
            )
    return [int(size) for size in sizes.values()]


def check_dropout(**shares):
    """Raises `ValueError` for a share, by its name, that is not in [0, 1)."""
    for name, share in shares.items():
        if not 0 <= share < 1:  # keras.layers.GRU would clip it without a word
            raise ValueError(f"`{name}` must be in [0, 1). Received: {name}={share}")


def gru_stack(
    units,
    num_layers,
    dropout,
    recurrent_dropout,
    bidirectional,
    name="gru",
    return_sequences=True,
):
    """Makes a stack of layers; all but the first have dropout before them."""
    check_dropout(dropout=dropout, recurrent_dropout=recurrent_dropout)
    units, num_layers = check_sizes(units=units, num_layers=num_layers)
    grus = []
    for index in range(num_layers):
        gru = GRU(
            units,
            return_sequences=return_sequences or index < num_layers - 1,
            dropout=dropout if index else 0.0,
            recurrent_dropout=recurrent_dropout,
            name=f"{name}_{index + 1}",
        )
        grus.append(layers.Bidirectional(gru, name=gru.name) if bidirectional else gru)
    return grus


def run_step(grus, x, state):
    """Runs layers over one step `(batch, dim)`, from a state that joins all of theirs.

    Returns what the last one says, `(batch, units)`, and the state after the step.
    """
    states, start = [], 0
    for gru in grus:
        x = gru(x[:, None], initial_state=state[:, start : start + gru.units])
        x = x[:, 0] if gru.return_sequences else x
        states.append(x)
        start += gru.units
    # in the precision of the state, whatever the policy: a loop takes it up again
    return x, ops.cast(ops.concatenate(states, axis=-1), state.dtype)
