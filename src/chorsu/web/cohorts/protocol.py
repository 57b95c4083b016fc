"""The final protocol of a cohort: as a page, on paper in any of the languages, and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from chorsu.institutions.queries import institution
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import LANGUAGES, TAGS
from chorsu.kernel.transliteration import sort_key
from chorsu.training.documents.engine import NotPrintable
from chorsu.training.documents.protocol import render as render_pdf
from chorsu.training.queries.cohorts import EnrolmentState, cohort
from chorsu.training.queries.rosters import RosterLine, roster
from chorsu.training.rules.programmes import category_name
from chorsu.web.cohorts.csvs import table
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.cohorts.protocol_sheet import Unprintable, sheet_of, unprintable_in
from chorsu.web.errors import not_printable
from chorsu.web.locales import page_language
from chorsu.web.viewer import viewer_of


def lines_of(cohort_id: UUID) -> list[RosterLine]:
    """Those who hold a place, in the order of the protocol: that of the node's language, so that
    a row is the same one in each language it is printed in.
    """
    naming = sort_key(settings.NODE.text("node.language"))
    listed = [one for one in roster(cohort_id) if one.state in ("admitted", "passed", "failed")]
    return sorted(listed, key=lambda one: (naming(one.person.name), one.id))


@for_people
@require_safe
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The protocol as it is printed; before the cohort is finished, as a draft."""
    return _shown(request, cohort_id)


def _shown(
    request: HttpRequest, cohort_id: UUID, unprintable: Sequence[Unprintable] = ()
) -> HttpResponse:
    view = run_cohort(request, cohort_id)
    context = frame(request, view) | {
        "lines": lines_of(cohort_id),
        "institution": institution(view.line.institution_id).name(page_language().tag),
        "languages": LANGUAGES,
        "here": page_language().tag,
        "unprintable": unprintable,
    }
    status = 503 if unprintable else 200
    return render(request, "cohorts/protocol.html", context, status=status)


@for_people
@require_safe
def printed(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The protocol as PDF, to be signed; in the language asked for, else the page's."""
    run_cohort(request, cohort_id)
    tag = request.GET.get("language", page_language().tag)
    if tag not in TAGS:
        raise Http404
    view = cohort(cohort_id, (tag, *viewer_of(request).languages))
    sheet = sheet_of(view, lines_of(cohort_id), tag)
    try:
        made = render_pdf(sheet, view.finished_at or utc_now())
    except NotPrintable:
        found = unprintable_in(sheet)
        if not found:
            return not_printable(request, _("The protocol can't be printed now"))
        return _shown(request, cohort_id, found)
    name = content_disposition_header(
        as_attachment=True, filename=f"{_('Protocol')} {view.protocol_number}".strip() + ".pdf"
    )
    headers = {"Content-Disposition": name or "attachment", "Cache-Control": "private, no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


@for_people
@require_safe
def export(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The protocol as CSV."""
    run_cohort(request, cohort_id)
    here = page_language().tag
    states = dict(EnrolmentState.choices)
    head = (
        pgettext("protocol", "No."), _("Full name"), _("Employing body"),
        _("Number of the order"), _("Category of the position"), _("Group"),
        _("Percent"), _("Result"), _("Number of the document"),
    )  # fmt: skip
    rows = (
        (
            number, one.person.name, one.employer, one.document,
            category_name(one.category, here), one.group, one.percent, states[one.state],
            one.result_document,
        )
        for number, one in enumerate(lines_of(cohort_id), 1)
    )  # fmt: skip
    return table("protocol", head, rows)
