"""How long an institution keeps data on learners: seen, tried out and set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from chorsu.kernel.clock import utc_now
from chorsu.training.actions.retaining import check_periods, set_periods
from chorsu.training.queries.cohorts import officer_at
from chorsu.training.queries.retention import Period, papers_going, periods, run_out_in
from chorsu.web.access import signed_in
from chorsu.web.cohorts.guards import for_people, officer_place, today
from chorsu.web.labels import KEPT_LABELS
from chorsu.web.locales import format_number, page_language

MOST_MONTHS = 9_999
"""What the field takes at most; the bounds are those of the period."""


@dataclass(frozen=True, slots=True)
class Line:
    """How many rows of a kind the next night would delete: by what holds, and by what was typed."""

    label: str | Promise
    now: int
    then: int


class RetentionForm(forms.Form):
    """A number of months for each kind; empty: as where nothing is set."""

    def __init__(self, data: object, *, place_id: str, standing: Sequence[Period]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.place_id = place_id
        for one in standing:
            self.fields[one.what] = forms.IntegerField(
                label=str(KEPT_LABELS[one.what]),
                help_text=_hint(one),
                min_value=0,
                max_value=MOST_MONTHS,
                required=False,
                initial=one.months if one.own else None,
            )

    def clean(self) -> dict[str, int | None]:
        """Every period within its bounds, and results at least as long as what goes with them."""
        cleaned: dict[str, int | None] = super().clean() or {}
        check_periods(institution_id=self.place_id, months=cleaned)
        return cleaned


def kept_lines(institution_id: str) -> list[tuple[str | Promise, str]]:
    """What an institution keeps, and how long. One query."""
    return [(KEPT_LABELS[one.what], _months(one.months)) for one in periods(institution_id)]


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The periods; POST tries others out, and with `act=set` sets them."""
    place = officer_place(request)
    standing = periods(place.id)
    form = RetentionForm(request.POST or None, place_id=place.id, standing=standing)
    lines: list[Line] = []
    papers = 0
    if request.method == "POST" and form.is_valid():
        if request.POST.get("act") == "set":
            set_periods(
                institution_id=place.id,
                months=form.cleaned_data,
                by=signed_in(request),
                now=utc_now(),
            )
            messages.success(request, _("Saved. The next night deletes by these periods."))
            return redirect(f"{reverse('retention')}?institution={place.id}")
        held = {one.what: one.months if one.own else None for one in standing}
        now = run_out_in(place.id, held, today())
        then = run_out_in(place.id, form.cleaned_data, today())
        lines = [Line(KEPT_LABELS[what], now[what], count) for what, count in then.items()]
        papers = papers_going(place.id, form.cleaned_data, today())
    context = {
        "papers": papers,
        "place": place,
        "place_name": place.name(page_language().tag),
        "places": officer_at(signed_in(request)),
        "form": form,
        "lines": lines,
        "then": sum(one.then for one in lines),
    }
    return render(request, "cohorts/retention.html", context, status=400 if form.errors else 200)


def _hint(one: Period) -> str:
    """What holds and what may be set, in words."""
    least, most = _number(one.least), _number(one.most)
    bounds = (
        _("%(least)s to %(most)s") % {"least": least, "most": most}
        if one.most
        else _("%(least)s or more, 0 is without end") % {"least": least}
    )
    held = _months(one.months)
    text = (
        _("Kept now: %(held)s. May be set: %(bounds)s.")
        if one.own
        else _("Kept now: %(held)s, not set here. May be set: %(bounds)s.")
    )
    return text % {"held": held, "bounds": bounds}


def _months(months: int) -> str:
    if months == 0:
        return _("without end")
    text = ngettext("%(shown)s month", "%(shown)s months", months)
    return text % {"shown": _number(months)}


def _number(value: int) -> str:
    return format_number(value, page_language().tag)
