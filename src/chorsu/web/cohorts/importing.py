"""Spreadsheets of a cohort and of people: upload, look, take in, undo."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.institutions.queries import institution
from chorsu.kernel.clock import utc_now
from chorsu.training.actions import importing as actions
from chorsu.training.actions.imports.rows import Checked, RowsRefused
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.formats.spreadsheets import UnreadableTable, read_table
from chorsu.training.queries.cohorts import CohortView, employers_of, session
from chorsu.training.queries.imports import ImportView, import_view
from chorsu.training.rules.rosters import (
    ATTENDANCE,
    COLUMNS,
    NEEDED,
    NOMINATIONS,
    PEOPLE,
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
        made = keep_upload(request, form, NEEDED, cohort_id=cohort_id)
        if made is not None:
            return redirect("import", made)
    context = frame(request, view) | {"form": form, "columns": column_names(NOMINATIONS, NEEDED)}
    return render(request, "cohorts/import.html", context, status=400 if form.errors else 200)


def column_names(columns: Sequence[str], needed: Sequence[str]) -> list[tuple[str, bool]]:
    """What columns are called in the page's language, and whether each is needed."""
    return [(str(COLUMNS[code]), code in needed) for code in columns]


def keep_upload(
    request: HttpRequest,
    form: UploadForm,
    needed: Sequence[str],
    *,
    cohort_id: UUID | None = None,
    institution_id: str | None = None,
    session_id: UUID | None = None,
) -> UUID | None:
    """Keep the spreadsheet of a valid form to look at, or put on the form why it can't be read."""
    file = form.cleaned_data["file"]
    try:
        table = read_table(file.read())
        records = as_records(table, head_of(table, needed))
    except UnreadableTable as trouble:
        form.add_error("file", table_trouble(trouble.code))
    except MissingColumns as missing:
        form.add_error("file", missing_columns(missing.codes))
    else:
        return actions.keep_table(
            file_name=file.name or "",
            records=records,
            by=signed_in(request),
            now=utc_now(),
            cohort_id=cohort_id,
            institution_id=institution_id,
            session_id=session_id,
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
            messages.success(request, _taken(shown, count) % {"number": count})
            return _back(shown)
    checked = actions.check(**asked, now=now)  # type: ignore[arg-type]
    template, context, view = _place(request, shown)
    columns = SHOWN if shown.cohort_id else PEOPLE if shown.institution_id else ATTENDANCE
    context |= {
        "shown": shown,
        "columns": [str(COLUMNS[code]) for code in columns],
        "rows": _rows(request, shown, checked, columns, view),
        "wrong": len(checked.wrong),
    }
    return render(request, template, context)


def _place(
    request: HttpRequest, shown: ImportView
) -> tuple[str, dict[str, object], CohortView | None]:
    """The page on which an import is looked at, with its frame; of nominations their cohort."""
    if shown.institution_id:
        place = institution(shown.institution_id)
        named = {"place": place, "place_name": place.name(page_language().tag)}
        return "people/import_preview.html", named, None
    if shown.session_id:
        held = session(shown.session_id)
        context = frame(request, shown_cohort(request, held.cohort_id))
        return "cohorts/session_import.html", context | {"session": held}, None
    if shown.cohort_id is None:
        raise NoSuchCohort(str(shown.id))
    view = shown_cohort(request, shown.cohort_id)
    return "cohorts/import_preview.html", frame(request, view), view


def _taken(shown: ImportView, count: int) -> str:
    if shown.institution_id:
        return ngettext("%(number)s person taken in.", "%(number)s people taken in.", count)
    if shown.session_id:
        return _("Taken from the file: %(number)s.")
    return ngettext("%(number)s person nominated.", "%(number)s people nominated.", count)


def _taken_back(shown: ImportView, count: int) -> str:
    if shown.institution_id:
        return ngettext(
            "Taken back: %(number)s person. Who has signed in meanwhile keeps the account.",
            "Taken back: %(number)s people. Who has signed in meanwhile keeps the account.",
            count,
        )
    if shown.session_id:
        return ngettext("%(number)s entry taken back.", "%(number)s entries taken back.", count)
    return ngettext(
        "%(number)s nomination taken back.", "%(number)s nominations taken back.", count
    )


def _back(shown: ImportView) -> HttpResponse:
    if shown.institution_id:
        return redirect("people", shown.institution_id)
    if shown.session_id:
        return redirect("session", shown.session_id)
    return redirect("cohort-roster", shown.cohort_id)


def _rows(
    request: HttpRequest,
    shown: ImportView,
    checked: Checked,
    columns: Sequence[str],
    view: CohortView | None,
) -> list[tuple[int, list[str], list[str]]]:
    """(line, cells, what is wrong), the wrong ones first."""
    titles = prerequisite_titles(request, view) if view else {}
    rules = view.rules if view else None
    said: dict[int, list[str]] = {line: list(texts) for line, texts in checked.messages.items()}
    for error in checked.errors:
        said.setdefault(error.line, []).append(row_error(error, rules, titles))
    rows = [
        (line, [record.get(code, "") for code in columns], said.get(line, []))
        for line, record in enumerate(shown.rows, 2)
    ]
    return sorted(rows, key=lambda row: (not row[2], row[0]))


@for_people
@require_POST
def undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take back an import, as far as nothing was decided or said since."""
    shown = import_view(import_id)
    count = actions.undo(import_id=import_id, by=signed_in(request), now=utc_now())
    messages.success(request, _taken_back(shown, count) % {"number": count})
    return _back(shown)


@for_people
@require_safe
def template(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """An empty spreadsheet with the right head, in the page's language."""
    view = shown_cohort(request, cohort_id)
    if not employers_of(signed_in(request), view.line.institution_id):
        raise PermissionDenied
    return empty_table(NOMINATIONS, "nominations")


def empty_table(columns: Sequence[str], name: str) -> HttpResponse:
    """A CSV file that holds a head in the page's language and nothing else."""
    out = io.StringIO()
    out.write("\ufeff")
    csv.writer(out).writerow(str(COLUMNS[code]) for code in columns)
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
