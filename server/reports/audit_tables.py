"""An audit gathered for a report, and its tables in either language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from gis import audits, city, facilities
from gis.coverage_records import Audit, AuditFacility, AuditGap, AuditRow
from gis.feature_records import Column
from gis.records import Name
from gis.rules.audit_words import asked, method_statement, verdict
from gis.rules.facility_standards import FAILS
from server.reports.tables import Sheet, said

LEVELS: Final = {
    "district": Name("区", "Districts"), "town": Name("镇街", "Towns"), "community": Name("村（社区）", "Communities"),
    "grid": Name("网格", "Grids"),
}  # fmt: skip
UNIT: Final = (
    Column("code", "text", Name("代码", "Code")),
    Column("name", "text", Name("名称", "Name")),
    Column("parent", "text", Name("所属", "Part of")),
    Column("covered", "text", Name("达标", "Covered")),
    Column("residents", "integer", Name("居民", "Residents")),
    Column("covered_residents", "integer", Name("覆盖居民", "Residents covered")),
    Column("covered_fraction", "number", Name("覆盖比例", "Share covered"), "0–1"),
    Column("households", "integer", Name("户数", "Households")),
    Column("covered_households", "integer", Name("覆盖户数", "Households covered")),
    Column("area_m2", "number", Name("面积", "Area"), "m²"),
    Column("covered_area_m2", "number", Name("覆盖面积", "Area covered"), "m²"),
    Column("mean_m", "number", Name("平均距离", "Mean distance"), "m"),
    Column("accessibility", "number", Name("每千人可及容量", "Places per 1,000 residents")),
)
GAP: Final = (
    Column("community", "text", Name("村（社区）代码", "Community code")),
    Column("residents", "integer", Name("居民", "Residents")),
    Column("households", "integer", Name("户数", "Households")),
    Column("area_m2", "number", Name("面积", "Area"), "m²"),
)
FACILITY: Final = (
    Column("id", "integer", Name("编号", "Id")),
    Column("kind", "text", Name("种类", "Kind")),
    Column("name", "text", Name("名称", "Name")),
    Column("lon", "number", Name("经度", "Longitude"), "°"),
    Column("lat", "number", Name("纬度", "Latitude"), "°"),
    Column("floor_area_m2", "number", Name("建筑面积", "Floor area"), "m²"),
    Column("capacity", "integer", Name("容量", "Capacity")),
    Column("residents_within", "integer", Name("上限内居民", "Residents within")),
    Column("residents_nearest", "integer", Name("最近居民", "Residents nearest")),
    Column("off_network_m", "number", Name("到街道", "To the street"), "m"),
    Column("fails", "text", Name("不达标项", "Fails")),
)


@dataclass(frozen=True)
class AuditReport:
    """An audit with all that it found. `auditor` is the name of whoever answers for it; `made_at` the city's time."""

    audit: Audit
    rows: Sequence[AuditRow]
    gaps: Sequence[AuditGap]
    facilities: Sequence[AuditFacility]
    kinds: Mapping[str, Name]
    auditor: str
    metric_srid: int
    timezone: str

    @property
    def verdict(self) -> Name:
        """The first sentence."""
        return verdict(self.audit)

    def asked(self, language: str) -> list[tuple[str, str]]:
        """What was asked and of what."""
        return [(said(label, language), said(value, language)) for label, value in asked(self.audit, kinds=self.kinds)]

    def method(self, language: str) -> list[str]:
        """How it was measured."""
        return [said(sentence, language) for sentence in method_statement(self.audit)]

    def findings(self, language: str) -> list[str]:
        """What was odd."""
        return [finding["says"][language] for finding in (self.audit.outcome or {}).get("findings", ())]

    def of_level(self, level: str) -> list[AuditRow]:
        """The rows of a level."""
        return [row for row in self.rows if row.level == level]

    def local(self, moment: datetime | None) -> str:
        """A moment by the city's clocks."""
        return "" if moment is None else moment.astimezone(ZoneInfo(self.timezone)).strftime("%Y-%m-%d %H:%M")


def gathered(conn: Connection, audit: Audit) -> AuditReport:
    """An audit that is done, with all that it found. Raises AuditNotReady for another."""
    audits.require_done(audit)
    held = city.get(conn)
    kinds = {row["code"]: Name(row["name_zh"], row["name_en"]) for row in facilities.kinds(conn)}
    return AuditReport(
        audit, audits.rows(conn, audit.id), audits.gaps(conn, audit.id), audits.facilities_counted(conn, audit.id), kinds,
        audits.auditor(conn, audit), held.metric_srid, held.timezone,
    )  # fmt: skip


def sheets(report: AuditReport, *, language: str) -> list[Sheet]:
    """Every table of an audit."""
    names = {row.code: said(row.name, language) for row in report.rows}
    units = [
        Sheet(level, title, UNIT, [unit(row, names, language=language) for row in report.of_level(level)])
        for level, title in LEVELS.items()
        if report.of_level(level)
    ]
    gaps = Sheet("gaps", Name("空白区", "Gaps"), GAP, [gap_values(gap) for gap in report.gaps])
    served = [facility(each, report.kinds, language=language) for each in report.facilities]
    return [*units, gaps, Sheet("facilities", Name("设施", "Facilities"), FACILITY, served)]


def unit(row: AuditRow, names: Mapping[str, str], *, language: str) -> dict[str, Any]:
    """A unit as a row of a table."""
    amounts = ("residents", "covered_residents", "households", "covered_households", "area_m2", "covered_area_m2")
    return {
        "code": row.code, "name": said(row.name, language), "parent": names.get(row.parent_code or "", row.parent_code or ""),
        "covered": said(Name("是", "yes") if row.covered else Name("否", "no"), language),
        "covered_fraction": row.covered_residents / row.residents if row.residents else None,
        **{name: getattr(row, name) for name in amounts}, "mean_m": row.mean_m, "accessibility": row.accessibility,
    }  # fmt: skip


def gap_values(gap: AuditGap) -> dict[str, Any]:
    """A gap as a row of a table."""
    return {
        "community": gap.community_code, "residents": round(gap.residents), "households": round(gap.households),
        "area_m2": gap.area_m2,
    }  # fmt: skip


def facility(each: AuditFacility, kinds: Mapping[str, Name], *, language: str) -> dict[str, Any]:
    """A facility as a row of a table."""
    same = ("id", "lon", "lat", "floor_area_m2", "capacity", "residents_within", "residents_nearest", "off_network_m")
    return {name: getattr(each, name) for name in same} | {
        "kind": said(kinds.get(each.kind, Name(each.kind, each.kind)), language), "name": said(each.name, language),
        "fails": "; ".join(said(FAILS[code], language) for code in each.fails),
    }  # fmt: skip
