"""Tables for spreadsheets: UTF-8 with a mark, no cell read as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from chorsu.web.audit import guarded

Table = tuple[Sequence[object], Iterable[Sequence[object]]]
"""Head and rows."""


def table(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV file of this name to download."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([str(cell) for cell in head])
    for row in rows:
        writer.writerow(["" if cell is None else guarded(str(cell)) for cell in row])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer
