"""Calendar feeds behind secret addresses: who has one reads when and where, and no names."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.formats.calendars import Meeting, calendar
from chorsu.training.queries.calendars import CalendarView, by_token
from chorsu.training.queries.cohorts import FORM_LABELS, SessionView
from chorsu.web.atom import absolute
from chorsu.web.locales import page_language


@require_safe
@conditional_page
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The sessions an address stands for, as iCalendar."""
    try:
        found = by_token(token)
    except NoSuchCohort:
        raise Http404 from None
    body = calendar(
        found.name or _("My training"),
        [_meeting(one, found) for one in found.sessions],
        zone=ZoneInfo(settings.TIME_ZONE),
        language=page_language().html_lang,
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="training.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response


def _meeting(one: SessionView, found: CalendarView) -> Meeting:
    page = absolute(reverse("cohort", args=[one.cohort_id]))
    about = [found.cohorts[one.cohort_id], str(FORM_LABELS[one.form]), one.group, page]
    cancelled_at = found.cancelled.get(one.cohort_id)
    return Meeting(
        uid=f"{one.id}@{settings.NODE_NAME}",
        title=one.title,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        place=one.place,
        link=one.link,
        about="\n".join(part for part in about if part),
        # That it is cancelled is one more change, after all others.
        number=one.changes + (cancelled_at is not None),
        changed_at=cancelled_at or one.changed_at,
        cancelled=cancelled_at is not None,
    )
