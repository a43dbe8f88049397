"""An audit as a file of the kind that its name ends in."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from gis.coverage_records import Audit
from server.reports.audit_package import write_package
from server.reports.audit_pdf import write_report
from server.reports.audit_tables import gathered
from server.reports.audit_workbook import write_workbook


def write(path: Path, conn: Connection, audit: Audit, *, language: str, made_at: datetime) -> None:
    """Write a report to print, a workbook or a GeoPackage. Raises AuditNotReady, ReportUnavailable."""
    report = gathered(conn, audit)
    if path.suffix.lower() == ".pdf":
        write_report(path, conn, report, language=language, made_at=made_at)
    elif path.suffix.lower() == ".xlsx":
        write_workbook(path, report, language=language)
    else:
        write_package(path, conn, report, language=language)
