"""Compile all kernels now, at install, so that no request waits for it."""

<<<<<<< HEAD
from gis.rules import balance, placing, radius, walking
=======
from gis.rules import balance, placing, radius, siting_walking, walking
>>>>>>> 5b56c19ce8f9cbcf978b92e48e28698831977a06


def compile_all() -> None:
    """Compile what is not yet on disk, a minute at most."""
    placing.compile_kernels()
    balance.compile_kernels()
    walking.compile_kernels()
    radius.compile_kernels()
<<<<<<< HEAD
=======
    siting_walking.compile_kernels()
>>>>>>> 5b56c19ce8f9cbcf978b92e48e28698831977a06
