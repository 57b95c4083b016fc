"""Tables as people send them: CSV and XLSX read into rows of cells, all of them texts.

CSV is UTF-8, with comma, semicolon or tab (RFC 4180 otherwise); XLSX the first sheet. Nothing is
guessed: a file in an old encoding is refused, for names would come out wrong.
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime

from openpyxl import load_workbook

MAX_BYTES = 5_000_000
MAX_ROWS = 1000
MAX_COLUMNS = 50
MAX_CELL = 500
# Cells of a sheet lie compressed: what they unpack to is told before it is done.
MAX_UNPACKED = 50_000_000


class UnreadableTable(ValueError):  # noqa: N818 - says what is wrong
    """The file is no table that can be read; `code` is `empty`, `too_large`, `too_many_rows`,
    `encoding` or `not_a_table`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_table(data: bytes) -> list[list[str]]:
    """The rows that hold anything, as wide as what the first one names; raises `UnreadableTable`.

    Days and moments of a sheet become `2026-11-24`; whole numbers lose their `.0`.
    """
    if not data.strip():
        raise UnreadableTable("empty")
    if len(data) > MAX_BYTES:
        raise UnreadableTable("too_large")
    rows = _xlsx(data) if data.startswith(b"PK\x03\x04") else _csv(data)
    kept = [[cell.strip()[:MAX_CELL] for cell in row[:MAX_COLUMNS]] for row in rows]
    kept = [row for row in kept if any(row)]
    if not kept:
        raise UnreadableTable("empty")
    if len(kept) > MAX_ROWS + 1:
        raise UnreadableTable("too_many_rows")
    width = max((place for place, cell in enumerate(kept[0], 1) if cell), default=0)
    return [(row + [""] * width)[:width] for row in kept]


def _csv(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableTable("encoding") from None
    if "\x00" in text:
        raise UnreadableTable("not_a_table")
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(row)
            if len(rows) > 2 * MAX_ROWS:
                raise UnreadableTable("too_many_rows")
    except csv.Error:
        raise UnreadableTable("not_a_table") from None
    return rows


def _xlsx(data: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MAX_UNPACKED:
                raise UnreadableTable("too_large")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(max_row=2 * MAX_ROWS, max_col=MAX_COLUMNS, values_only=True)
            return [[_text(cell) for cell in row] for row in rows]
        finally:
            book.close()
    except UnreadableTable:
        raise
    except Exception:
        raise UnreadableTable("not_a_table") from None


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
