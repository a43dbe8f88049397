"""A comparison as a file: a report to print, a workbook, a GeoPackage."""

import tempfile
from pathlib import Path
from typing import Literal

from flask import Response, current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis.comparing import Compared
from gis.errors import ReportUnavailable
from gis.layer_files.writing import FORMATS
from gis.records import Reach
from server.api.comparisons import PairPath, comparisons
from server.auth import reach
from server.config import Settings
from server.database import reading
from server.jobs import defer_report

bp = APIBlueprint("comparison_files", __name__, abp_tags=[Tag(name="comparisons", description="What two plans do differently")])

TYPES = {"report.pdf": "application/pdf", "report.xlsx": FORMATS["xlsx"], "changes.gpkg": FORMATS["gpkg"]}
RETRY_AFTER_S = 2


class ComparisonFilePath(PairPath):
    """Which two plans, as which file."""

    file: Literal["report.pdf", "report.xlsx", "changes.gpkg"]


class ReportQuery(BaseModel):
    """In which language."""

    language: Literal["zh", "en"] = Field(default="zh")


@bp.get("/plans/<int:a>/comparison/<int:b>/<file>")
def download(path: ComparisonFilePath, query: ReportQuery) -> Response:
    """A comparison as PDF with a map sheet for each town, as a workbook or as a GeoPackage.

    A report over many towns is made in the background: 202 says how far it is, ask again until it is there.
    """
    own = reach()
    with reading() as conn:
        compared = comparisons().get(conn, path.a, path.b, reach=own)
    if path.file == "report.pdf":
        return _report(compared, own, language=query.language)
    with tempfile.TemporaryDirectory(dir=_exports()) as folder:
        target = Path(folder) / path.file
        _write(target, compared, language=query.language)
        return _sent(target.read_bytes(), compared, path.file)


def _write(target: Path, compared: Compared, *, language: str) -> None:
    from server.reports.geopackage import write_package
    from server.reports.workbook import write_workbook

    if target.suffix == ".xlsx":
        write_workbook(target, compared, language=language)
        return
    with reading() as conn:
        write_package(target, conn, compared, language=language)


def _report(compared: Compared, own: Reach, *, language: str) -> Response:
    """The report if it is there or soon made; else how far the worker is with it."""
    from server.reports.making import AT_ONCE_TOWNS, Reports, clock, key_of
    from server.reports.pdf import write_report

    reports, key = Reports(_exports() / "reports"), key_of(compared, language=language, area_path=own.area_path)
    if not reports.file(key).exists() and compared.totals.towns <= AT_ONCE_TOWNS:
        reports.folder.mkdir(parents=True, exist_ok=True)
        with reading() as conn, tempfile.TemporaryDirectory(dir=_exports()) as folder:
            half = Path(folder) / "report.pdf"
            write_report(half, conn, compared, language=language, made_at=clock(conn), tell=lambda done, total: None)
            half.rename(reports.file(key))
    if reports.file(key).exists():
        return _sent(reports.file(key).read_bytes(), compared, "report.pdf")
    told = reports.progress(key)
    if told is not None and told.get("problem"):
        reports.forget(key)
        raise ReportUnavailable(told["problem"])
    if told is None:
        told = {"done": 0, "total": compared.totals.towns + 1}
        reports.tell(key, **told)
        plans = {"before": compared.before["id"], "after": compared.after["id"]}
        defer_report(current_app, **plans, language=language, area_path=own.area_path, key=key)
    answered = current_app.json.response(told)
    answered.status_code = 202
    answered.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answered


def _sent(content: bytes, compared: Compared, name: str) -> Response:
    stem, ending = name.rsplit(".", 1)
    answered = Response(content, content_type=TYPES[name])
    filename = f"{stem}-{compared.before['id']}-{compared.after['id']}.{ending}"
    answered.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answered


def _exports() -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    settings.exports_dir.mkdir(parents=True, exist_ok=True)
    return settings.exports_dir
