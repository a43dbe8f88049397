"""Seconds of processor time: what work costs, however many threads did it and whatever else the machine was doing."""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

TURN_S = 1.0
MOST_RUNS = 50
Clock = Callable[[], float]
Work = Callable[[], object]


def own_cpu_s() -> float:
    """User and system time of this process, all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def cpu_s_of(pid: int) -> float:
    """User and system time of another process of this machine, e.g. a database backend; in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spent_s(work: Work, *, clock: Clock = own_cpu_s) -> float:
    """Seconds on ``clock`` that the work took."""
    before = clock()
    work()
    return clock() - before


def wall_s(work: Work) -> float:
    """Seconds on the wall."""
    return spent_s(work, clock=time.perf_counter)


def interleaved_medians(contestants: dict[str, tuple[Work, Clock]], *, rounds: int) -> dict[str, float]:
    """Median seconds of each contestant; the contestants take turns, so that a busy minute of the machine hits all
    alike.

    A turn is as many runs as fill about a second, and at least one: work of a few milliseconds would otherwise be
    measured by its first touch of memory that the contestant before it has just emptied, and in ticks of the clock.
    """
    times: dict[str, list[float]] = {name: [] for name in contestants}
    runs = {name: _runs_in_a_turn(work) for name, (work, _) in contestants.items()}
    for _ in range(rounds):
        for name, (work, clock) in contestants.items():
            times[name].append(spent_s(lambda: [work() for _ in range(runs[name])], clock=clock) / runs[name])  # noqa: B023
    return {name: statistics.median(measured) for name, measured in times.items()}


def _runs_in_a_turn(work: Work) -> int:
    return max(1, min(MOST_RUNS, round(TURN_S / max(wall_s(work), 1e-6))))


def forget_peak() -> None:
    """Let ``peak_mb`` count from the memory that this process has now."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """Most memory that this process had since it started or forgot."""
    return _status_kb("VmHWM") / 1e3


def memory_mb() -> float:
    """Memory that this process has now."""
    return _status_kb("VmRSS") / 1e3


def _status_kb(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))
