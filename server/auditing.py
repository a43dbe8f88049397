"""Audits as files and as a page that whoever has its address reads without a log-in."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from flask import Blueprint, Flask, Response, abort, current_app, render_template, request
from sqlalchemy import Connection

from gis import audits, city
from gis.coverage_records import Audit
from gis.layer_files.writing import FORMATS
from gis.rules.coverage import generalise
from gis.rules.zones import WGS84, project
from server.api.city import facts
from server.api.coverage_answers import collection, facilities_told, gaps_told, row_told
from server.config import Settings
from server.database import now, reading

bp = Blueprint("auditing", __name__)

FILES: Final = {"report.pdf": "application/pdf", "report.xlsx": FORMATS["xlsx"], "report.gpkg": FORMATS["gpkg"]}
BAND: Final = 2
"""Borders on the page are simplified together: nobody sees all communities of a city from near at once."""
MAP_FACILITIES: Final = 3_000
DETAIL_DEG: Final = 1e-4
"""Of gaps on the page: ten metres."""


@bp.get("/audits/<key>")
def published(key: str) -> str:
    """A published audit: its verdict, the statement with the auditor's name, the map, tables, files."""
    from layers.reporting import reporting_map
    from server.pages import _language, basemap_of
    from server.reports.audit_tables import gathered

    language = _language()
    with reading() as conn:
        report = gathered(conn, audits.published(conn, key))
        held = facts(city.describe(conn, now=now()))
    page = {"url": f"/audits/{key}/map.json"}
    drawn = reporting_map(
        bbox=held["bbox"], module="audit_page.js", page=page, basemap=basemap_of(_settings()), language=language
    )
    communities = report.of_level("community")
    return render_template(
        "audit.html", map=drawn, report=report, audit=report.audit, totals=report.audit.outcome, key=key,
        asked=report.asked(language), method=report.method(language), findings=report.findings(language),
        verdict=report.verdict.as_dict()[language], uncovered=[row for row in communities if not row.covered],
        towns=report.of_level("town"), published_at=report.local(report.audit.published_at),
    )  # fmt: skip


@bp.get("/audits/<key>/map.json")
def map_data(key: str) -> Response:
    """What the map of a published audit shows: communities with their verdict, gaps, facilities."""
    with reading() as conn:
        audit = audits.published(conn, key)
        answered = current_app.json.response(_map_data(conn, audit))
    answered.headers["Cache-Control"] = "no-cache"
    return answered


@bp.get("/audits/<key>/<file>")
def published_file(key: str, file: str) -> Response:
    """A published audit as PDF, workbook or GeoPackage."""
    if file not in FILES:
        abort(404)
    with reading() as conn:
        audit = audits.published(conn, key)
    return file_of(audit, file, language=_asked_language())


def file_of(audit: Audit, name: str, *, language: str) -> Response:
    """An audit as a file. What was printed is kept: an audit that is done does not change. Raises AuditNotReady."""
    from server.reports.audit_writing import write

    audits.require_done(audit)
    folder = _settings().exports_dir / "audits"
    folder.mkdir(parents=True, exist_ok=True)
    said = int((audit.published_at or audit.ended_at or audit.at).timestamp() * 1000)
    path = folder / f"{audit.id}-{said}-{audit.at.timestamp():.0f}-{language}-{name}"
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=folder) as half, reading() as conn:
            target = Path(half) / name
            write(target, conn, audit, language=language, made_at=datetime.now(UTC))
            target.rename(path)
    answered = Response(path.read_bytes(), content_type=FILES[name])
    answered.headers["Content-Disposition"] = f'attachment; filename="audit-{audit.id}.{path.suffix.lstrip(".")}"'
    return answered


def _map_data(conn: Connection, audit: Audit) -> dict[str, Any]:
    srid = city.get(conn).metric_srid
    outlines = audits.outlines(conn, audit, level="community")
    rows = [row for row in audits.rows(conn, audit.id, level="community") if row.code in outlines]
    shapes = np.array([outlines[row.code] for row in rows], dtype=object)
    drawn = project(generalise(project(shapes, to=srid), band=BAND), to=WGS84, source=srid) if rows else shapes
    facilities = audits.facilities_counted(conn, audit.id)
    question, limit_m = audit.question, (audit.inputs or {})["limit_m"]
    return {
        "communities": collection(drawn, [row_told(row) for row in rows]),
        "gaps": gaps_told(replace(gap, shape=shapely.simplify(gap.shape, DETAIL_DEG)) for gap in audits.gaps(conn, audit.id)),
        "facilities": facilities_told(facilities if len(facilities) <= MAP_FACILITIES else []),
        "radius_m": limit_m / question["detour"] if question["method"] == "radius" else None,
        "bounds": [round(float(side), 6) for side in shapely.total_bounds(shapes)] if rows else None,
    }


def _asked_language() -> str:
    from server.pages import _language

    asked = request.args.get("lang")
    return asked if asked in ("zh", "en") else _language()


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def init_app(app: Flask) -> None:
    """Serve these pages."""
    app.register_blueprint(bp)
