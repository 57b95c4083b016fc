"""Which learning systems may open a cohort, and whether they take its results."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chorsu.flows import arriving
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions.scores import try_again
from chorsu.tools.claims import Target
from chorsu.tools.queries.platforms import Sending, failed_lines, platforms, sendings
from chorsu.training.queries.learning import NothingToTeach, cohort_in_hand
from chorsu.web.access import signed_in
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort
from chorsu.web.viewer import viewer_of

MOST_SHOWN = 200
WHY: dict[str, Promise] = {
    "timeout": gettext_lazy("The learning system cannot be reached."),
    "unreachable": gettext_lazy("The learning system cannot be reached."),
    "private-address": gettext_lazy("Its address leads into a private network."),
    "no-access": gettext_lazy("The learning system gave this node no access."),
    "peer-forbids": gettext_lazy("The learning system refuses the result."),
    "peer-lacks": gettext_lazy("The learning system no longer has this column."),
}
OTHERWISE = gettext_lazy("The learning system answered with an error.")


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """The learning systems of this node; POST says which may open the cohort, or has what was not
    taken sent again.
    """
    view = run_cohort(request, cohort_id)
    if request.method == "POST":
        return _decide(request, cohort_id)
    state = sendings(cohort_id)
    nothing = Sending(0, 0, 0)
    rows = [
        (one, cohort_id in one.cohorts, state.get(one.id, nothing))
        for one in platforms()
        if one.active or cohort_id in one.cohorts
    ]
    failed = failed_lines(cohort_id, MOST_SHOWN)
    titles = _titles(request, cohort_id) if failed else {}
    context = frame(request, view) | {
        "rows": rows,
        "opened": any(opened for _one, opened, _state in rows),
        "address": arriving.address(Target(cohort_id).path),
        "failed": [
            (one, titles.get(one.unit, one.unit), WHY.get(one.trouble, OTHERWISE)) for one in failed
        ],
    }
    return render(request, "cohorts/platforms.html", context)


def _decide(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    now = utc_now()
    if "again" in request.POST:
        try_again(cohort_id=cohort_id, now=now)
        messages.success(request, _("The results are sent again within a minute."))
        return redirect("cohort-platforms", cohort_id)
    chosen = [int(one) for one in request.POST.getlist("platform") if one.isdecimal()]
    try:
        arriving.offer(cohort_id=cohort_id, platform_ids=chosen, by=signed_in(request), now=now)
    except PermissionError:
        raise PermissionDenied from None
    messages.success(request, _("Saved."))
    return redirect("cohort-platforms", cohort_id)


def _titles(request: HttpRequest, cohort_id: UUID) -> dict[str, str]:
    """Unit -> title in the reader's language."""
    try:
        course = cohort_in_hand(cohort_id, viewer_of(request).languages)
    except NothingToTeach:
        return {}
    units = [unit["key"] for module in course.facts["modules"] for unit in module["units"]]
    return {key: course.word(f"units.{key}.title")[0] for key in units}
