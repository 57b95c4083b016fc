"""Nominations from a spreadsheet: upload, look, take in, undo."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.kernel.clock import utc_now
from chorsu.training.actions import importing as actions
from chorsu.training.actions.importing import Checked, RowsRefused
from chorsu.training.formats.spreadsheets import UnreadableTable, read_table
from chorsu.training.queries.cohorts import CohortView, employers_of
from chorsu.training.queries.rosters import ImportView, import_view
from chorsu.training.rules.rosters import (
    COLUMNS,
    NEEDED,
    MissingColumns,
    as_records,
    head_of,
)
from chorsu.web.access import signed_in
from chorsu.web.cohorts.forms import UploadForm
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, shown_cohort, today
from chorsu.web.cohorts.sentences import missing_columns, row_error, table_trouble
from chorsu.web.cohorts.titles import prerequisite_titles
from chorsu.web.locales import page_language

SHOWN = ("email", "name", "employer", "document", "category", "appointed_on")


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """Choose a spreadsheet; what it holds is shown before anything is taken in."""
    view = shown_cohort(request, cohort_id)
    if not employers_of(signed_in(request), view.line.institution_id):
        raise PermissionDenied
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        made = _kept(request, cohort_id, form)
        if made is not None:
            return redirect("import", made)
    columns = [(str(name), code in NEEDED) for code, name in COLUMNS.items() if code != "state"]
    context = frame(request, view) | {"form": form, "columns": columns}
    return render(request, "cohorts/import.html", context, status=400 if form.errors else 200)


def _kept(request: HttpRequest, cohort_id: UUID, form: UploadForm) -> UUID | None:
    file = form.cleaned_data["file"]
    try:
        table = read_table(file.read())
        records = as_records(table, head_of(table, NEEDED))
    except UnreadableTable as trouble:
        form.add_error("file", table_trouble(trouble.code))
    except MissingColumns as missing:
        form.add_error("file", missing_columns(missing.codes))
    else:
        return actions.keep_table(
            cohort_id=cohort_id,
            file_name=file.name or "",
            records=records,
            by=signed_in(request),
            now=utc_now(),
        )
    return None


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What the spreadsheet would do, row by row; POST takes it in, whole or not at all."""
    shown = import_view(import_id)
    person, now = signed_in(request), utc_now()
    language = page_language().tag
    asked = {"import_id": import_id, "language": language, "by": person, "today": today()}
    if request.method == "POST":
        try:
            count = actions.take_in(**asked, now=now)  # type: ignore[arg-type]
        except RowsRefused:
            messages.error(request, _("Nothing was taken in: some rows are not right."))
        else:
            text = ngettext("%(number)s person nominated.", "%(number)s people nominated.", count)
            messages.success(request, text % {"number": count})
            return redirect("cohort-roster", shown.cohort_id)
    checked = actions.check(**asked, now=now)  # type: ignore[arg-type]
    view = shown_cohort(request, shown.cohort_id)
    context = frame(request, view) | {
        "shown": shown,
        "columns": [str(COLUMNS[code]) for code in SHOWN],
        "rows": _rows(request, shown, checked, view),
        "wrong": len(checked.wrong),
    }
    return render(request, "cohorts/import_preview.html", context)


def _rows(
    request: HttpRequest, shown: ImportView, checked: Checked, view: CohortView
) -> list[tuple[int, list[str], list[str]]]:
    """(line, cells, what is wrong), the wrong ones first."""
    titles = prerequisite_titles(request, view)
    said: dict[int, list[str]] = {line: list(texts) for line, texts in checked.messages.items()}
    for error in checked.errors:
        said.setdefault(error.line, []).append(row_error(error, view.rules, titles))
    rows = [
        (line, [record.get(code, "") for code in SHOWN], said.get(line, []))
        for line, record in enumerate(shown.rows, 2)
    ]
    return sorted(rows, key=lambda row: (not row[2], row[0]))


@for_people
@require_POST
def undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take back an import while nothing was decided about its people."""
    shown = import_view(import_id)
    count = actions.undo(import_id=import_id, by=signed_in(request), now=utc_now())
    text = ngettext(
        "%(number)s nomination taken back.", "%(number)s nominations taken back.", count
    )
    messages.success(request, text % {"number": count})
    return redirect("cohort-roster", shown.cohort_id)


@for_people
@require_safe
def template(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """An empty spreadsheet with the right head, in the page's language."""
    view = shown_cohort(request, cohort_id)
    if not employers_of(signed_in(request), view.line.institution_id):
        raise PermissionDenied
    out = io.StringIO()
    out.write("\ufeff")
    csv.writer(out).writerow(str(name) for code, name in COLUMNS.items() if code != "state")
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="nominations.csv"'
    return answer
