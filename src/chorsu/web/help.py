"""Help: one page for each kind of user."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

TOPICS: dict[str, str | Promise] = {
    "reading": _("Finding and reading"),
    "writing": _("Writing and publishing"),
    "translating": _("Translating"),
    "learning": _("Learning in a course"),
    "teaching": _("Teaching a cohort"),
    "training": _("Nominating, following, certifying"),
    "administering": _("Running a node"),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What there is help on."""
    return render(request, "help/index.html", {"topics": TOPICS})


@require_safe
def topic(request: HttpRequest, topic: str) -> HttpResponse:
    """One page of help."""
    if topic not in TOPICS:
        raise Http404
    context = {"topic": topic, "title": TOPICS[topic], "topics": TOPICS}
    return render(request, f"help/{topic}.html", context)
