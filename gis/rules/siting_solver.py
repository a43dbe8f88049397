"""Whole-number programs, solved by HiGHS (Huangfu and Hall 2018) with a time limit, a stop button and a bound that is proven.

HiGHS and OR-tools carry different copies of the same library: they cannot live in one process.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import highspy
import numpy as np

from gis.records import Flags, Floats, Ints

SOLVER = "HiGHS"
ROWWISE, MINIMISE = 2, 1
WHOLE, ANY = 1, 0
CLOSE = 1e-9
"""Relative: a bound as near as this is met."""
ALMOST_ONE = 0.999
"""Where only whole numbers can come out, a bound that is nearer than one is met."""

Progress = Callable[[float], None]
Stop = Callable[[], bool]


def _nobody_asks() -> bool:
    return False


def _nobody_listens(fraction: float) -> None:
    return None


@dataclass
class Watch:
    """How long a search may take, whom it tells what part of that is gone, and who may end it."""

    seconds: float
    stop: Stop = _nobody_asks
    tell: Progress = _nobody_listens
    began: float = field(default_factory=time.monotonic)
    stopped: bool = False

    @property
    def spent_s(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self.began

    @property
    def left_s(self) -> float:
        """Seconds that are left, at least a moment."""
        return max(self.seconds - self.spent_s, 0.01)

    def is_over(self) -> bool:
        """Whether the time is up or somebody asked to stop; tells how far the search is."""
        self.tell(min(self.spent_s / self.seconds, 1.0) if self.seconds > 0 else 1.0)
        self.stopped = self.stopped or self.stop()
        return self.stopped or self.spent_s >= self.seconds


@dataclass(frozen=True)
class Program:
    """Least `cost` · x with `lower` <= x <= `upper`, and row by row `row_lower` <= A x <= `row_upper`.

    Row i of A has `value` at `column`, both `first[i]:first[i + 1]`. `whole`: the columns that take whole numbers, at least one.
    `whole_value` says that the costs of all answers are whole numbers, so that a bound may be rounded up.
    """

    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    first: Ints
    column: Ints
    value: Floats
    whole: Flags
    whole_value: bool = False


@dataclass(frozen=True)
class Solved:
    """The best answer met (None: none was), its cost, and the cost that no answer can be below (inf: there is no answer)."""

    x: Floats | None
    value: float
    bound: float

    @property
    def proven(self) -> bool:
        """Whether nothing can be better; also when it is proven that there is no answer."""
        return self.bound >= self.value - CLOSE * max(abs(self.value), 1.0)


def solve(program: Program, *, watch: Watch, start: tuple[Ints, Floats] | None = None) -> Solved:
    """Solve until it is proven, the time is up, or somebody asks to stop; `start` are columns and their values to begin with."""
    with highspy.Highs() as highs:  # type: ignore[no-untyped-call]
        highs.silent()
        _set(highs, program, watch)
        _pass(highs, program)
        if start is not None:
            highs.setSolution(len(start[0]), start[0].astype(np.int32), start[1].astype(np.float64))
        for asks in (highs.cbMipInterrupt, highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
            asks.subscribe(lambda event: event.interrupt(watch.is_over()))
        highs.run()
        return _read(highs, program)


def _set(highs: highspy.Highs, program: Program, watch: Watch) -> None:
    highs.setOptionValue("time_limit", watch.left_s)
    highs.setOptionValue("mip_rel_gap", 0.0 if program.whole_value else CLOSE)
    highs.setOptionValue("mip_abs_gap", ALMOST_ONE if program.whole_value else 1e-6)
    highs.setOptionValue("random_seed", 1)


def _pass(highs: highspy.Highs, program: Program) -> None:
    given = highs.passModel(
        len(program.cost), len(program.row_lower), len(program.column), ROWWISE, MINIMISE, 0.0,
        program.cost, program.lower, program.upper, program.row_lower, program.row_upper,
        program.first[:-1].astype(np.int32), program.column.astype(np.int32), program.value,
        np.where(program.whole, WHOLE, ANY).astype(np.int32),
    )  # fmt: skip
    if given == highspy.HighsStatus.kError:
        raise ValueError("The program holds numbers that the solver cannot take.")


def _read(highs: highspy.Highs, program: Program) -> Solved:
    info, state = highs.getInfo(), highs.getModelStatus()
    if state in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Solved(None, np.inf, np.inf)
    bound = float(info.mip_dual_bound)
    if program.whole_value and np.isfinite(bound):
        bound = float(np.ceil(bound - 1e-6))
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Solved(None, np.inf, bound)
    x = np.asarray(highs.getSolution().col_value, np.float64)
    x = np.where(program.whole, np.round(x), x)
    value = float(program.cost @ x)
    return Solved(x, value, min(bound, value))
