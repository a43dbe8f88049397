"""Two audits side by side: who is covered now and was not, who is not any more, and what they were asked of that differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gis.coverage_records import Audit, AuditRow
from gis.records import Name

TOTALS: Final = (
    "residents", "covered_residents", "covered_fraction", "households", "covered_households", "area_m2", "covered_area_m2",
    "communities", "covered_communities", "grids", "covered_grids", "mean_m", "facilities",
)  # fmt: skip
INPUTS: Final[Mapping[str, tuple[tuple[str, ...], Name]]] = {
    "plan": (("inputs", "plan", "id"), Name("网格方案", "The plan of grids")),
    "plan_version": (("inputs", "plan", "version"), Name("网格方案的版本", "The version of the plan")),
    "network": (("inputs", "network", "digest"), Name("步行路网", "The walking network")),
    "facilities": (("inputs", "facilities", "digest"), Name("设施", "The facilities")),
    "facility_count": (("inputs", "facilities", "count"), Name("设施数", "The number of facilities")),
    "residents": (("inputs", "residents", "digest"), Name("居民及其住处", "Residents and where they live")),
    "resident_count": (("inputs", "residents", "total"), Name("居民数", "The number of residents")),
    "limit_m": (("inputs", "limit_m"), Name("距离上限（米）", "The limit in metres")),
    "method": (("question", "method"), Name("测量方法", "How it was measured")),
    "kinds": (("question", "kinds"), Name("设施种类", "Kinds of facilities")),
    "services": (("question", "services"), Name("服务事项", "Services")),
    "levels": (("question", "levels"), Name("设施级别", "Levels of facilities")),
    "floor_area_m2": (("question", "floor_area_m2"), Name("建筑面积下限（平方米）", "Floor area at least, m²")),
    "open_at": (("question", "open_at"), Name("开放时刻", "The moment when they must be open")),
    "detour": (("question", "detour"), Name("绕行系数", "The detour factor")),
    "k": (("question", "k"), Name("要求的设施数", "Facilities wanted")),
    "rule": (("question", "rule"), Name("达标规则", "When a unit is covered")),
    "share": (("question", "share"), Name("居民比例", "The share of residents")),
    "scope": (("question", "scope"), Name("范围", "The scope")),
    "by_ground": (("question", "by_ground"), Name("按地面计算", "Counted by ground")),
}
"""What two audits can differ in, and where each stands."""


@dataclass(frozen=True)
class UnitChange:
    """A unit in two audits; None where only one of them knows it. `verdict` is gained, lost, new, ended or same."""

    level: str
    code: str
    name: Name
    before: AuditRow | None
    after: AuditRow | None
    verdict: str


@dataclass(frozen=True)
class AuditsCompared:
    """Two audits: `totals` by name as (before, after), `differs` in what they were asked of, and the units that changed."""

    before: Audit
    after: Audit
    totals: Mapping[str, tuple[Any, Any]]
    differs: Sequence[tuple[str, Name, Any, Any]]
    units: Sequence[UnitChange]

    def of(self, level: str, verdict: str) -> list[UnitChange]:
        """The units of a level with one verdict."""
        return [unit for unit in self.units if unit.level == level and unit.verdict == verdict]


def compared(before: Audit, after: Audit, *, rows_before: Sequence[AuditRow], rows_after: Sequence[AuditRow]) -> AuditsCompared:
    """Compare two audits that are done. Units whose verdict and covered residents are the same are left out."""
    old, new = before.outcome or {}, after.outcome or {}
    totals = {name: (old.get(name), new.get(name)) for name in TOTALS}
    asked = [{"inputs": audit.inputs, "question": audit.question} for audit in (before, after)]
    differs = [
        (name, says, first, second)
        for name, (path, says) in INPUTS.items()
        if (first := _at(asked[0], path)) != (second := _at(asked[1], path))
    ]
    return AuditsCompared(before, after, totals, differs, _units(rows_before, rows_after))


def _at(held: Any, path: Sequence[str]) -> Any:
    for name in path:
        held = None if held is None else held.get(name)
    return held


def _units(rows_before: Sequence[AuditRow], rows_after: Sequence[AuditRow]) -> list[UnitChange]:
    old, new = ({(row.level, row.code): row for row in rows} for rows in (rows_before, rows_after))
    found = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        verdict = _verdict(before, after)
        if verdict != "same" or (before and after and abs(before.covered_residents - after.covered_residents) > 0.5):
            known = after or before
            assert known is not None, "a key is of one of the two"
            found.append(UnitChange(key[0], key[1], known.name, before, after, verdict))
    return found


def _verdict(before: AuditRow | None, after: AuditRow | None) -> str:
    if before is None:
        return "new"
    if after is None:
        return "ended"
    if before.covered == after.covered:
        return "same"
    return "gained" if after.covered else "lost"
