"""Compile all kernels now, at install, so that no request waits for it."""

from gis.rules import balance, placing, radius, siting_walking, walking


def compile_all() -> None:
    """Compile what is not yet on disk, a minute at most."""
    placing.compile_kernels()
    balance.compile_kernels()
    walking.compile_kernels()
    radius.compile_kernels()
    siting_walking.compile_kernels()
