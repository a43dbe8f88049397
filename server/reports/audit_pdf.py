"""An audit to print and sign: its verdict, maps, tables, what it was asked of, how it was measured, and the auditor's name."""

import base64
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import jinja2
import numpy as np
import shapely
from sqlalchemy import Connection

from gis import audits
from gis.coverage_records import AuditRow
from gis.records import Shapes
from gis.rules.zones import project
from server.reports.audit_maps import AuditSheet, draw
from server.reports.audit_tables import AuditReport, facility
from server.reports.pdf import renderer
from server.reports.tables import said

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates" / "reports"
TOWNS_DRAWN, GAPS_SHOWN, FAILING_SHOWN = 6, 60, 60
"""Map sheets of the towns with most residents who are not covered; rows of the longest tables."""


def write_report(path: Path, conn: Connection, report: AuditReport, *, language: str, made_at: datetime) -> None:
    """Write the report. Raises ReportUnavailable where the machine cannot set pages or letter maps."""
    weasyprint = renderer()
    drawn = _Drawn(conn, report)
    html = _template().render(
        report=report, language=language, audit=report.audit, totals=report.audit.outcome, verdict=said(report.verdict, language),
        asked=report.asked(language), method=report.method(language), findings=report.findings(language),
        made_at=report.local(made_at), said=said, city_map=drawn.whole(language), town_maps=drawn.towns(language),
        towns=report.of_level("town"), uncovered=[row for row in report.of_level("community") if not row.covered],
        names={row.code: said(row.name, language) for row in report.rows}, gaps=_largest(report), gaps_shown=GAPS_SHOWN,
        failing=[facility(each, report.kinds, language=language) for each in report.facilities if each.fails][:FAILING_SHOWN],
    )  # fmt: skip
    nothing_else = weasyprint.urls.URLFetcher(allowed_protocols={"data"})  # the maps are in the page; nothing is fetched
    weasyprint.HTML(string=html, url_fetcher=nothing_else).write_pdf(path)


def _template() -> jinja2.Template:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True).get_template("audit.html")


def _largest(report: AuditReport) -> list[Any]:
    return sorted(report.gaps, key=lambda gap: -gap.residents)[:GAPS_SHOWN]


class _Drawn:
    """The maps of one audit, in metres of the city's zone."""

    def __init__(self, conn: Connection, report: AuditReport) -> None:
        self._report = report
        self._outline = audits.outlines(conn, report.audit, level="community")
        self._places_m = shapely.get_coordinates(
            self._metric([shapely.Point(each.lon, each.lat) for each in report.facilities])
        ).reshape(-1, 2)
        question = report.audit.question
        limit_m = (report.audit.inputs or {})["limit_m"]
        self._radius_m = limit_m / question["detour"] if question["method"] == "radius" else None

    def whole(self, language: str) -> str:
        """The map of the whole scope."""
        return self._map(self._report.of_level("community"), language, named=False)

    def towns(self, language: str) -> list[dict[str, str]]:
        """A map for each of the towns with most residents who are not covered."""
        missed = [row for row in self._report.of_level("town") if row.residents - row.covered_residents >= 1]
        missed.sort(key=lambda row: row.covered_residents - row.residents)
        communities = self._report.of_level("community")
        if len(self._report.of_level("town")) == 1:
            return []
        return [
            {
                "name": said(town.name, language),
                "map": self._map([row for row in communities if row.parent_code == town.code], language, named=True),
            }
            for town in missed[:TOWNS_DRAWN]
        ]

    def _map(self, rows: list[AuditRow], language: str, *, named: bool) -> str:
        known = [row for row in rows if row.code in self._outline]
        shapes = self._metric([self._outline[row.code] for row in known])
        is_covered = np.array([row.covered for row in known], np.bool_)
        codes = {row.code for row in known}
        gaps = self._metric([gap.shape for gap in self._report.gaps if gap.community_code in codes])
        points = shapely.point_on_surface(shapes) if named else []
        labels = [(point, said(row.name, language)) for point, row in zip(points, known, strict=named)]
        sheet = AuditSheet(shapes[is_covered], shapes[~is_covered], gaps, self._near(shapes), self._radius_m, labels)
        return f"data:image/png;base64,{base64.b64encode(draw(sheet, language=language)).decode()}"

    def _near(self, shapes: Shapes) -> Any:
        """The facilities on the map, and those whose circles may reach into it."""
        west, south, east, north = shapely.total_bounds(shapes)
        by = self._radius_m or 0.0
        x, y = self._places_m[:, 0], self._places_m[:, 1]
        return self._places_m[(x >= west - by) & (x <= east + by) & (y >= south - by) & (y <= north + by)]

    def _metric(self, shapes: list[Any]) -> Shapes:
        held = np.array(shapes, dtype=object)
        return project(held, to=self._report.metric_srid) if len(held) else held
