"""What requirements.txt asks for, on this computer or on another."""

from collections.abc import Iterable, Mapping


def that_hold(lines: Iterable[str], environment: Mapping[str, str] | None = None):
    """Returns the requirements, of `packaging`, whose markers hold in an environment.

    `environment` has values of markers by name; those that are left out, or all of
    None, are of this computer. Options and comments are left out.

    >>> [r.name for r in that_hold(["-e .", "# by hand", "six==1.17.0  # via us"])]
    ['six']
    """
    from packaging.requirements import Requirement

    texts = [line.split(" #")[0].strip() for line in lines]
    found = [Requirement(text) for text in texts if text and text[0] not in "#-"]
    return [r for r in found if r.marker is None or r.marker.evaluate(environment)]
