"""Codes of areas (GB/T 2260, GB/T 10114) and of grids (CJ/T 349-2010): each begins with its parent's, none is used twice."""

from collections.abc import Sequence

import numpy as np

from gis.errors import DivisionInvalid
from gis.records import Floats, Ints

SEQUENCE_DIGITS = {"cjt349": 2, "beijing15": 3}
AREA_DIGITS = {"city": 6, "district": 6, "town": 9, "community": 12}
PREFECTURE_DIGITS = 4  # of a district's six, those of its city


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


def beginning(parent: str, *, level: str) -> str:
    """What the code of an area of a level begins with: its parent's code, for a district the digits of its city."""
    return parent[:PREFECTURE_DIGITS] if level == "district" else parent


def area_code_fits(code: str, *, parent: str, level: str) -> bool:
    """Whether a code has the digits of its level and begins with its parent's."""
    start = beginning(parent, level=level)
    return code.isdecimal() and code.isascii() and len(code) == AREA_DIGITS[level] and code.startswith(start)


def number_areas(parent: str, *, keeps: Sequence[str], order: Ints, level: str) -> list[str]:
    """Codes for the areas under one parent: those that have one keep it, the others take the next free in reading order.

    `keeps` holds codes that fit, or "". Raises DivisionInvalid when the digits do not suffice.
    """
    start = beginning(parent, level=level)
    digits = AREA_DIGITS[level] - len(start)
    free = (start + f"{number:0{digits}d}" for number in range(1, 10**digits))
    free = (code for code in free if code not in set(keeps))
    codes = list(keeps)
    for position in order:
        if not codes[position]:
            code = next(free, None)
            if code is None:
                fault = f"{parent} has used up its {10**digits - 1} codes for a {level}."
                raise DivisionInvalid(fault, findings=[fault])
            codes[position] = code
    return codes


def grid_code_fits(code: str, *, community: str, scheme: str) -> bool:
    """Whether a grid's code has the digits of its scheme and begins with its community's."""
    return code.isdecimal() and code.isascii() and code.startswith(community) and len(code) == 12 + SEQUENCE_DIGITS[scheme]
