"""Compiling number loops: numba without its untyped decorator spreading through strictly typed files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numba  # type: ignore[import-untyped, unused-ignore]

Loop = TypeVar("Loop", bound=Callable[..., object])


def compiled(loop: Loop) -> Loop:
    """The same function as machine code, kept on disk between runs. Dividing by nought gives infinity, as in numpy."""
    machine: Loop = numba.njit(loop, cache=True, error_model="numpy")
    return machine
