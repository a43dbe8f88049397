"""An audit as a workbook: what was asked and found, and a sheet for each table."""

from pathlib import Path

import xlsxwriter

from server.reports.audit_tables import AuditReport, sheets
from server.reports.tables import said
from server.reports.workbook import OPTIONS, bold, write_tables


def write_workbook(path: Path, report: AuditReport, *, language: str) -> None:
    """Write every table of an audit, with titles and units above the columns."""
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        page, heavy = book.add_worksheet("总览" if language == "zh" else "Summary"), bold(book)
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 110)
        page.write_string(0, 0, report.audit.name, heavy)
        page.write_string(1, 0, said(report.verdict, language))
        row = 3
        if report.audit.statement:
            page.write_string(2, 0, report.audit.statement)
        for row, (label, value) in enumerate([*report.asked(language), *_signed(report, language)], start=4):
            page.write_string(row, 0, label, heavy)
            page.write_string(row, 1, value)
        for below, sentence in enumerate([*report.method(language), *report.findings(language)], start=row + 2):
            page.write_string(below, 0, sentence)
        write_tables(book, sheets(report, language=language), language=language)


def _signed(report: AuditReport, language: str) -> list[tuple[str, str]]:
    zh = language == "zh"
    return [("审计人" if zh else "Auditor", report.auditor), ("完成于" if zh else "Done at", report.local(report.audit.ended_at))]
