"""A comparison as a workbook: what it comes to, and a sheet for each table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from gis.comparing import Compared
from server.reports.tables import Sheet, said, sheets

FORMATS = {"number": "#,##0.00", "integer": "#,##0"}
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(path: Path, compared: Compared, *, language: str) -> None:
    """Write every table of a comparison, with titles and units above the columns."""
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        page = book.add_worksheet("总览" if language == "zh" else "Summary")
        _summary(page, compared, language=language, bold=bold(book))
        write_tables(book, sheets(compared, language=language), language=language)


def bold(book: Any) -> Any:
    """How titles are written."""
    return book.add_format({"bold": True, "text_wrap": True, "valign": "top"})


def write_tables(book: Any, tables: Sequence[Sheet], *, language: str) -> None:
    """A worksheet for each table."""
    heavy, faint = bold(book), book.add_format({"font_color": "#5f6c7d"})
    formats = {kind: book.add_format({"num_format": shown}) for kind, shown in FORMATS.items()}
    for sheet in tables:
        _table(book.add_worksheet(said(sheet.title, language)[:31]), sheet, language, bold=heavy, faint=faint, formats=formats)


def _summary(page: Any, compared: Compared, *, language: str, bold: Any) -> None:
    before, after = (said(name, language) for name in compared.names)
    page.set_column(0, 0, 110)
    page.write_string(0, 0, f"{before} → {after}", bold)
    for row, sentence in enumerate(compared.sentences, start=2):
        page.write_string(row, 0, said(sentence, language))


def _table(page: Any, sheet: Sheet, language: str, *, bold: Any, faint: Any, formats: dict[str, Any]) -> None:
    page.freeze_panes(2, 0)
    for at, column in enumerate(sheet.columns):
        page.write_string(0, at, said(column.title, language), bold)
        page.write_string(1, at, column.unit or "", faint)
        page.set_column(at, at, 18 if column.kind == "text" else 12)
        for row, values in enumerate(sheet.rows, start=2):
            value = values[column.name]
            if value is None:
                continue
            if column.kind == "text":
                page.write_string(row, at, value)
            else:
                page.write_number(row, at, value, formats[column.kind])
    if sheet.rows:
        page.autofilter(1, 0, len(sheet.rows) + 1, len(sheet.columns) - 1)
