"""Messages to a cohort."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from chorsu.kernel.clock import utc_now
from chorsu.training.actions import messaging
from chorsu.training.queries.rosters import groups_of, messages_of
from chorsu.web.access import signed_in
from chorsu.web.cohorts.forms import MessageForm
from chorsu.web.cohorts.frame import frame
from chorsu.web.cohorts.guards import for_people, run_cohort


@for_people
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, cohort_id: UUID) -> HttpResponse:
    """What was written to the cohort; POST writes to it, or to a group of it."""
    view = run_cohort(request, cohort_id)
    form = MessageForm(request.POST or None, groups=groups_of(cohort_id))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            count = messaging.write(
                cohort_id=cohort_id,
                subject=said["subject"],
                text=said["text"],
                language=said["language"],
                group=said["group"],
                by=signed_in(request),
                now=utc_now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            text = ngettext(
                "The message goes to %(number)s person.",
                "The message goes to %(number)s people.",
                count,
            )
            messages.success(request, text % {"number": count})
            return redirect("cohort-messages", cohort_id)
    context = frame(request, view) | {"form": form, "sent": messages_of(cohort_id)}
    return render(request, "cohorts/messages.html", context, status=400 if form.errors else 200)
