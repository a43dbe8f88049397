"""Grid codes by CJ/T 349-2010: 12 digits of the community and 2 of the grid; never used twice."""

from collections.abc import Sequence

import numpy as np

from gis.errors import DivisionInvalid
from gis.records import Floats, Ints

SEQUENCE_DIGITS = {"cjt349": 2, "beijing15": 3}


def reading_order(x: Floats, y: Floats) -> Ints:
    """Positions in reading order: rows from north to south, and from west to east inside a row.

    `x`, `y` are metres, one point per grid. A row is as high as the mean spacing of the grids, so that neighbours in a
    street are numbered one after the other although no two lie at exactly the same height.
    """
    if len(x) < 2:
        return np.arange(len(x))
    spacing = np.sqrt(max(np.ptp(x), 1.0) * max(np.ptp(y), 1.0) / len(x))
    row = np.floor((y.max() - y) / max(spacing, 1.0)).astype(np.int64)
    return np.lexsort((x, row)).astype(np.int64)


def number_grids(community: str, *, keeps: Sequence[str], order: Ints, ever: set[str], scheme: str = "cjt349") -> list[str]:
    """Codes for the grids of one community; a grid that lives on keeps its code, a new one takes the next free one.

    `keeps` holds the code that each grid keeps or ""; `order` is their reading order; `ever` every code that was ever
    published. A community that is not split has sequence 00. Raises DivisionInvalid when the digits do not suffice.
    """
    digits = SEQUENCE_DIGITS[scheme]
    codes = list(keeps)
    taken = ever | set(keeps)
    if len(codes) == 1 and not codes[0] and (whole := community + "0" * digits) not in taken:
        return [whole]
    sequence = 0
    for position in order:
        while not codes[position]:
            sequence += 1
            if sequence >= 10**digits:
                fault = f"Community {community} has used up its {10**digits - 1} grid codes ({scheme})."
                raise DivisionInvalid(fault, findings=[fault])
            code = f"{community}{sequence:0{digits}d}"
            if code not in taken:
                codes[position] = code
                taken.add(code)
    return codes
