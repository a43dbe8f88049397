"""An audit as a file: a report to print and sign, a workbook, a GeoPackage."""

from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import Tag
from pydantic import BaseModel, Field

from gis import audits
from server.api.audits import AuditPath
from server.auditing import file_of
from server.database import reading

bp = APIBlueprint("audit_files", __name__, abp_tags=[Tag(name="audits", description="Audits of coverage")])


class AuditFilePath(AuditPath):
    """Which audit, as which file."""

    audit_file: Literal["report.pdf", "report.xlsx", "report.gpkg"]


class LanguageQuery(BaseModel):
    """In which language."""

    lang: Literal["zh", "en"] = Field(default="zh")


@bp.get("/audits/<int:id>/<audit_file>")
def download(path: AuditFilePath, query: LanguageQuery) -> Response:
    """An audit that is done: its verdict, maps, tables, inputs, method and the auditor's name."""
    with reading() as conn:
        audit = audits.get(conn, path.id)
    return file_of(audit, path.audit_file, language=query.lang)
