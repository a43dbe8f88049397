"""What a benchmark hands in: comparisons, a printed table, and one JSON object per comparison on disk."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
TARGET = "target"
"""Stands as the peer where ours is held against a fixed figure."""


@dataclass(frozen=True)
class Comparison:
    """Ours against theirs in one case of one run; ratio > 1 means that ours is better."""

    bench: str
    case: str
    peer: str
    ours: float
    theirs: float | None
    unit: str
    ratio: float | None
    target: float | None
    ok: bool | None
    """None where nothing was promised."""


def higher_is_better(
    bench: str, case: str, peer: str, ours: float, theirs: float, *, unit: str, target: float | None = None
) -> Comparison:
    """Compare throughputs and the like; ``target`` is the least ratio promised."""
    return _judged(bench, case, peer, ours, theirs, unit=unit, ratio=_over(ours, theirs), target=target)


def lower_is_better(
    bench: str, case: str, peer: str, ours: float, theirs: float, *, unit: str, target: float | None = None
) -> Comparison:
    """Compare times, sizes and counts of errors; ``target`` is the least ratio promised."""
    return _judged(bench, case, peer, ours, theirs, unit=unit, ratio=_over(theirs, ours), target=target)


def figure(bench: str, case: str, ours: float, *, unit: str) -> Comparison:
    """A figure that is only shown: nothing to compare with, nothing promised."""
    return Comparison(bench, case, "-", _rounded(ours), None, unit, None, None, None)


def skipped(bench: str, peer: str, reason: str) -> None:
    """Say aloud that a peer did not run."""
    print(f"{bench}: {peer} skipped: {reason}", flush=True)


def print_table(comparisons: list[Comparison]) -> None:
    """Print the comparisons as one table, in their order."""
    head = ["case", "peer", "ours", "theirs", "unit", "ratio", "target", "ok"]
    rows = [head] + [[_shown(getattr(comparison, column)) for column in head] for comparison in comparisons]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for number, row in enumerate(rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def write_results(name: str, comparisons: list[Comparison]) -> Path:
    """Replace ``bench/results/NAME.jsonl`` by these comparisons, one JSON object per line."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.jsonl"
    path.write_text("".join(json.dumps(dataclasses.asdict(comparison)) + "\n" for comparison in comparisons))
    return path


def _judged(
    bench: str, case: str, peer: str, ours: float, theirs: float, *, unit: str, ratio: float, target: float | None
) -> Comparison:
    ok = None if target is None else ratio >= target
    # An infinite ratio (no errors against some) is no JSON number.
    shown = _rounded(ratio) if math.isfinite(ratio) else None
    return Comparison(bench, case, peer, _rounded(ours), _rounded(theirs), unit, shown, target, ok)


def _over(better: float, worse: float) -> float:
    if worse:
        return better / worse
    return math.inf if better else 1.0


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return (
        f"{value:,.4g}"
        if isinstance(value, float) and abs(value) < 1e4
        else f"{value:,.0f}"
        if isinstance(value, float)
        else str(value)
    )
